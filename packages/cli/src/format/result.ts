/** `-o table|json|yaml` and `--json`: how a command prints what it read. */
import { type Command, Option } from "commander";
import { print, write } from "../output.js";
import { type Column, tableLines } from "./table.js";

export interface FormatOptions {
  readonly output: "table" | "json" | "yaml";
  readonly json?: boolean;
}

export function withFormat(command: Command): Command {
  return command
    .addOption(
      new Option("-o, --output <format>", "how the result is printed")
        .choices(["table", "json", "yaml"])
        .default("table"),
    )
    .option("--json", "the same as --output json");
}

/** A list as a table, or whole as JSON or YAML. On a pipe, a table has tabs and no titles. */
export async function printItems<T>(
  options: FormatOptions,
  columns: readonly Column<T>[],
  items: readonly T[],
): Promise<void> {
  if (!(await printDocument(options, items))) {
    const lines = tableLines(columns, items, process.stdout.isTTY === true);
    if (lines.length > 0) print(lines.join("\n"));
  }
}

/** One item: one line for each column in a table. */
export async function printItem<T>(
  options: FormatOptions,
  columns: readonly Column<T>[],
  item: T,
): Promise<void> {
  if (await printDocument(options, item)) return;
  const fields: readonly Column<Column<T>>[] = [
    { title: "", value: ({ title }) => title },
    { title: "", value: ({ value }) => value(item) },
  ];
  const lines = tableLines(fields, columns, true);
  print(lines.slice(1).join("\n"));
}

export function isTable({ output, json }: FormatOptions): boolean {
  return json !== true && output === "table";
}

/** False when a table is wanted. */
export async function printDocument(options: FormatOptions, value: unknown): Promise<boolean> {
  if (isTable(options)) return false;
  const isJson = options.json === true || options.output === "json";
  write(isJson ? JSON.stringify(value, null, 2) : (await import("yaml")).stringify(value), undefined);
  return true;
}
