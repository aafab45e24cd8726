// Installs what is missing: compares package-lock.json with what is in node_modules and asks npm for the rest.
// Plain Node.js without dependencies, because it runs before there are any.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { neededPaths } from "./dependencies.mjs";
import { lockInstallation } from "./install-lock.mjs";
import { checkNode } from "./preflight.mjs";
import { root, runStep, StepError, step } from "./shell.mjs";
import { trim, trimCompiled } from "./trim.mjs";

/** `start`: what builds and runs. `all`: also what checks, tests and measures, which the workspaces test and bench own. */
export const SETS = {
  start: {
    isWorkspace: (path) => path === "" || path.startsWith("packages/"),
    npmArgs: ["--workspace=packages", "--include-workspace-root"],
  },
  all: { isWorkspace: () => true, npmArgs: [] },
};

const installedLock = join(root, "node_modules", ".package-lock.json");
/** Outside node_modules, which `npm ci` deletes. */
const lockFile = join(root, ".installing");
const stampFile = join(root, "node_modules", ".latchkey-node-abi");

const packagesOf = (file) => JSON.parse(readFileSync(file, "utf8")).packages;

/** Why npm has to install, or null. */
function missing(set) {
  if (!existsSync(installedLock)) return "nothing is installed yet";
  const wanted = packagesOf(join(root, "package-lock.json"));
  const installed = packagesOf(installedLock);
  const workspaces = Object.keys(wanted).filter(
    (path) => !/(^|\/)node_modules\//.test(path) && SETS[set].isWorkspace(path),
  );
  for (const path of neededPaths(wanted, workspaces)) {
    const { link, version, optional, devOptional } = wanted[path];
    if (optional || devOptional || !/(^|\/)node_modules\//.test(path)) continue;
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    if (!existsSync(join(root, path))) return `${name} is missing`;
    if (!link && installed[path]?.version !== version) return `${name} is not at ${version}`;
  }
  for (const path of workspaces.filter((one) => one.startsWith("packages/"))) {
    if (existsSync(join(root, path)) && !existsSync(join(root, "node_modules", wanted[path].name)))
      return `${wanted[path].name} is not linked`;
  }
  return null;
}

/** Why better-sqlite3 has to be compiled, or null. Its binary is for one Node.js, and an installation without scripts has none. */
function nativeProblem() {
  const abi = existsSync(stampFile) ? readFileSync(stampFile, "utf8") : process.versions.modules;
  if (abi !== process.versions.modules) return "better-sqlite3 was compiled for another Node.js";
  const require = createRequire(join(root, "packages", "control-plane", "package.json"));
  try {
    const Database = require("better-sqlite3");
    new Database(":memory:").close();
    return null;
  } catch {
    return "better-sqlite3 has no binary for this Node.js";
  }
}

/**
 * Resolves once packages are there, with what is still being done then: only what runs needs it, not what is built.
 * @param set `start` or `all`
 */
export async function ensureInstalled(set) {
  checkNode();
  const reason = missing(set);
  if (reason !== null)
    await step(`installing dependencies (${reason})`, async () => {
      lockInstallation(lockFile);
      // `npm ci` starts from an empty folder; the other one adds what is missing and keeps what is compiled.
      const isFirst = !existsSync(installedLock);
      await npmFromCache([
        ...(isFirst ? ["ci"] : ["install", "--no-save"]),
        "--ignore-scripts",
        ...SETS[set].npmArgs,
      ]);
      trim(join(root, "node_modules"));
      return "dependencies are installed";
    });
  if (nativeProblem() === null) return { compiled: Promise.resolve() };
  return { compiled: step("installing better-sqlite3", installNative) };
}

/**
 * The only package whose script may run (allowScripts): it downloads a binary, and compiles one where there is none. SQLite is one
 * large file, which one core compiles for a minute.
 */
async function installNative() {
  // SQLite at -O2, as Debian builds it: -O3, which its package asks for, takes 1.6 times as long. A user's own flags win.
  const { CFLAGS = "-O2" } = process.env;
  await npm(["rebuild", "better-sqlite3"], { ...process.env, CFLAGS });
  writeFileSync(stampFile, process.versions.modules);
  const problem = nativeProblem();
  if (problem !== null)
    throw new StepError(`${problem}: compiling it needs Python 3, make and a C++ compiler on this machine`);
  const isCompiled = trimCompiled(join(root, "node_modules"));
  return `better-sqlite3 is ${isCompiled ? "compiled" : "downloaded"}`;
}

/**
 * package-lock.json says which version, so what npm's cache knows of a package need not be asked for again: a fifth of the time. A cache
 * from before that version was published does not have it; then npm asks the registry.
 */
async function npmFromCache(args) {
  try {
    await npm([...args, "--prefer-offline"]);
  } catch (error) {
    if (!(error instanceof StepError) || !error.output.includes("ETARGET")) throw error;
    await npm(args);
  }
}

async function npm(args, env = process.env) {
  await runStep("npm", [...args, "--no-audit", "--no-fund", "--loglevel=error"], {
    env,
    shell: process.platform === "win32",
  });
}
