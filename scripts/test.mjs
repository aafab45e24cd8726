// `npm test`: the same set-up as `npm start`, then every check and every test. Ends with "N passed, N failed".
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { ensureBrowser, ensureServices } from "./lib/machine.mjs";
import { bin, note, root, run, runQuietly } from "./lib/shell.mjs";

const output = join(root, "test-output");
const only = process.argv.slice(2);

await build();
mkdirSync(output, { recursive: true });

let passed = 0;
let failed = 0;
let skipped = 0;

/** Checks count as one test each. */
const checks = [
  ["lint (biome)", bin("biome"), ["check", "."]],
  ["lint (eslint)", bin("eslint"), ["."]],
  ["types of the tests", bin("tsc"), ["-p", "test"]],
  ["types of the browser tests", bin("tsc"), ["-p", "test/browser"]],
  ["types of the bench", bin("tsc"), ["-p", "bench"]],
  ["docs/config.md is up to date", process.execPath, ["scripts/docs.mjs", "--check"]],
  ["protobuf lint", bin("buf"), ["lint"]],
  ["protobuf breaking changes", bin("buf"), ["breaking", "--against", "proto/baseline.binpb"]],
  ["protobuf format", bin("buf"), ["format", "--diff", "--exit-code"]],
];

async function runChecks() {
  for (const [name, command, args] of checks) {
    const { code, output } = await runQuietly(command, args);
    note(code === 0 ? `✓ ${name}` : `${output}✗ ${name}`);
    if (code === 0) passed += 1;
    else failed += 1;
  }
}

async function runTests(project) {
  const report = join(output, `${project}.json`);
  rmSync(report, { force: true });
  const args = [
    "run",
    "--project",
    project,
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
  ];
  const code = await run(bin("vitest"), args);
  try {
    const result = JSON.parse(readFileSync(report, "utf8"));
    passed += result.numPassedTests;
    failed += result.numFailedTests;
    skipped += result.numPendingTests + result.numTodoTests;
    // A file that cannot be loaded fails without a failed test of its own.
    if (code !== 0 && result.numFailedTests === 0) failed += Math.max(1, result.numFailedTestSuites);
  } catch {
    note(`${project}: no report was written`);
    failed += 1;
  }
}

const stages = {
  checks: runChecks,
  unit: () => runTests("unit"),
  e2e: () => runTests("e2e"),
  browser: () => runTests("browser"),
};

for (const name of only) {
  if (name in stages) continue;
  note(`There is no stage "${name}"; there are ${Object.keys(stages).join(", ")}.`);
  process.exit(2);
}
const wanted = only.length === 0 ? Object.keys(stages) : only;
if (wanted.includes("browser")) await ensureBrowser();
if (wanted.includes("unit") || wanted.includes("e2e")) await ensureServices();
// Checks need one core and no clock, so they run beside the unit tests; what they say comes in one piece.
const beside = wanted.filter((name) => name === "checks" || name === "unit");
await Promise.all(beside.map((name) => stages[name]()));
for (const name of wanted) if (!beside.includes(name)) await stages[name]();

process.stdout.write(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}\n`);
process.exit(failed === 0 ? 0 : 1);
