/**
 * `npm run bench:router`: the routers people use in Node.js beside ours, on the same tables. Every contender
 * is checked first; one that matches otherwise is shown as such and not counted. Each measurement runs in a
 * process of its own, rounds interleaved. Writes RESULTS.md.
 *
 *   --rounds N    (5) measurements of everything
 *   --quick       two rounds
 *   --table NAME  --contender NAME   only these; may be given several times; then RESULTS.md is left alone
 */
import { execFile, execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { resultsMarkdown } from "./results.mjs";
import { tableNamed, tableNames } from "./tables.mjs";

const root = new URL("../../", import.meta.url);
execFileSync("npx", ["tsc", "-b", "packages/router"], { cwd: root, stdio: "inherit" });
const { contenders } = await import("./contenders.mjs");

const { values } = parseArgs({
  options: {
    rounds: { type: "string" },
    quick: { type: "boolean", default: false },
    table: { type: "string", multiple: true, default: [] },
    contender: { type: "string", multiple: true, default: [] },
  },
});
const rounds = Number(values.rounds ?? (values.quick ? 2 : 5));
const isPartial = values.table.length + values.contender.length > 0;
const tables = (values.table.length === 0 ? tableNames : values.table).map(tableNamed);
const names = Object.keys(contenders).filter(
  (it) => values.contender.length === 0 || values.contender.includes(it),
);
const say = (/** @type {string} */ line) => process.stderr.write(`${line}\n`);
const run = promisify(execFile);

/** @returns {Promise<any>} what measure.mjs printed, or `{ error }` */
async function measured(
  /** @type {string} */ contender,
  /** @type {string} */ table,
  /** @type {string} */ what,
) {
  const script = fileURLToPath(new URL("measure.mjs", import.meta.url));
  try {
    const { stdout } = await run(process.execPath, ["--expose-gc", script, contender, table, what]);
    return JSON.parse(stdout);
  } catch (error) {
    const text = String(/** @type {{ stderr?: string }} */ (error).stderr ?? error);
    return { error: /^(?:\w*Error.*)$/m.exec(text)?.[0] ?? "failed" };
  }
}

/** @type {import("./results.mjs").TableResults[]} */
const results = [];
for (const table of tables) {
  /** @type {Map<string, import("./results.mjs").Row>} */
  const rows = new Map();
  for (const name of names) {
    const { error, wrong, example } = await measured(name, table.name, "check");
    const note = error ?? (wrong > 0 ? `${wrong} wrong matches, e.g. ${example}` : "");
    rows.set(name, { name, note, repeated: [], fresh: [], buildUs: [], bytesPerRoute: [] });
    if (note !== "") say(`${table.name}: ${name} is not counted: ${note}`);
  }
  results.push({
    name: table.name,
    about: table.about,
    routes: table.routes.length,
    rows: [...rows.values()],
  });
}

for (let round = 0; round < rounds; round++) {
  for (const { name: table, rows } of results) {
    const counted = rows.filter((it) => it.note === "");
    // Another order each time, so that nobody always comes after the same neighbour.
    const order = counted.map((_, k) => counted[(k + round) % counted.length]);
    for (const row of order) {
      const time = await measured(row.name, table, "time");
      row.repeated.push(time.repeated);
      row.fresh.push(time.fresh);
      row.buildUs.push(time.buildUs);
      if (round === 0) row.bytesPerRoute.push((await measured(row.name, table, "memory")).bytesPerRoute);
    }
    say(`round ${round + 1} of ${rounds}: ${table}`);
  }
}

const markdown = resultsMarkdown(results, rounds, versions());
process.stdout.write(markdown);
if (!isPartial) writeFileSync(new URL("RESULTS.md", import.meta.url), markdown);

function versions() {
  const lock = JSON.parse(readFileSync(new URL("package-lock.json", root), "utf8"));
  return ["memoirist", "rou3", "find-my-way", "hono"].map(
    (it) => `${it} ${lock.packages[`node_modules/${it}`].version}`,
  );
}
