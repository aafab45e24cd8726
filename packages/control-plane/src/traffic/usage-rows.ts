/**
 * Usage as rows, for billing and exports: sums of each step of a time by what is asked for, in pages. Rows of a step are in the
 * order of their values, so that a cursor stays right while counts come. Every request is in exactly one row. Bounded: reads
 * some thousand counts at a time, and keeps a page of rows in memory.
 */
import { sql } from "kysely";
import { readCursor, unknownCursor, writeCursor } from "../db/page.js";
import { safe } from "../db/safe-sum.js";
import type { Db } from "../db/schema.js";
import { compareText } from "../db/text.js";
import { levelShapes } from "./usage-levels.js";
import { rowsOfPart, sumOf, usageParts } from "./usage-parts.js";
import type { UsageSpan } from "./usage-reader.js";

/** What rows may be counted by, in the order of columns. */
export const usageDimensions = [
  "API",
  "ROUTE",
  "KEY",
  "INTEGRATION",
  "NODE",
  "STATUS",
  "ERROR_CODE",
] as const;
export type UsageDimension = (typeof usageDimensions)[number];

export interface UsageRow {
  /** When its step begins. */
  readonly atMs: number;
  /** By dimension; absent where it is not counted by it, empty for requests without one. */
  readonly values: Readonly<Partial<Record<UsageDimension, string>>>;
  readonly requests: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
}

export interface UsageRowPage {
  readonly items: readonly { readonly row: UsageRow; readonly cursor: string }[];
  readonly hasNextPage: boolean;
}

/** A page is over before it is full after so many parts: half a second or so. */
const PARTS_MAX = 100;

const columnOf: Readonly<Record<UsageDimension, string>> = {
  API: "s.api_id",
  ROUTE: "s.route_id",
  KEY: "s.key_id",
  INTEGRATION: "s.integration_id",
  NODE: "s.node_id",
  STATUS: "s.status",
  ERROR_CODE: "s.error_code",
};

export class UsageRows {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** Oldest first. A page may have fewer than `first` rows although more follow. @throws CursorError */
  async page(
    span: UsageSpan,
    by: readonly UsageDimension[],
    first: number,
    after: string | null,
  ): Promise<UsageRowPage> {
    const dimensions = usageDimensions.filter((dimension) => by.includes(dimension));
    const list = `${span.stepMs} ${dimensions.join()}`;
    const from = after === null ? null : readPlace(after, list, dimensions.length);
    const rows: PlacedRow[] = [];
    let parts = 0;
    let atMs = await this.#nextStep(span, Math.max(span.fromMs, from?.atMs ?? 0));
    while (atMs !== null && rows.length <= first && (parts < PARTS_MAX || rows.length === 0)) {
      const step = new FirstRows(first + 1 - rows.length, from?.atMs === atMs ? from.values : null);
      parts += await this.#readStep(span, atMs, dimensions, step);
      for (const sum of step.rows()) rows.push({ ...sum, atMs });
      atMs = await this.#nextStep(span, atMs + span.stepMs);
    }
    const hasNextPage = atMs !== null || rows.length > first;
    return {
      items: rows.slice(0, first).map(({ values, ...sums }) => ({
        row: { ...sums, values: Object.fromEntries(dimensions.map((name, i) => [name, values[i] ?? ""])) },
        cursor: writeCursor([list, sums.atMs, ...values]),
      })),
      hasNextPage,
    };
  }

  /** The next step with counts, from this time on. */
  async #nextStep({ level, stepMs, toMs }: UsageSpan, fromMs: number): Promise<number | null> {
    const row = await this.#db
      .selectFrom("usage_rollup")
      .select("start_ms")
      .where("level", "=", levelShapes[level].level)
      .where("start_ms", ">=", fromMs)
      .where("start_ms", "<", toMs)
      .orderBy("start_ms")
      .limit(1)
      .executeTakeFirst();
    return row === undefined ? null : row.start_ms - (row.start_ms % stepMs);
  }

  /** @returns how many parts were read */
  async #readStep(
    { level, stepMs }: UsageSpan,
    atMs: number,
    dimensions: readonly UsageDimension[],
    into: FirstRows,
  ): Promise<number> {
    let parts = 0;
    for await (const part of usageParts(this.#db, { level, fromMs: atMs, toMs: atMs + stepMs })) {
      parts++;
      const sums = await rowsOfPart(this.#db, part)
        .select([
          ...dimensions.map((name, i) => sql.raw<string | number>(columnOf[name]).as(`value_${i}`)),
          sumOf("requests").as("requests"),
          sumOf("request_bytes").as("request_bytes"),
          sumOf("response_bytes").as("response_bytes"),
        ])
        .$if(dimensions.length > 0, (q) => q.groupBy(dimensions.map((name) => sql.raw(columnOf[name]))))
        .execute();
      // A part without rows has one sum when nothing is asked for, and that is null.
      for (const sum of sums as unknown as readonly SumRow[])
        if (sum.requests !== null)
          into.add(
            dimensions.map((_, i) => String(sum[`value_${i}`] ?? "")),
            sum.requests,
            Number(sum.request_bytes),
            Number(sum.response_bytes),
          );
    }
    return parts;
  }
}

interface SumRow {
  readonly requests: number | null;
  readonly request_bytes: number | null;
  readonly response_bytes: number | null;
  readonly [value: `value_${number}`]: string | number | null;
}

interface Sum {
  readonly values: readonly string[];
  requests: number;
  requestBytes: number;
  responseBytes: number;
}

type PlacedRow = Readonly<Sum> & { readonly atMs: number };

/** Adds sums up, and keeps the first rows behind a place. Rows that cannot be among them are dropped on the way. */
class FirstRows {
  readonly #max: number;
  readonly #after: readonly string[] | null;
  /** Rows behind it are dropped: there are enough before. */
  #last: readonly string[] | null = null;
  #sums = new Map<string, Sum>();

  constructor(max: number, after: readonly string[] | null) {
    this.#max = max;
    this.#after = after;
  }

  add(values: readonly string[], requests: number, requestBytes: number, responseBytes: number): void {
    if (this.#after !== null && compareValues(values, this.#after) <= 0) return;
    if (this.#last !== null && compareValues(values, this.#last) > 0) return;
    const name = JSON.stringify(values);
    const sum = this.#sums.get(name) ?? { values, requests: 0, requestBytes: 0, responseBytes: 0 };
    this.#sums.set(name, sum);
    sum.requests = safe(sum.requests + requests);
    sum.requestBytes = safe(sum.requestBytes + requestBytes);
    sum.responseBytes = safe(sum.responseBytes + responseBytes);
    if (this.#sums.size > 2 * this.#max + 1_000) this.#drop();
  }

  /** In the order of their values. */
  rows(): readonly Readonly<Sum>[] {
    return [...this.#sums.values()].sort((a, b) => compareValues(a.values, b.values)).slice(0, this.#max);
  }

  #drop(): void {
    const kept = this.rows();
    this.#last = kept.at(-1)?.values ?? null;
    this.#sums = new Map(kept.map((sum) => [JSON.stringify(sum.values), sum]));
  }
}

function compareValues(a: readonly string[], b: readonly string[]): number {
  for (const [i, value] of a.entries()) {
    const order = compareText(value, b[i] ?? "");
    if (order !== 0) return order;
  }
  return 0;
}

/** @throws CursorError */
function readPlace(
  cursor: string,
  list: string,
  length: number,
): { readonly atMs: number; readonly values: readonly string[] } {
  const [of, atMs, ...values] = readCursor(cursor, 2 + length);
  if (of !== list || !Number.isSafeInteger(atMs) || !values.every((value) => typeof value === "string"))
    throw unknownCursor();
  return { atMs: atMs as number, values: values as string[] };
}
