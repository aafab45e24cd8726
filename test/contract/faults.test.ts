/** Holds docs/failure-modes.md to the fault suite: each row of a test has its figure there, beside the test's file, and no other has. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const folder = join(root, "test/fault");

/** `row file`, in order, each once; rows are `1, 2` where one test covers several. */
function pairs(found: Iterable<readonly [rows: string, file: string]>): readonly string[] {
  const all = [...found].flatMap(([rows, file]) => rows.split(", ").map((row) => `${row} ${file}`));
  return [...new Set(all)].sort();
}

it("has a figure for each row of the fault suite, and for no other", () => {
  const page = readFileSync(join(root, "docs/failure-modes.md"), "utf8");
  const documented = pairs(
    [...page.matchAll(/^\| (\d+(?:, \d+)*) \| .+ \| `([a-z-]+)` \| .+ \|$/gm)].map(
      ([, rows = "", file = ""]) => [rows, file],
    ),
  );
  const tested = pairs(
    readdirSync(folder)
      .filter((file) => file.endsWith(".e2e.ts"))
      .flatMap((file) => {
        const calls = readFileSync(join(folder, file), "utf8").matchAll(/\brow: "([^"]+)"/g);
        return [...calls].map(([, rows = ""]) => [rows, file.split(".")[0] ?? ""] as const);
      }),
  );
  expect(documented).toEqual(tested);
  expect(tested.length).toBeGreaterThan(80);
});
