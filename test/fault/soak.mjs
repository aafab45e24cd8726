// Builds what is out of date, then runs the soak from its source.
import { fileURLToPath } from "node:url";
import { build } from "../../scripts/build.mjs";
import { bin, run } from "../../scripts/lib/shell.mjs";

await build();
const main = fileURLToPath(new URL("./soak.ts", import.meta.url));
process.exit(await run(bin("tsx"), [main, ...process.argv.slice(2)], { stdio: "inherit" }));
