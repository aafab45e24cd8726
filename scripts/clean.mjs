// `npm run clean`: removes what was built, so that the next start builds everything. Keeps node_modules, data and test output.
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "./lib/shell.mjs";

const packages = readdirSync(join(root, "packages")).map((name) => join(root, "packages", name));
for (const folder of [root, ...packages]) {
  for (const built of ["dist", ".turbo"]) rmSync(join(folder, built), { recursive: true, force: true });
}
rmSync(join(root, "node_modules", ".cache"), { recursive: true, force: true });
