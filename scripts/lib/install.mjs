// Installs what is missing: compares package-lock.json with what is in node_modules and runs `npm ci` when they differ.
// Plain Node.js without dependencies, because it runs before there are any.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { note, root } from "./shell.mjs";

const MINIMUM = [20, 19];
const stampFile = join(root, "node_modules", ".latchkey-node-abi");

/** Fails with one clear line on a Node.js that is too old. */
export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1])) return;
  note(`Latchkey needs Node.js ${MINIMUM.join(".")} or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

/** Why an installation is needed, or null. */
export function missing() {
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

export function ensureInstalled() {
  checkNode();
  const reason = missing();
  if (reason === null) return;
  note(`Installing dependencies (${reason}); the first time takes a few minutes …`);
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    // node-gyp compiles on one core unless told otherwise.
    env: { JOBS: "max", ...process.env },
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (npm.status !== 0) {
    note(
      `npm ci failed with ${npm.status ?? npm.signal}. Mend what it said above and run the command again.`,
    );
    process.exit(1);
  }
  const native = nativeProblem();
  if (native !== null) {
    note(`${native}: it is compiled on installation and needs python3, make and a C++ compiler there.`);
    process.exit(1);
  }
  writeFileSync(stampFile, process.versions.modules);
}
