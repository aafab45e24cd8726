/** Entries of the audit log as a file. Pure. */
import type { ActivityEntry } from "./activity-columns.js";

export type ExportFormat = "csv" | "ndjson";

const columns = [
  "at",
  "actor",
  "action",
  "targetKind",
  "targetId",
  "targetName",
  "subscriptionId",
  "revision",
  "address",
  "requestId",
  "before",
  "after",
] as const;

export function exportText(entries: readonly ActivityEntry[], format: ExportFormat): string {
  const records = entries.map((entry) => ({ ...entry, revision: entry.revision?.number ?? null }));
  if (format === "ndjson") {
    const lines = records.map((record) =>
      JSON.stringify(Object.fromEntries([["id", record.id], ...columns.map((name) => [name, record[name]])])),
    );
    return lines.map((line) => `${line}\n`).join("");
  }
  const rows = [columns, ...records.map((record) => columns.map((name) => record[name]))];
  return rows.map((row) => `${row.map(csvField).join(",")}\r\n`).join("");
}

/** As the control plane's export of usage: what spreadsheets would run as a formula gets an apostrophe. */
const FORMULA = /(^|;)(?=[\s\p{Cc}]*[=+\-@\uff1d\uff0b\uff0d\uff20])|^(?=[\t\r\n])/gu;

/** RFC 4180. */
function csvField(value: unknown): string {
  if (value === null || value === undefined) return "";
  const plain = typeof value === "object" ? JSON.stringify(value) : String(value);
  const text = plain.replaceAll(FORMULA, "$1'");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
