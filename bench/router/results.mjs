/** Turns what was measured into the tables of RESULTS.md. Names the machine, never a path of it. */
import { cpus, loadavg } from "node:os";

/**
 * @typedef {{
 *   name: string, note: string,
 *   repeated: number[], fresh: number[], buildUs: number[], bytesPerRoute: number[],
 * }} Row note: why it is not counted, or empty
 * @typedef {{ name: string, about: string, routes: number, rows: Row[] }} TableResults
 */

const OURS = "latchkey";

/** @returns {string} */
export function resultsMarkdown(
  /** @type {TableResults[]} */ results,
  /** @type {number} */ rounds,
  /** @type {string[]} */ versions,
) {
  const cpu = cpus();
  const lines = [
    "# Routers beside each other",
    "",
    "Written by `npm run bench:router`; what it does is in the comments of `bench/router/measure.mjs`.",
    "",
    `- ${new Date().toISOString().slice(0, 10)}, Node.js ${process.version}, ${cpu.length} × ${cpu[0].model.trim()},` +
      ` load average at the end ${loadavg()[0].toFixed(1)}`,
    `- ${versions.join(", ")}`,
    `- ${rounds} rounds, each contender in a process of its own, in turn. A figure is the median of the rounds,` +
      " in brackets the lowest and the highest.",
    "- Match: ns a request, with the values of the parameters as strings; `fresh` for strings as they come from" +
      " a socket, `repeated` for strings the program has used before, which is what published figures measure." +
      " The ratio is to ours, round by round.",
    "- Build: µs from patterns as text, spelled as the router wants them, to the first match, in warmed-up code. Memory: bytes of heap and buffers a" +
      " route after it. Not counted are strings that the table has anyway.",
    "- hono's routers get their routes static ones first, because they take the first that matches.",
    "",
  ];
  for (const table of results) lines.push(...tableLines(table), "");
  return `${lines.join("\n").trimEnd()}\n`;
}

function tableLines(/** @type {TableResults} */ { name, about, routes, rows }) {
  const ours = rows.find((it) => it.name === OURS);
  const counted = rows.filter((it) => it.note === "").sort((a, b) => median(a.fresh) - median(b.fresh));
  const rank = (/** @type {(row: Row) => number[]} */ of, /** @type {Row} */ row) =>
    1 + counted.filter((it) => median(of(it)) < median(of(row))).length;
  const place = ours === undefined || ours.note !== "" ? "" : placeOf(ours, rank);
  return [
    `## ${name}: ${routes} routes`,
    "",
    `${about[0].toUpperCase()}${about.slice(1)}.${place}`,
    "",
    "| router | fresh, ns | ratio | repeated, ns | ratio | build, µs | bytes a route |",
    "|---|--:|--:|--:|--:|--:|--:|",
    ...counted.map((row) => {
      const cells = [
        withSpread(row.fresh),
        ratio(row.fresh, ours?.fresh),
        withSpread(row.repeated),
        ratio(row.repeated, ours?.repeated),
        withSpread(row.buildUs),
        shown(median(row.bytesPerRoute)),
      ];
      return `| ${row.name === OURS ? "**latchkey**" : row.name} | ${cells.join(" | ")} |`;
    }),
    ...rows.filter((it) => it.note !== "").map((it) => `| ${it.name} | not counted: ${it.note} | | | | | |`),
  ];
}

function placeOf(
  /** @type {Row} */ ours,
  /** @type {(of: (row: Row) => number[], row: Row) => number} */ rank,
) {
  const places = [
    `fresh ${rank((it) => it.fresh, ours)}`,
    `repeated ${rank((it) => it.repeated, ours)}`,
    `build ${rank((it) => it.buildUs, ours)}`,
    `memory ${rank((it) => it.bytesPerRoute, ours)}`,
  ];
  return ` Our place: ${places.join(", ")}.`;
}

function withSpread(/** @type {number[]} */ values) {
  return `${shown(median(values))} (${shown(Math.min(...values))}–${shown(Math.max(...values))})`;
}

function ratio(/** @type {number[]} */ theirs, /** @type {number[] | undefined} */ ours) {
  if (ours === undefined || ours.length !== theirs.length) return "";
  return median(theirs.map((it, k) => it / ours[k])).toFixed(2);
}

function shown(/** @type {number} */ value) {
  if (value >= 100) return Math.round(value).toLocaleString("en");
  return value.toFixed(1);
}

function median(/** @type {number[]} */ values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
