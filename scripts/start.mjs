// `npm start`: installs what is missing, builds, and runs everything on loopback (`latchkey dev`).
import { spawn } from "node:child_process";
import { join } from "node:path";
import { build } from "./build.mjs";
import { root } from "./lib/shell.mjs";

await build();

const command = join(root, "packages", "cli", "bin", "latchkey.js");
const child = spawn(process.execPath, [command, "dev", ...process.argv.slice(2)], { stdio: "inherit" });

// The terminal sends Ctrl-C to the whole group; a plain kill reaches only this process, so it is handed on.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  });
}
child.on("exit", (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
