// `npm run conformance`: builds what is out of date, then runs the suite from its sources.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { build } from "../../scripts/build.mjs";
import { bin } from "../../scripts/lib/shell.mjs";

await build();
const main = fileURLToPath(new URL("./main.ts", import.meta.url));
const child = spawn(bin("tsx"), [main, ...process.argv.slice(2)], { stdio: "inherit" });
child.on("exit", (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
