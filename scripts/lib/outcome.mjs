// What the stages of `npm test` found: counts for the last line, and the failures by name with the reason, since hundreds of lines may follow one.
import { readFileSync } from "node:fs";

const REASON_LINES_MAX = 12;

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

  /** @param report file that failures-reporter.mjs wrote; @param code what vitest ended with */
  addReport(stage, report, code) {
    let result;
    try {
      result = JSON.parse(readFileSync(report, "utf8"));
    } catch {
      this.#fail(`${stage}: no report was written`);
      return;
    }
    this.passed += result.passed;
    this.skipped += result.skipped;
    for (const { name, reason } of result.failures) this.#fail(`${stage}: ${name}`, reason);
    if (code !== 0 && result.failures.length === 0) this.#fail(`${stage}: vitest ended with ${code}`);
  }

  /** Ends with "N passed, N failed". */
  get text() {
    const failures = this.#failures.map((failure) => `  ✗ ${failure}\n`).join("");
    const skipped = this.skipped > 0 ? `, ${this.skipped} skipped` : "";
    return `${failures === "" ? "" : `\nFailed:\n${failures}`}\n${this.passed} passed, ${this.failed} failed${skipped}\n`;
  }

  #fail(name, reason = "") {
    this.failed += 1;
    const lines = reason.split("\n").filter((line) => line.trim() !== "");
    this.#failures.push([name, ...lines.slice(0, REASON_LINES_MAX)].join("\n      "));
  }
}
