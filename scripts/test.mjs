// `npm test`: the same set-up as `npm start`, then every check and every test. Ends with "N passed, N failed".
//   checks | unit | faults | e2e | node24 | browser   only these stages
//   --no-install   installs nothing with apt, and no Node.js 24; stages and tests that lack something are skipped, with the reason
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildPackages } from "./build.mjs";
import { ensurePrograms, missingPrograms, runnableStages } from "./lib/machine.mjs";
import { ensureNode24, isNode24There, node24 } from "./lib/node24.mjs";
import { Outcome } from "./lib/outcome.mjs";
import { bin, note, root, run, runQuietly, tsc } from "./lib/shell.mjs";

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
  ["lint (oxlint)", bin("oxlint"), ["--type-aware"]],
  [
    "no unused files or exports (knip)",
    bin("knip"),
    ["--no-progress", "--include", "files,exports", "--treat-config-hints-as-errors"],
  ],
  ["types of the console", tsc, ["-p", "packages/console"]],
  ["types of packages, tests and bench", tsc, ["-p", "test"]],
  ["types of the browser tests", tsc, ["-p", "test/browser"]],
  ["docs/config.md is up to date", process.execPath, ["scripts/docs.mjs", "--check"]],
  ["protobuf lint", bin("buf"), ["lint"]],
  ["protobuf breaking changes", bin("buf"), ["breaking", "--against", "proto/baseline.binpb"]],
  ["protobuf format", bin("buf"), ["format", "--diff", "--exit-code"]],
];

async function runChecks() {
  for (const [name, command, args] of checks) {
    const { code, output } = await runQuietly(command, args, { lowPriority: true });
    note(code === 0 ? `✓ ${name}` : `${output}✗ ${name}`);
    outcome.addCheck(name, code === 0);
  }
}

/**
 * @param stage its name, also of its report
 * @param isQuiet what it prints comes in one piece at its end, since another stage prints meanwhile
 * @param givesWay to other stages
 * @param runtime another Node.js, and the environment of its processes
 */
async function runTests(
  stage,
  { projects = [stage], files = [], isQuiet = false, givesWay = false, runtime } = {},
) {
  const report = join(output, `${stage}.json`);
  rmSync(report, { force: true });
  const args = [
    "run",
    ...files,
    ...projects.flatMap((name) => ["--project", name]),
    "--reporter=default",
    `--reporter=${join(root, "scripts/lib/failures-reporter.mjs")}`,
  ];
  const command = runtime?.command ?? process.execPath;
  const vitest = [join(root, "node_modules/vitest/vitest.mjs"), ...args];
  const env = { ...process.env, LATCHKEY_TEST_REPORT: report, ...runtime?.env };
  const { code, output: text } = isQuiet
    ? await runQuietly(command, vitest, { lowPriority: givesWay, env })
    : { code: await run(command, vitest, { env }), output: "" };
  if (isQuiet) note(text);
  outcome.addReport(stage, report, code);
}

/**
 * What differs between releases of Node.js: sockets by public interfaces and by its internals, better-sqlite3, threads, processes.
 * `npm run test:node24` runs the rest.
 */
async function runOnNode24(isShared) {
  if (process.versions.node.startsWith("24.")) return note("This is Node.js 24: the other stages run on it.");
  if (!installs && !isNode24There()) {
    note('The stage "node24" is skipped: it needs Node.js 24, which `npm test` gets from the npm registry.');
    return outcome.skipStage();
  }
  await ensureNode24();
  await runTests("node24", {
    projects: ["portable", "e2e"],
    files: ["packages/http1/", "test/conformance/", "test/e2e/main-job", "test/e2e/pipes"],
    isQuiet: isShared,
    givesWay: isShared,
    runtime: node24,
  });
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
    run: (isShared) => runTests("faults", { projects: ["e2e"], files: ["test/fault/"], isQuiet: isShared }),
    needs: [],
    uses: ["redis-server"],
  },
  e2e: {
    run: () => runTests("e2e", { files: ["test/e2e/", "test/conformance/"] }),
    needs: [],
    uses: [],
  },
  node24: { run: runOnNode24, needs: [], uses: [] },
  browser: {
    run: (isShared) => runTests("browser", { isQuiet: isShared, givesWay: isShared }),
    needs: ["chromium-headless-shell"],
    uses: [],
  },
};

for (const name of only) {
  if (name in stages) continue;
  note(`There is no stage "${name}"; there are ${Object.keys(stages).join(", ")}.`);
  process.exit(2);
}
const wanted = only.length === 0 ? Object.keys(stages) : only;
const programs = [...new Set(wanted.flatMap((name) => [...stages[name].needs, ...stages[name].uses]))];

const { compiled } = await buildPackages("all");
process.env.LATCHKEY_TEST_PREBUILT = "1";
mkdirSync(output, { recursive: true });
const missing = installs ? await ensurePrograms(programs) : missingPrograms(programs);
const runnable = runnableStages(stages, wanted, missing);
for (const name of wanted) if (!runnable.includes(name)) outcome.skipStage();

// Three lanes, for two cores: what waits for processes, pages and timers leaves them idle. Checks begin while SQLite is compiled.
// Checks and browser give way: the others wait for timers of their own. Faults wait most, so that they are not left for the end.
const lanes = [
  ["unit", "e2e"],
  ["checks", "browser"],
  ["faults", "node24"],
].map((lane) => lane.filter((name) => runnable.includes(name)));
const isShared = lanes.filter((lane) => lane.length > 0).length > 1;
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
