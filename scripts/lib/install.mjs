// Installs what is missing: compares package-lock.json with what is in node_modules and runs `npm ci` when they differ.
// Plain Node.js without dependencies, because it runs before there are any.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { note, root, run } from "./shell.mjs";

const MINIMUM = [20, 19];
const stampFile = join(root, "node_modules", ".latchkey-node-abi");

/** Fails with one clear line on a Node.js that is too old. */
function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1])) return;
  note(`Latchkey needs Node.js ${MINIMUM.join(".")} or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

/** Why an installation is needed, or null. */
function missing() {
  const installedFile = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(installedFile)) return "nothing is installed yet";
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const installed = JSON.parse(readFileSync(installedFile, "utf8")).packages;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === "" || entry.link || entry.optional || entry.devOptional || !path.startsWith("node_modules/"))
      continue;
    if (installed[path]?.version !== entry.version || !existsSync(join(root, path))) {
      return `${path.slice("node_modules/".length)} is not at ${entry.version}`;
    }
  }
  for (const path of Object.keys(wanted)) {
    if (path.startsWith("packages/") && !path.includes("node_modules") && existsSync(join(root, path))) {
      if (!existsSync(join(root, "node_modules", wanted[path].name)))
        return `${wanted[path].name} is not linked`;
    }
  }
  const abi = existsSync(stampFile) ? readFileSync(stampFile, "utf8") : process.versions.modules;
  if (abi !== process.versions.modules) return `native modules were built for another Node.js`;
  return nativeProblem();
}

/** better-sqlite3 is compiled on installation; an installation without scripts leaves it out. */
function nativeProblem() {
  const require = createRequire(join(root, "packages", "control-plane", "package.json"));
  try {
    const Database = require("better-sqlite3");
    new Database(":memory:").close();
    return null;
  } catch {
    return "better-sqlite3 has no binary for this Node.js";
  }
}

/** Gives what is still being done when it returns: only what runs needs it, not what is built. */
export async function ensureInstalled() {
  checkNode();
  const reason = missing();
  if (reason === null) return { compiled: Promise.resolve() };
  note(`Installing dependencies (${reason}); the first time takes a few minutes …`);
  await npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
  // The only package whose script may run (allowScripts): SQLite is one large file, which one core compiles for a minute.
  return { compiled: npm(["rebuild", "better-sqlite3", "--loglevel=error"]).then(checkNative) };
}

async function npm(args) {
  const code = await run("npm", args, { shell: process.platform === "win32" });
  if (code === 0) return;
  note(`npm ${args[0]} failed with ${code}. Mend what it said above and run the command again.`);
  process.exit(1);
}

function checkNative() {
  const problem = nativeProblem();
  if (problem !== null) {
    note(`${problem}: it is compiled on installation and needs python3, make and a C++ compiler there.`);
    process.exit(1);
  }
  writeFileSync(stampFile, process.versions.modules);
}
