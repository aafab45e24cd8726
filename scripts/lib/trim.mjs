// Deletes from node_modules what no build and no process reads: a fifth of what is downloaded is source maps and second copies.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Folders by package: builds that are not imported, and pictures that are in another package as code too. */
const UNREAD = [
  "monaco-editor/dev",
  "monaco-editor/min",
  "monaco-editor/min-maps",
  "@tabler/icons/icons",
  "@tabler/icons/categories",
];
const MAP = /\.map$/;

export function trim(nodeModules) {
  for (const path of UNREAD) rmSync(join(nodeModules, path), { recursive: true, force: true });
  if (!existsSync(nodeModules)) return;
  for (const entry of readdirSync(nodeModules, { recursive: true, withFileTypes: true })) {
    // A link leads to a workspace, which is not ours to trim.
    if (entry.isFile() && MAP.test(entry.name)) rmSync(join(entry.parentPath ?? entry.path, entry.name));
  }
}
