/**
 * No circle of files in the import graph, type imports included: a file can then be read, moved and tested after those
 * it imports.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";

type ImportGraph = ReadonlyMap<string, readonly string[]>;

const root = join(import.meta.dirname, "../../packages");

function sourcesOf(name: string): Map<string, string> {
  const folder = join(root, name, "src");
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(files.map((file) => [relative(folder, file), readFileSync(file, "utf8")]));
}

/** Path → paths of the files of the same package that it imports, also by `import type` and `import()`. */
function importGraph(sources: ReadonlyMap<string, string>): ImportGraph {
  return new Map(
    [...sources].map(([path, text]) => [
      path,
      ts
        .preProcessFile(text, true, true)
        .importedFiles.filter(({ fileName }) => fileName.startsWith("."))
        .flatMap(({ fileName }) => {
          const base = join(dirname(path), fileName).replace(/\.jsx?$/, "");
          const candidates = [`${base}.ts`, `${base}.tsx`, join(base, "index.ts"), join(base, "index.tsx")];
          return candidates.find((candidate) => sources.has(candidate)) ?? [];
        }),
    ]),
  );
}

/** Sets of files that reach each other by imports (Tarjan's strongly connected components of two or more). */
function circlesOf(graph: ImportGraph): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const path: string[] = [];
  const onPath = new Set<string>();
  const circles: string[][] = [];
  const visit = (file: string): number => {
    const index = order.size;
    order.set(file, index);
    let low = index;
    path.push(file);
    onPath.add(file);
    const imports = graph.get(file) ?? [];
    for (const imported of imports) {
      if (!order.has(imported)) low = Math.min(low, visit(imported));
      else if (onPath.has(imported)) low = Math.min(low, lowest.get(imported) ?? order.get(imported) ?? 0);
    }
    lowest.set(file, low);
    if (low === index) {
      const circle = path.splice(path.indexOf(file));
      for (const member of circle) onPath.delete(member);
      if (circle.length > 1 || imports.includes(file)) circles.push(circle.sort());
    }
    return low;
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return circles;
}

describe("import circles", () => {
  it("are found across folders, by type imports and by import()", () => {
    const graph = importGraph(
      new Map([
        ["a.ts", 'import type { B } from "./b/b.js";'],
        ["b/b.ts", 'export { c } from "./c.js";'],
        ["b/c.tsx", 'const a = await import("../a.js");'],
        ["d.ts", 'import "./a.js"; import { e } from "./e";'],
        ["e.ts", 'import "node:fs";'],
      ]),
    );
    expect(circlesOf(graph)).toEqual([["a.ts", "b/b.ts", "b/c.tsx"]]);
  });

  it.each(readdirSync(root))("%s has none", (name) => {
    expect(circlesOf(importGraph(sourcesOf(name)))).toEqual([]);
  });
});
