// `npm run conformance`: every row against every gateway that runs here, one after the other, and the table.
//   --only NAME[,NAME]   gateways by name ("nginx", "Latchkey strict"); prints and writes nothing
//   --rows PATTERN       rows by name; prints and writes nothing
//   --bytewise           sends everything in single bytes
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { byRow, type KnownFailure, uwsFailures } from "./known-failures.js";
import { hostileUpstream } from "./rows/hostile-upstream.js";
import { rows as requestRows } from "./rows/index.js";
import { documentText } from "./support/document.js";
import type { Row } from "./support/row.js";
import { runTarget, type SuiteOptions, type TargetResult } from "./support/suite.js";
import { type Column, sumOf } from "./support/table.js";
import type { Target } from "./support/target.js";
import { haproxy } from "./targets/haproxy.js";
import { latchkey } from "./targets/latchkey.js";
import { nginx } from "./targets/nginx.js";
import { nodeHttp } from "./targets/node-http.js";

interface Entry {
  readonly title: string;
  readonly target: Target;
  /** The program it needs, when that may be missing. */
  readonly program?: string;
  readonly failures?: readonly KnownFailure[];
}

const peers: readonly Entry[] = [
  { title: "nginx", target: nginx, program: "/usr/sbin/nginx" },
  { title: "HAProxy", target: haproxy, program: "/usr/sbin/haproxy" },
  { title: "node:http", target: nodeHttp },
];
const fronts: readonly Entry[] = [
  { title: "Latchkey strict", target: latchkey("strict") },
  { title: "Latchkey uws", target: latchkey("uws"), failures: uwsFailures },
];
const backs: readonly Entry[] = [{ title: "Latchkey", target: latchkey("strict") }];

const document = new URL("../../docs/conformance.md", import.meta.url);

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    rows: { type: "string" },
    bytewise: { type: "boolean", default: false },
  },
});
const only = values.only?.split(",").map((name) => name.trim().toLowerCase());
const pattern = values.rows === undefined ? null : new RegExp(values.rows);
const isPartial = only !== undefined || pattern !== null || values.bytewise;
const options: SuiteOptions = { delivery: values.bytewise ? "bytewise" : "as-written" };

const requestColumns = await runAll([...peers, ...fronts], requestRows);
const upstreamColumns = await runAll([...peers, ...backs], hostileUpstream);
if (isPartial) {
  process.stdout.write("Only a part was run: docs/conformance.md is left as it is.\n");
} else {
  const date = new Date().toISOString().slice(0, 10);
  const parts = { date, requestColumns, requestRows, upstreamColumns, upstreamRows: hostileUpstream };
  await writeFile(document, documentText(parts));
  process.stdout.write("Written to docs/conformance.md.\n");
}

async function runAll(entries: readonly Entry[], all: readonly Row[]): Promise<Column[]> {
  const rows = all.filter((row) => pattern?.test(row.name) ?? true);
  const columns: Column[] = [];
  for (const { title, target, program, failures = [] } of entries) {
    if (only !== undefined && !only.includes(title.toLowerCase())) continue;
    if (rows.length === 0) continue;
    if (program !== undefined && !existsSync(program)) {
      process.stdout.write(`${title}: not installed here, left out\n`);
      continue;
    }
    const result = await runTarget(target, rows, { ...options, known: new Set(byRow(failures).keys()) });
    columns.push({ title, result });
    print(title, result, rows);
  }
  return columns;
}

function print(title: string, result: TargetResult, rows: readonly Row[]): void {
  const [letter, policy] = (["letter", "policy"] as const).map((kind) => sumOf(result, rows, kind));
  process.stdout.write(
    `${title} (${result.version}): by the letter ${letter?.met} of ${letter?.asked}, policy ${policy?.met} of ${policy?.asked}${result.survived ? "" : "; THE PROCESS DIED"}\n`,
  );
  if (!isPartial) return;
  for (const [row, verdict] of result.verdicts) {
    if (!verdict.isMet)
      process.stdout.write(`  ✗ ${row.name} (${row.kind}): ${verdict.problem} [${verdict.seen}]\n`);
  }
}
