/** The last lines of `npm test`. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { Outcome } from "./outcome.mjs";
import { root } from "./shell.mjs";

const dir = mkdtempSync(join(tmpdir(), "latchkey-outcome-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function report(...failures: readonly object[]): string {
  const file = join(dir, "report.json");
  writeFileSync(file, JSON.stringify({ passed: 3, skipped: 2, failures }));
  return file;
}

it("names every failure again with its reason, of tests, of files and of checks, before the counts", () => {
  const outcome = new Outcome();
  outcome.addCheck("lint", true);
  outcome.addCheck("types", false);
  const reason = `expected 1 to be 2\n\n${"a line\n".repeat(30)}`;
  outcome.addReport(
    "unit",
    report(
      { name: "packages/a.test.ts > a promise is kept", reason },
      { name: "packages/b.test.ts", reason: "" },
    ),
    1,
  );
  outcome.addReport("e2e", join(dir, "none.json"), 1);
  outcome.addReport("browser", report(), 1);
  outcome.skipStage();
  expect(outcome.text).toBe(
    [
      "",
      "Failed:",
      "  ✗ check: types",
      "  ✗ unit: packages/a.test.ts > a promise is kept",
      "      expected 1 to be 2",
      ...Array.from({ length: 11 }, () => "      a line"),
      "  ✗ unit: packages/b.test.ts",
      "  ✗ e2e: no report was written",
      "  ✗ browser: vitest ended with 1",
      "",
      "7 passed, 5 failed, 5 skipped",
      "",
    ].join("\n"),
  );
});

it("is one line when nothing failed", () => {
  const outcome = new Outcome();
  outcome.addCheck("lint", true);
  expect(outcome.text).toBe("\n1 passed, 0 failed\n");
});

it("counts what a hook and a file throw as failures, with what they said", async () => {
  const file = join(dir, "hooks.test.mjs");
  const written = join(dir, "written.json");
  writeFileSync(
    file,
    `it("passes", () => {});
    it.skip("is left out", () => {});
    it("fails", () => { throw new Error("one"); });
    describe("with a hook", () => {
      beforeAll(() => { throw new Error("port 3 is taken"); });
      it("never runs", () => {});
    });`,
  );
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const reporter = `--reporter=${join(root, "scripts/lib/failures-reporter.mjs")}`;
  const run = spawn(process.execPath, [vitest, "run", "--root", dir, "--globals", reporter], {
    env: { ...process.env, LATCHKEY_TEST_REPORT: written },
    stdio: "ignore",
  });
  await once(run, "close");
  const { passed, skipped, failures } = JSON.parse(readFileSync(written, "utf8"));
  expect({ passed, skipped }).toEqual({ passed: 1, skipped: 2 });
  expect(
    failures.map((failure: { name: string; reason: string }) => [
      failure.name.split(" > ").slice(1),
      failure.reason,
    ]),
  ).toEqual([
    [["fails"], "one"],
    [["with a hook"], "port 3 is taken"],
  ]);
});
