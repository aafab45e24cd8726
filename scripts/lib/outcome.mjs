// What the stages of `npm test` found: counts for the last line, and the failures by name, since hundreds of lines may follow one.
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { root } from "./shell.mjs";

export class Outcome {
  passed = 0;
  failed = 0;
  skipped = 0;
  #failures = [];

  addCheck(name, isPassed) {
    if (isPassed) this.passed += 1;
    else this.#fail(`check: ${name}`);
  }

  skipStage() {
    this.skipped += 1;
  }

  /** @param report file of vitest's JSON report; @param code what vitest ended with */
  addReport(stage, report, code) {
    let result;
    try {
      result = JSON.parse(readFileSync(report, "utf8"));
    } catch {
      this.#fail(`${stage}: no report was written`);
      return;
    }
    this.passed += result.numPassedTests;
    this.skipped += result.numPendingTests + result.numTodoTests;
    for (const { name, assertionResults, status } of result.testResults) {
      const file = relative(root, name);
      const failedTests = assertionResults.filter((test) => test.status === "failed");
      for (const { fullName } of failedTests) this.#fail(`${stage}: ${file} > ${fullName}`);
      // A file that cannot be loaded fails without a failed test of its own.
      if (status === "failed" && failedTests.length === 0) this.#fail(`${stage}: ${file}`);
    }
    if (code !== 0 && result.success) this.#fail(`${stage}: vitest ended with ${code}`);
  }

  /** Ends with "N passed, N failed". */
  get text() {
    const failures = this.#failures.map((name) => `  ✗ ${name}\n`).join("");
    const skipped = this.skipped > 0 ? `, ${this.skipped} skipped` : "";
    return `${failures === "" ? "" : `\nFailed:\n${failures}`}\n${this.passed} passed, ${this.failed} failed${skipped}\n`;
  }

  #fail(name) {
    this.failed += 1;
    this.#failures.push(name);
  }
}
