/** What every command loads before it knows its verb: little, so that `latchkey --version` is there at once. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";

const STATIC_IMPORT = /^(?:import|export)(?! type\b)(?:[^;"']*?\bfrom)?\s*"([^"]+)"/gm;

/** Adds the packages that a file and those that it imports load at once. */
function collect(file: string, packages: Set<string>, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return packages;
  seen.add(file);
  for (const [, specifier = ""] of readFileSync(file, "utf8").matchAll(STATIC_IMPORT))
    if (specifier.startsWith("."))
      collect(join(dirname(file), specifier.replace(/\.js$/, ".ts")), packages, seen);
    else if (!specifier.startsWith("node:")) packages.add(specifier);
  return packages;
}

it("is the parser of the command line, four small files of other packages, and no more; a verb loads what it needs", () => {
  const packages = collect(join(import.meta.dirname, "main.ts"), new Set());
  expect([...packages].sort()).toEqual([
    "@latchkey/core/loopback",
    "@latchkey/observe/private-files",
    "@latchkey/observe/release",
    "@latchkey/observe/terminal-text",
    "commander",
  ]);
});
