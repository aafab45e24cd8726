/** A component of the console is read in one screen or two: at most 120 lines. What grows beyond that is split by what it shows. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, it } from "vitest";

const LINES_MAX = 120;
const root = join(import.meta.dirname, "../../packages/console/src");

it("no function of the console's components has more than 120 lines", () => {
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".tsx"),
  );
  expect(files.length).toBeGreaterThan(100);
  expect(files.flatMap(longFunctions)).toEqual([]);
});

function longFunctions(file: string): readonly string[] {
  const text = readFileSync(join(root, file), "utf8");
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const lineOf = (offset: number) => source.getLineAndCharacterOfPosition(offset).line;
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const lines = lineOf(node.end) - lineOf(node.getStart()) + 1;
    if (ts.isFunctionLike(node) && lines > LINES_MAX) found.push(`${file}: ${lines} lines`);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
