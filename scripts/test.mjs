// `npm test`: the same set-up as `npm start`, then every check and every test. Ends with "N passed, N failed".
//   checks | unit | faults | e2e | browser   only these stages
//   --no-install                    installs nothing with apt; stages and tests that lack something are skipped, with the reason
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildPackages } from "./build.mjs";
import { ensurePrograms, missingPrograms, runnableStages } from "./lib/machine.mjs";
import { Outcome } from "./lib/outcome.mjs";
import { bin, note, root, run, runQuietly } from "./lib/shell.mjs";

const output = join(root, "test-output");
const words = process.argv.slice(2);
const installs = !words.includes("--no-install");
const only = words.filter((word) => word !== "--no-install");

// Whatever tests leave behind goes with this folder. Its path is short: Unix sockets lie in it.
const temporary = mkdtempSync(join(tmpdir(), "latchkey-test-"));
chmodSync(temporary, 0o711); // the PostgreSQL server of a run as root is another user
process.env.TMPDIR = temporary;
process.on("exit", () => rmSync(temporary, { recursive: true, force: true, maxRetries: 3 }));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

const outcome = new Outcome();

/** Checks count as one test each. */
const checks = [
  ["lint (biome)", bin("biome"), ["check", "."]],
  ["lint (eslint)", bin("eslint"), ["."]],
  [
    "no unused files or exports (knip)",
    bin("knip"),
    ["--no-progress", "--include", "files,exports", "--treat-config-hints-as-errors"],
  ],
  ["types of the console", bin("tsc"), ["-p", "packages/console"]],
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
    outcome.addCheck(name, code === 0);
  }
}

/**
 * @param stage its name, also of its report
 * @param isQuiet what it prints comes in one piece at its end, and it gives way, since another stage runs meanwhile
 */
async function runTests(stage, { projects = [stage], files = [], isQuiet = false } = {}) {
  const report = join(output, `${stage}.json`);
  rmSync(report, { force: true });
  const args = [
    "run",
    ...files,
    ...projects.flatMap((name) => ["--project", name]),
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
  ];
  const { code, output: text } = isQuiet
    ? await runQuietly(bin("vitest"), args)
    : { code: await run(bin("vitest"), args), output: "" };
  if (isQuiet) note(text);
  outcome.addReport(stage, report, code);
}

/** What a stage cannot do without, and what single tests of it skip themselves without. */
const stages = {
  checks: { run: runChecks, needs: [], uses: [] },
  unit: {
    run: () => runTests("unit", { projects: ["unit", "portable"] }),
    needs: [],
    uses: ["redis-server", "pg_ctlcluster", "promtool"],
  },
  faults: {
    run: () => runTests("faults", { projects: ["e2e"], files: ["test/fault/"] }),
    needs: [],
    uses: ["redis-server"],
  },
  e2e: {
    run: (isQuiet) => runTests("e2e", { files: ["test/e2e/", "test/conformance/"], isQuiet }),
    needs: [],
    uses: [],
  },
  browser: { run: (isQuiet) => runTests("browser", { isQuiet }), needs: ["chromium"], uses: [] },
};

for (const name of only) {
  if (name in stages) continue;
  note(`There is no stage "${name}"; there are ${Object.keys(stages).join(", ")}.`);
  process.exit(2);
}
const wanted = only.length === 0 ? Object.keys(stages) : only;
const programs = [...new Set(wanted.flatMap((name) => [...stages[name].needs, ...stages[name].uses]))];

const { compiled } = await buildPackages("all");
mkdirSync(output, { recursive: true });
const missing = installs ? await ensurePrograms(programs) : missingPrograms(programs);
const runnable = runnableStages(stages, wanted, missing);
for (const name of wanted) if (!runnable.includes(name)) outcome.skipStage();

// Two lanes, for two cores. The second one gives way: unit tests and faults wait for timers of their own.
const lanes = [
  ["unit", "faults"],
  ["checks", "browser", "e2e"],
].map((lane) => lane.filter((name) => runnable.includes(name)));
const isShared = lanes.every((lane) => lane.length > 0);
await Promise.all(
  lanes.map(async (lane) => {
    for (const name of lane) {
      if (name !== "checks") await compiled;
      await stages[name].run(isShared);
    }
  }),
);

process.stdout.write(outcome.text);
process.exit(outcome.failed === 0 ? 0 : 1);
