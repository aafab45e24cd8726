// `npm run test:node24`: unit tests, and the conformance suite with both ways to write to sockets, on Node.js 24. Arguments go to
// Vitest in place of these (`npm run test:node24 -- --project unit packages/core`). Gets Node.js 24 from the npm registry and compiles
// better-sqlite3 for it in a folder of its own; node_modules stays as it is. Takes some minutes the first time.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { build } from "./build.mjs";
import { note, root, run } from "./lib/shell.mjs";

const folder = join(root, "test-output", "node24");
const home = join(folder, "node_modules", `node-${process.platform}-${process.arch}`);
const node = join(home, "bin", "node");
const addon = join(folder, "node_modules", "better-sqlite3", "build", "Release");
const stamp = join(folder, "compiled");

const path = `${join(home, "bin")}${delimiter}${process.env.PATH}`;

async function must(command, args, options) {
  const code = await run(command, args, options);
  if (code === 0) return;
  note(`${command} ${args[0]} failed with ${code}; what is wrong stands above.`);
  process.exit(1);
}

/** Node.js 24 with its headers, and better-sqlite3 of the version that node_modules has. */
async function prepare() {
  const manifest = join(root, "node_modules", "better-sqlite3", "package.json");
  const { version } = JSON.parse(readFileSync(manifest, "utf8"));
  const file = join(addon, "better_sqlite3.node");
  if (existsSync(file) && existsSync(stamp) && readFileSync(stamp, "utf8") === version) return;
  mkdirSync(folder, { recursive: true });
  // A manifest of its own: npm would take the folder for a part of the workspace.
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const packages = [`node-${process.platform}-${process.arch}@24`, `better-sqlite3@${version}`];
  const quiet = ["--no-audit", "--no-fund", "--no-package-lock", "--no-save", "--loglevel=error"];
  note(`Getting ${packages.join(" and ")} …`);
  await must("npm", ["install", "--prefix", folder, "--ignore-scripts", ...quiet, ...packages], {
    cwd: folder,
  });
  note("Compiling better-sqlite3 for Node.js 24 …");
  const env = { ...process.env, PATH: path, npm_config_nodedir: home, npm_config_build_from_source: "true" };
  await must("npm", ["rebuild", "--prefix", folder, "better-sqlite3", "--loglevel=error"], {
    cwd: folder,
    env,
  });
  if (!existsSync(file)) {
    note(`npm rebuild made no ${file}.`);
    process.exit(1);
  }
  writeFileSync(stamp, version);
}

await build();
await prepare();

const env = {
  ...process.env,
  PATH: path,
  NODE_OPTIONS: `--require ${join(root, "scripts", "lib", "native-addons.cjs")}`,
  LATCHKEY_NATIVE_ADDONS: addon,
  LATCHKEY_TEST_PREBUILT: "1",
};
const conformance = ["--project", "e2e", "test/conformance/"];
const given = process.argv.slice(2);
const runs =
  given.length > 0
    ? [{ args: given, io: undefined }]
    : [
        { args: ["--project", "unit", "--project", "portable"], io: undefined },
        { args: conformance, io: undefined },
        { args: conformance, io: "portable" },
      ];
let failed = 0;
for (const { args, io } of runs) {
  const own = io === undefined ? env : { ...env, LATCHKEY_INGRESS_IO: io };
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  if ((await run(node, [vitest, "run", ...args], { env: own })) !== 0) failed += 1;
}
note(
  failed === 0 ? "Node.js 24: everything passed." : `Node.js 24: ${failed} of ${runs.length} runs failed.`,
);
process.exit(failed === 0 ? 0 : 1);
