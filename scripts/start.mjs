// `npm start`: installs what is missing, builds, and runs everything on loopback (`latchkey dev`).
import { spawn } from "node:child_process";
import { join } from "node:path";
import { build } from "./build.mjs";
import { readDevOptions } from "./lib/dev-options.mjs";
import { checkMachine, checkNode } from "./lib/preflight.mjs";
import { root, step } from "./lib/shell.mjs";

/** The command, with all that it bundles, and the pages that it serves. Other packages are built to be tested and published. */
const RUNNING = ["cli", "console", "control-plane"];

const args = process.argv.slice(2);
checkNode();
const options = readDevOptions(args);
await step("checking this machine", async () => {
  await checkMachine(options);
  return `Node.js ${process.versions.node}, ports, data folder and disk are fine`;
});
await build({ set: "start", names: RUNNING });

const command = join(root, "packages", "cli", "bin", "latchkey.js");
// A group of its own, so that every signal comes through here. A terminal's Ctrl-C arrives twice, from the terminal and
// from npm, and a second one would end what drains; a person's second one comes later.
const SAME_SIGNAL_MS = 300;
const child = spawn(process.execPath, [command, "dev", ...args], {
  stdio: "inherit",
  detached: process.platform !== "win32",
});

let handedOnAt = Number.NEGATIVE_INFINITY;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    const now = performance.now();
    if (now - handedOnAt < SAME_SIGNAL_MS) return;
    handedOnAt = now;
    child.kill(signal);
  });
}
child.on("exit", (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
