/** Sources and tests have at most 400 lines. A longer file says why in its header: "Over 400 lines because …". */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const LINES_MAX = 400;
const REASON = "Over 400 lines because";
/** Where the header of a file ends at the latest. */
const HEADER_CHARS = 600;
const root = join(import.meta.dirname, "../..");

it("no file of code has more than 400 lines without its reason", () => {
  const files = execFileSync("git", ["ls-files", "packages", "test", "bench", "scripts"], { cwd: root })
    .toString()
    .split("\n")
    .filter((file) => /\.(?:ts|tsx|mjs)$/.test(file) && !file.includes("/gen/"));
  expect(files.length).toBeGreaterThan(1_000);
  expect(files.flatMap(tooLong)).toEqual([]);
});

function tooLong(file: string): readonly string[] {
  const text = readFileSync(join(root, file), "utf8");
  const lines = text.split("\n").length - 1;
  const isAllowed =
    lines <= LINES_MAX ||
    text
      .slice(0, HEADER_CHARS)
      .replaceAll(/\n(?: \*|\/\/)/g, "")
      .includes(REASON);
  return isAllowed ? [] : [`${file}: ${lines} lines`];
}
