/** Holds the three journeys of ARCHITECTURE.md to the code: short, and every file follows from one before it. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const text = (file: string) => readFileSync(join(root, file), "utf8");

const [, section = ""] = text("ARCHITECTURE.md").split(/^## Three journeys$/m);
const journeys = section
  .split(/^## /m)[0]!
  .split(/^### /m)
  .slice(1)
  .map((part) => ({
    name: part.split("\n")[0],
    files: [...part.matchAll(/^\d+\. `([^`]+)`/gm)].map(([, file = ""]) => file),
  }));

const packageOf = (file: string) => file.split("/")[1];

/** Whether one of two files imports or names the other; of two packages, whether one imports the other. */
function isConnected(a: string, b: string): boolean {
  const name = (file: string) => file.split("/").at(-1)!.replace(/\.ts$/, "");
  const leads = (from: string, to: string) =>
    packageOf(from) === packageOf(to)
      ? new RegExp(`[/ (]${name(to)}\\.[jt]s\\b`).test(text(from))
      : text(from).includes(`"@latchkey/${packageOf(to)}"`);
  return leads(a, b) || leads(b, a);
}

describe("the journeys of ARCHITECTURE.md", () => {
  it("are three", () => {
    expect(journeys.map(({ name }) => name)).toEqual(["A request", "A change", "A node"]);
  });

  it.each(journeys)("$name has at most 15 files, each once", ({ files }) => {
    expect(files.length).toBeGreaterThan(5);
    expect(files.length).toBeLessThanOrEqual(15);
    expect(new Set(files).size).toBe(files.length);
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  it.each(journeys)("$name leads from file to file", ({ files }) => {
    const loose = files.filter((file, at) => {
      const before = files.slice(0, at);
      const isOverTheWire =
        packageOf(file) === "ingress" && !before.some((each) => packageOf(each) === "ingress");
      return at > 0 && !isOverTheWire && !before.some((each) => isConnected(each, file));
    });
    expect(loose).toEqual([]);
  });

  it("have all functions that are marked as HOT, but for the router's: ten at most", () => {
    const sources = execFileSync("git", ["grep", "-lw", "HOT", "--", "packages/*/src/*"], {
      cwd: root,
      encoding: "utf8",
    });
    const marks = sources
      .trim()
      .split("\n")
      .flatMap((file) =>
        [...text(file).matchAll(/\/\*\*\s+(?:\* )?HOT\.[\s\S]*?\*\/\n\s*(.*)/g)].map(
          ([, line = ""]) => `${file}: ${line}`,
        ),
      );
    expect(marks.length).toBeLessThanOrEqual(10);
    const request = new Set([...journeys[0]!.files, "packages/router/src/router.ts"]);
    const elsewhere = marks.filter(
      (mark) =>
        !request.has(mark.split(":")[0]!) ||
        !/: (?:#?\w+|readonly \w+ =|export function \w+).*[({]/.test(mark),
    );
    expect(elsewhere).toEqual([]);
  });
});
