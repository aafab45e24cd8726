// Writes results as Markdown: sums first, then one table a topic. Holds no paths, ports, keys or names of machines.
import type { Verdict } from "./judge.js";
import type { Row, RowKind, Topic } from "./row.js";
import type { TargetResult } from "./suite.js";

export interface Column {
  readonly title: string;
  readonly result: TargetResult;
}

export interface Sum {
  readonly met: number;
  readonly asked: number;
}

/** Rows of a kind that were asked of a target, and how many it met. */
export function sumOf(result: TargetResult, rows: readonly Row[], kind?: RowKind): Sum {
  let met = 0;
  let asked = 0;
  for (const row of rows) {
    const verdict = result.verdicts.get(row);
    if (verdict === undefined || (kind !== undefined && row.kind !== kind)) continue;
    asked++;
    if (verdict.isMet) met++;
  }
  return { met, asked };
}

export function sumsTable(columns: readonly Column[], rows: readonly Row[]): string {
  const lines = ["| | version | by the letter | policy |", "|---|---|---|---|"];
  for (const { title, result } of columns) {
    const [letter, policy] = (["letter", "policy"] as const).map((kind) => {
      const { met, asked } = sumOf(result, rows, kind);
      return `${met} of ${asked}`;
    });
    const died = result.survived ? "" : " (the process died on the way)";
    lines.push(`| ${title} | ${cell(result.version)}${died} | ${letter} | ${policy} |`);
  }
  return lines.join("\n");
}

export function topicTables(columns: readonly Column[], rows: readonly Row[]): string {
  const topics = [...new Set(rows.map((row) => row.topic))];
  return topics.map((topic) => topicTable(topic, columns, rows)).join("\n\n");
}

function topicTable(topic: Topic, columns: readonly Column[], all: readonly Row[]): string {
  const rows = all.filter((row) => row.topic === topic);
  const lines = [
    `### ${topic}`,
    "",
    `| row | clause | what | ${columns.map((column) => column.title).join(" | ")} |`,
    `|---|---|---|${columns.map(() => "---|").join("")}`,
  ];
  for (const row of rows) {
    const name = row.kind === "letter" ? `\`${row.name}\`` : `\`${row.name}\` (policy)`;
    const cells = columns.map(({ result }) => verdictCell(result.verdicts.get(row)));
    lines.push(`| ${name} | ${row.clause} | ${cell(row.why)} | ${cells.join(" | ")} |`);
  }
  return lines.join("\n");
}

function verdictCell(verdict: Verdict | undefined): string {
  if (verdict === undefined) return "–";
  if (verdict.isMet) return "✓";
  return `✗ ${cell(saidBySeen.test(verdict.problem) ? verdict.seen : verdict.problem)}`;
}

/** Problems that what was seen shows better. */
const saidBySeen = /responses? instead of|requests? instead of|^hangs|^the connection/;

// biome-ignore lint/suspicious/noControlCharactersInRegex: responses hold them
const CONTROL = /[\x00-\x1f\x7f]/g;

function cell(text: string): string {
  return text.replace(CONTROL, "\ufffd").replaceAll("|", "\\|").replaceAll("<", "&lt;");
}
