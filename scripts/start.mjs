// `npm start`: installs what is missing, builds, and runs everything on loopback (`latchkey dev`).
import { spawn } from "node:child_process";
import { join } from "node:path";
import { build } from "./build.mjs";
import { root } from "./lib/shell.mjs";

await build();

const command = join(root, "packages", "cli", "bin", "latchkey.js");
// A group of its own, so that every signal comes through here. A terminal's Ctrl-C arrives twice, from the terminal and
// from npm, and a second one would end what drains; a person's second one comes later.
const SAME_SIGNAL_MS = 300;
const child = spawn(process.execPath, [command, "dev", ...process.argv.slice(2)], {
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
