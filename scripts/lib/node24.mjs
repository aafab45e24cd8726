// A Node.js 24 for tests, from the npm registry, and a better-sqlite3 that is compiled for it. Both lie in test-output/node24;
// node_modules stays as it is.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { root, runStep, StepError, step } from "./shell.mjs";

const folder = join(root, "test-output", "node24");
const platform = `node-${process.platform}-${process.arch}`;
const home = join(folder, "node_modules", platform);
const addon = join(folder, "node_modules", "better-sqlite3", "build", "Release");
const binary = join(addon, "better_sqlite3.node");
const stamp = join(folder, "compiled");
const path = `${join(home, "bin")}${delimiter}${process.env.PATH}`;

/** Where a test runner finds Node.js 24, and the environment that has its processes load the better-sqlite3 compiled for it. */
export const node24 = {
  command: join(home, "bin", "node"),
  env: {
    PATH: path,
    NODE_OPTIONS: `--require ${join(root, "scripts", "lib", "native-addons.cjs")}`,
    LATCHKEY_NATIVE_ADDONS: addon,
    LATCHKEY_TEST_PREBUILT: "1",
  },
};

function wantedVersion() {
  const manifest = join(root, "node_modules", "better-sqlite3", "package.json");
  return JSON.parse(readFileSync(manifest, "utf8")).version;
}

/** Whether both are there, better-sqlite3 in the version that node_modules has. */
export function isNode24There() {
  return existsSync(binary) && existsSync(stamp) && readFileSync(stamp, "utf8") === wantedVersion();
}

/** Installs Node.js 24 with its headers, and better-sqlite3 of the version that node_modules has, where they are not there yet. */
export async function ensureNode24() {
  if (isNode24There()) return;
  const version = wantedVersion();
  mkdirSync(folder, { recursive: true });
  // A manifest of its own: npm would take the folder for a part of the workspace.
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const npm = (args, env) => runStep("npm", [...args, "--loglevel=error"], { cwd: folder, env });
  await step("getting Node.js 24", async () => {
    const quiet = ["--no-audit", "--no-fund", "--no-package-lock", "--no-save", "--ignore-scripts"];
    await npm(["install", ...quiet, `${platform}@24`, `better-sqlite3@${version}`], process.env);
    return "Node.js 24 is there";
  });
  await step("compiling better-sqlite3 for Node.js 24", async () => {
    await npm(["rebuild", "better-sqlite3"], {
      ...process.env,
      PATH: path,
      npm_config_nodedir: home,
      npm_config_build_from_source: "true",
      // Tests need no speed of it; the optimizer takes most of the time that compiling takes.
      CFLAGS: "-O0",
      CXXFLAGS: "-O0",
    });
    if (!existsSync(binary)) throw new StepError(`npm rebuild made no ${binary}`);
    writeFileSync(stamp, version);
    return "better-sqlite3 is compiled for Node.js 24";
  });
}
