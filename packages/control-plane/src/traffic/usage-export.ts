/**
 * Usage as a document: CSV (RFC 4180) or NDJSON, with the names of what requests were counted by. Reads page by page, as the
 * reader of the document takes it.
 */
import type { UsageNames } from "./usage-names.js";
import type { UsageGroupKind, UsageSpan } from "./usage-reader.js";
import { type UsageDimension, type UsageRow, type UsageRows, usageDimensions } from "./usage-rows.js";

export type UsageFormat = "csv" | "ndjson";

export interface UsageExportOptions {
  readonly rows: UsageRows;
  readonly names: UsageNames;
}

/** Rows in memory at a time. */
const PAGE_ROWS = 5_000;

/** Columns of a dimension: its value, and the name of what has that id. */
const columnsOf: Readonly<
  Record<
    UsageDimension,
    { readonly value: string; readonly name: string | null; readonly kind: UsageGroupKind | null }
  >
> = {
  API: { value: "apiId", name: "api", kind: "API" },
  ROUTE: { value: "routeId", name: "route", kind: "ROUTE" },
  KEY: { value: "keyId", name: "key", kind: "KEY" },
  INTEGRATION: { value: "integrationId", name: "integration", kind: "INTEGRATION" },
  NODE: { value: "nodeId", name: "node", kind: "NODE" },
  STATUS: { value: "status", name: null, kind: null },
  ERROR_CODE: { value: "errorCode", name: null, kind: null },
};

type Cell = string | number;

export class UsageExport {
  readonly #options: UsageExportOptions;

  constructor(options: UsageExportOptions) {
    this.#options = options;
  }

  /** Pieces of the document. The first one comes with the first page: what cannot be read fails before anything is sent. */
  async *document(
    span: UsageSpan,
    by: readonly UsageDimension[],
    format: UsageFormat,
  ): AsyncGenerator<string> {
    const dimensions = usageDimensions.filter((dimension) => by.includes(dimension));
    const columns = [
      "at",
      ...dimensions.flatMap((dimension) => {
        const { value, name } = columnsOf[dimension];
        return name === null ? [value] : [value, name];
      }),
      "requests",
      "requestBytes",
      "responseBytes",
    ];
    let head = format === "csv" ? csvLine(columns) : "";
    for (let after: string | null = null, hasNextPage = true; hasNextPage; ) {
      const page = await this.#options.rows.page(span, dimensions, PAGE_ROWS, after);
      const names = await this.#namesOf(
        dimensions,
        page.items.map(({ row }) => row),
      );
      const lines = page.items.map(({ row }) => {
        const cells = cellsOf(row, dimensions, names);
        return format === "csv" ? csvLine(cells) : jsonLine(columns, cells);
      });
      yield head + lines.join("");
      head = "";
      ({ hasNextPage } = page);
      after = page.items.at(-1)?.cursor ?? null;
    }
  }

  /** By dimension and id; what was deleted has none. */
  async #namesOf(
    dimensions: readonly UsageDimension[],
    rows: readonly UsageRow[],
  ): Promise<ReadonlyMap<UsageDimension, ReadonlyMap<string, string>>> {
    const found = new Map<UsageDimension, ReadonlyMap<string, string>>();
    for (const dimension of dimensions) {
      const { kind } = columnsOf[dimension];
      if (kind === null) continue;
      const ids = new Set(rows.map(({ values }) => values[dimension] ?? ""));
      ids.delete("");
      found.set(dimension, await this.#options.names.of(kind, [...ids]));
    }
    return found;
  }
}

function cellsOf(
  { atMs, values, requests, requestBytes, responseBytes }: UsageRow,
  dimensions: readonly UsageDimension[],
  names: ReadonlyMap<UsageDimension, ReadonlyMap<string, string>>,
): readonly Cell[] {
  const cells: Cell[] = [new Date(atMs).toISOString()];
  for (const dimension of dimensions) {
    const value = values[dimension] ?? "";
    cells.push(dimension === "STATUS" ? Number(value) : value);
    if (columnsOf[dimension].name !== null) cells.push(names.get(dimension)?.get(value) ?? "");
  }
  cells.push(requests, requestBytes, responseBytes);
  return cells;
}

function jsonLine(columns: readonly string[], cells: readonly Cell[]): string {
  return `${JSON.stringify(Object.fromEntries(columns.map((column, i) => [column, cells[i]])))}\n`;
}

function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

/**
 * Spreadsheets run a text that begins so as a formula; where lists are written with `;`, also what is behind one. An apostrophe
 * before it makes it a text.
 */
const FORMULA = /(^|;)(?=[\s\p{Cc}]*[=+\-@\uff1d\uff0b\uff0d\uff20])|^(?=[\t\r\n])/gu;

function csvCell(cell: Cell): string {
  if (typeof cell === "number") return String(cell);
  const text = cell.replaceAll(FORMULA, "$1'");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
