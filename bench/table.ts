/** The results as a table: for the terminal and for RESULTS.md. */
import type { Results, Row } from "./results.js";
import { workloads } from "./workloads.js";

const HEAD = [
  "contender",
  "requests/s",
  "CPU µs/request",
  "to nginx (median, spread)",
  "p50 ms",
  "p99 ms",
  "p99.9 ms",
  "RSS MiB",
];

function cells(row: Row): string[] {
  if (row.counted === 0)
    return [row.contender, `not counted: ${row.failures.join("; ")}`, "", "", "", "", "", ""];
  const ratio = row.cpuRatioToNginx;
  const note = row.failures.length > 0 ? ` (${row.counted} runs; others: ${row.failures.join("; ")})` : "";
  return [
    row.contender + note,
    row.requestsPerSecond.toFixed(0),
    row.cpuUsPerRequest.toFixed(1),
    ratio === null ? "–" : `${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)}–${ratio.max.toFixed(2)})`,
    (row.p50Us / 1000).toFixed(2),
    (row.p99Us / 1000).toFixed(2),
    (row.p999Us / 1000).toFixed(2),
    row.rssMiB.toFixed(0),
  ];
}

function byWorkload(results: Results): { title: string; rows: readonly Row[] }[] {
  return workloads
    .map(({ name, title, connections }) => ({
      title: `${title} (${connections} connections)`,
      rows: results.rows
        .filter((row) => row.workload === name)
        .sort((a, b) => a.cpuUsPerRequest - b.cpuUsPerRequest),
    }))
    .filter(({ rows }) => rows.length > 0);
}

export function resultsText(results: Results): string {
  let text = "";
  for (const { title, rows } of byWorkload(results)) {
    const table = [HEAD, ...rows.map(cells)];
    const widths = HEAD.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0)));
    const lines = table.map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
    text += `\n${title}\n${lines.join("\n")}\n`;
  }
  return text;
}

export function resultsMarkdown(results: Results): string {
  const versions = Object.entries(results.versions).map(([name, version]) => `${name} ${version}`);
  const parts = [
    "# Results",
    "",
    `${results.date} · ${results.machine} · ${process.version} · ${results.rounds} interleaved rounds of ${results.seconds} s a contender`,
    "",
    `Contenders: ${versions.join(", ")}. The proxy has one core, load and upstream share the other. How it is measured: [README.md](README.md).`,
  ];
  for (const { title, rows } of byWorkload(results)) {
    parts.push("", `## ${title}`, "", `| ${HEAD.join(" | ")} |`, `|${HEAD.map(() => "---").join("|")}|`);
    for (const row of rows) parts.push(`| ${cells(row).join(" | ")} |`);
  }
  return `${parts.join("\n")}\n`;
}
