/** The last lines of `npm test`. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { Outcome } from "./outcome.mjs";

const dir = mkdtempSync(join(tmpdir(), "latchkey-outcome-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const fileOf = (name: string) => join(import.meta.dirname, "../..", name);

function report(success: boolean, ...testResults: readonly object[]): string {
  const file = join(dir, "report.json");
  writeFileSync(
    file,
    JSON.stringify({ numPassedTests: 3, numPendingTests: 1, numTodoTests: 1, success, testResults }),
  );
  return file;
}

it("names every failure again, of tests, of files and of checks, before the counts", () => {
  const outcome = new Outcome();
  outcome.addCheck("lint", true);
  outcome.addCheck("types", false);
  const failed = { status: "failed", fullName: "a promise is kept" };
  outcome.addReport(
    "unit",
    report(
      false,
      {
        name: fileOf("packages/a.test.ts"),
        status: "failed",
        assertionResults: [{ status: "passed" }, failed],
      },
      { name: fileOf("packages/b.test.ts"), status: "failed", assertionResults: [] },
      { name: fileOf("packages/c.test.ts"), status: "passed", assertionResults: [{ status: "passed" }] },
    ),
    1,
  );
  outcome.addReport("e2e", join(dir, "none.json"), 1);
  outcome.addReport("browser", report(true), 1);
  outcome.skipStage();
  expect(outcome.text).toBe(
    [
      "",
      "Failed:",
      "  ✗ check: types",
      "  ✗ unit: packages/a.test.ts > a promise is kept",
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
