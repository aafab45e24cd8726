// What one run of vitest found, as the stages of `npm test` add it up: counts, and each failure with its reason. vitest's own JSON report has no reason for what a hook of a suite threw.
import { writeFileSync } from "node:fs";
import { relative } from "node:path";
import { root } from "./shell.mjs";

/** A reporter of vitest; `LATCHKEY_TEST_REPORT` is the file that it writes. */
export default class FailuresReporter {
  onTestRunEnd(testModules, unhandledErrors) {
    const report = { passed: 0, skipped: 0, failures: [] };
    const fail = (name, errors) => {
      for (const { message, stack } of errors) report.failures.push({ name, reason: message ?? stack ?? "" });
    };
    for (const testModule of testModules) {
      const file = relative(root, testModule.moduleId);
      for (const test of testModule.children.allTests()) {
        const { state, errors = [] } = test.result();
        if (state === "passed") report.passed += 1;
        else if (state === "skipped") report.skipped += 1;
        else fail(`${file} > ${test.fullName}`, [errors[0] ?? { message: "it did not end" }]);
      }
      fail(file, testModule.errors());
      for (const suite of testModule.children.allSuites())
        fail(`${file} > ${suite.fullName}`, suite.errors());
    }
    fail("outside the tests", unhandledErrors);
    writeFileSync(process.env.LATCHKEY_TEST_REPORT, JSON.stringify(report));
  }
}
