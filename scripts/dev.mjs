// `npm run dev`: `latchkey dev` from the sources, started again when one changes, and Vite for the console. Ctrl-C ends both.
// Options are those of `latchkey dev`. Threads (import, export and validation of documents) run what was built at the start.
import { spawn } from "node:child_process";
import { existsSync, readdirSync, watch } from "node:fs";
import { join, relative } from "node:path";
import { build } from "./build.mjs";
import { readDevOptions } from "./lib/dev-options.mjs";
import { bin, note, root } from "./lib/shell.mjs";

const SETTLE_MS = 200;
const STOP_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

const command = join(root, "packages", "cli", "bin", "latchkey.js");
const args = process.argv.slice(2);
const options = readDevOptions(args);
const sourceArgs = ["--conditions=@latchkey/source", "--import", "tsx", command, "dev", ...args];
const env = {
  ...process.env,
  // tsx reads one configuration for all packages; the control plane's has decorators.
  TSX_TSCONFIG_PATH: join(root, "packages", "control-plane", "tsconfig.json"),
  LATCHKEY_CONSOLE_BACKEND: `http://127.0.0.1:${options["graphql-port"]}`,
};

await build();

/** Vite reloads the console by itself. */
const sources = readdirSync(join(root, "packages"))
  .filter((name) => name !== "console")
  .map((name) => join(root, "packages", name, "src"))
  .filter((folder) => existsSync(folder));

let isStopping = false;
let backend = start(process.execPath, sourceArgs);
const vite = start(bin("vite"), ["--clearScreen", "false"], join(root, "packages", "console"));

let changed = null;
for (const folder of sources) {
  watch(folder, { recursive: true }, (_event, name) => {
    if (name === null || !name.endsWith(".ts") || name.endsWith(".test.ts")) return;
    clearTimeout(changed);
    changed = setTimeout(() => restart(relative(root, join(folder, name))), SETTLE_MS);
  });
}

for (const signal of STOP_SIGNALS) process.on(signal, () => void stop());
vite.on("exit", () => void stop());

/** Children have groups of their own: a Ctrl-C reaches only this process, which then ends them in order. */
function start(program, args, cwd = root) {
  return spawn(program, args, { cwd, env, stdio: ["ignore", "inherit", "inherit"], detached: true });
}

function ended(child) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  child.kill("SIGTERM");
  return new Promise((done) => child.once("exit", done));
}

let isRestarting = false;
async function restart(file) {
  if (isStopping || isRestarting) return;
  isRestarting = true;
  note(`${file} has changed: starting again …`);
  await ended(backend);
  isRestarting = false;
  if (!isStopping) backend = start(process.execPath, sourceArgs);
}

async function stop() {
  if (isStopping) return;
  isStopping = true;
  await Promise.all([ended(vite), ended(backend)]);
  process.exit(0);
}
