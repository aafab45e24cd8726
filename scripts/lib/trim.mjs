// Deletes from node_modules what no build and no process reads: a fifth of what is downloaded is source maps and second copies.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Folders by package: builds that are not imported. */
const UNREAD = ["monaco-editor/dev", "monaco-editor/min", "monaco-editor/min-maps"];
/** Builds for the newest browsers, of OpenTelemetry's packages: Node.js reads those beside them. */
const ESNEXT = "esnext";
const MAP = /\.map$/;

export function trim(nodeModules) {
  for (const path of UNREAD) rmSync(join(nodeModules, path), { recursive: true, force: true });
  if (!existsSync(nodeModules)) return;
  trimFolder(nodeModules);
}

/** What the compiler of better-sqlite3 leaves beside its binary: objects, archives, and a copy of SQLite's source. */
const COMPILED = "better-sqlite3/build/Release";
const BINARY = "better_sqlite3.node";

/** Whether there was anything: beside a binary that was downloaded there is nothing. */
export function trimCompiled(nodeModules) {
  const folder = join(nodeModules, COMPILED);
  const left = readdirSync(folder).filter((name) => name !== BINARY);
  for (const name of left) rmSync(join(folder, name), { recursive: true });
  return left.length > 0;
}

/** Not `readdirSync(…, { recursive: true })`, which follows links on Node.js 24: they lead to workspaces, which are not ours to trim. */
function trimFolder(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name === ESNEXT) rmSync(path, { recursive: true });
      else trimFolder(path);
    } else if (entry.isFile() && MAP.test(entry.name)) rmSync(path);
  }
}
