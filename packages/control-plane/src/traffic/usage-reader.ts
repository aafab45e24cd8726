/**
 * Reads usage over a time: as points and in groups. Reads some thousand rows at a time, so that the largest installation's chart
 * holds up nobody. Changes nothing.
 */
import { type Expression, type SqlBool, sql } from "kysely";
import { safe } from "../db/safe-sum.js";
import type { Db, LatencyColumn } from "../db/schema.js";
import { RequestSum, type RequestTotals } from "./request-sum.js";
import { latencyColumns, levelShapes, USAGE_BOUNDS_US, type UsageLevel } from "./usage-levels.js";
import { rowsOfPart, sumOf, type UsagePart, usageParts } from "./usage-parts.js";
import type { UsageGap } from "./usage-store.js";

/** A quantile of fewer requests is chance. */
export const QUANTILE_REQUESTS_MIN = 20;
const GAPS_MAX = 200;

export type UsageGroupKind = "API" | "ROUTE" | "KEY" | "INTEGRATION" | "NODE" | "STATUS_CLASS" | "ERROR";

export type UsageGroupOrder = "REQUESTS" | "SERVER_ERRORS" | "LATENCY" | "PREVIOUS_SECRET";

/** Which counts: all that match everything given. */
export interface UsageFilter {
  readonly apiId?: string | null | undefined;
  readonly routeId?: string | null | undefined;
  readonly keyId?: string | null | undefined;
  readonly integrationId?: string | null | undefined;
  readonly nodeId?: string | null | undefined;
  /** 2 for 2xx. */
  readonly statusClass?: number | null | undefined;
  readonly errorCode?: string | null | undefined;
}

/** Both times are multiples of `stepMs`, which is one of the level's. */
export interface UsageSpan {
  readonly fromMs: number;
  readonly toMs: number;
  readonly level: UsageLevel;
  readonly stepMs: number;
}

/** Quantiles are null with fewer than `QUANTILE_REQUESTS_MIN` requests. */
export interface UsageTotals extends RequestTotals {
  /** Requests with the secret before the key's last regeneration. */
  readonly previousSecret: number;
}

export interface UsagePoint extends UsageTotals {
  readonly atMs: number;
  readonly seconds: number;
}

/** What the requests of a group have in common. */
export interface UsageGroupKey {
  /** Empty for requests without one; the id of an API, route, key, integration or node, or "2xx". */
  readonly id: string;
  /** Of the kind ERROR. */
  readonly status: number | null;
  readonly errorCode: string | null;
}

export interface UsageGroup {
  readonly key: UsageGroupKey;
  readonly total: UsageTotals;
  readonly points: readonly UsagePoint[];
}

export class UsageReader {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  /** A point for each step, oldest first, empty ones included, and all as one. */
  async points(
    span: UsageSpan,
    filter: UsageFilter,
  ): Promise<{ readonly points: readonly UsagePoint[]; readonly total: UsageTotals }> {
    const sums = await this.#sums({ span, filter, by: null, isByTime: true });
    const total = new UsageSum();
    for (const sum of sums.values()) total.addSum(sum);
    return { points: pointsOf(span, (atMs) => sums.get(nameOf(atMs, noKey))), total: total.totals() };
  }

  /** The first groups in an order, with their points; `rest` is how many requests are in no group of these. */
  async groups(
    span: UsageSpan,
    filter: UsageFilter,
    by: UsageGroupKind,
    order: UsageGroupOrder,
    first: number,
  ): Promise<{ readonly groups: readonly UsageGroup[]; readonly rest: number }> {
    const sums = await this.#sums({ span, filter, by, isByTime: false });
    const all = [...sums.values()].map((sum) => ({ key: sum.key, total: sum.totals() }));
    all.sort(
      (a, b) => rankOf(b.total, order) - rankOf(a.total, order) || b.total.requests - a.total.requests,
    );
    const top = all.slice(0, first);
    const points = await this.#sums({ span, filter, by, isByTime: true, only: top.map(({ key }) => key) });
    return {
      groups: top.map(({ key, total }) => ({
        key,
        total,
        points: pointsOf(span, (atMs) => points.get(nameOf(atMs, key))),
      })),
      rest: all.slice(first).reduce((rest, { total }) => rest + total.requests, 0),
    };
  }

  /** The sums of these groups, by id. */
  async totalsOf(
    span: UsageSpan,
    filter: UsageFilter,
    by: Exclude<UsageGroupKind, "ERROR">,
    ids: readonly string[] | null,
  ): Promise<ReadonlyMap<string, UsageTotals>> {
    const keys = ids?.map((id) => ({ ...noKey, id }));
    const sums = await this.#sums({ span, filter, by, isByTime: false, only: keys });
    return new Map([...sums.values()].map((sum) => [sum.key.id, sum.totals()]));
  }

  /** When the oldest minute, hour or day begins that there is; null: nothing was counted. */
  async since(level: UsageLevel): Promise<number | null> {
    const row = await this.#db
      .selectFrom("usage_rollup")
      .select("start_ms")
      .where("level", "=", levelShapes[level].level)
      .orderBy("start_ms")
      .limit(1)
      .executeTakeFirst();
    return row?.start_ms ?? null;
  }

  /** Times without counts, oldest first; the newest when there are too many. */
  async gaps(nodeId: string | null, fromMs: number, toMs: number): Promise<readonly UsageGap[]> {
    let query = this.#db
      .selectFrom("usage_gap")
      .selectAll()
      .where("to_ms", ">=", fromMs)
      .where("from_ms", "<", toMs)
      .orderBy("to_ms", "desc")
      .limit(GAPS_MAX);
    if (nodeId !== null) query = query.where("node_id", "=", nodeId);
    const rows = await query.execute();
    return rows
      .map((row) => ({ nodeId: row.node_id, fromMs: row.from_ms, toMs: row.to_ms, lost: row.lost }))
      .reverse();
  }

  /** Sums by time and group, or by one of them, read part by part. */
  async #sums(query: SumQuery): Promise<ReadonlyMap<string, UsageSum>> {
    const sums = new Map<string, UsageSum>();
    if (query.only?.length === 0) return sums;
    for await (const part of usageParts(this.#db, query.span))
      for (const row of await this.#part(part, query)) {
        const key = keyOf(query.by, row);
        const name = nameOf(row.at_ms, key);
        const sum = sums.get(name) ?? new UsageSum(key);
        sums.set(name, sum);
        sum.addRow(row);
      }
    return sums;
  }

  /** Sums of the rows of a part. */
  async #part(part: UsagePart, { span, filter, by, isByTime, only }: SumQuery): Promise<readonly SumRow[]> {
    const atMs = isByTime ? sql<number>`r.start_ms - r.start_ms % ${sql.lit(span.stepMs)}` : sql<number>`0`;
    const [id, code] = groupColumns(by);
    const isError = sql<SqlBool>`s.status >= 400`;
    const query = rowsOfPart(this.#db, part)
      .where((eb) => eb.and([...conditions(filter), ...(by === "ERROR" ? [isError] : [])]))
      .$if(by === "INTEGRATION", (q) => q.where(isOfIntegration))
      .$if(only !== undefined && by !== null, (q) => q.where(isOneOf(id, code, only ?? [])))
      .select([
        atMs.as("at_ms"),
        id.as("group_id"),
        code.as("group_code"),
        sumOf("requests").as("requests"),
        sumOf("requests", sql`s.status between 400 and 499`).as("client_errors"),
        sumOf("requests", sql`s.status between 400 and 499 and s.error_code <> ''`).as("refused"),
        sumOf("requests", sql`s.status >= 500`).as("server_errors"),
        sumOf("request_bytes").as("request_bytes"),
        sumOf("response_bytes").as("response_bytes"),
        sumOf("previous_secret").as("previous_secret"),
        ...latencyColumns.map((column) => sumOf(column).as(column)),
      ])
      .groupBy([sql`1`, sql`2`, sql`3`]);
    return (await query.execute()) as unknown as readonly SumRow[];
  }
}

/** Which requests are added up to which sums. */
interface SumQuery {
  readonly span: UsageSpan;
  readonly filter: UsageFilter;
  /** Null: no groups. */
  readonly by: UsageGroupKind | null;
  readonly isByTime: boolean;
  /** Groups; without it all. */
  readonly only?: readonly UsageGroupKey[] | undefined;
}

type SumRow = Readonly<
  Record<
    | "requests"
    | "client_errors"
    | "refused"
    | "server_errors"
    | "request_bytes"
    | "response_bytes"
    | "previous_secret",
    number
  >
> &
  Readonly<Record<LatencyColumn, number>> & {
    readonly at_ms: number;
    readonly group_id: string | number;
    readonly group_code: string;
  };

const noKey: UsageGroupKey = { id: "", status: null, errorCode: null };

const columnOf: Readonly<Record<UsageGroupKind, string>> = {
  API: "s.api_id",
  ROUTE: "s.route_id",
  KEY: "s.key_id",
  INTEGRATION: "s.integration_id",
  NODE: "s.node_id",
  STATUS_CLASS: "s.status / 100",
  ERROR: "s.status",
};

/** Groups with too few requests for a quantile are the last by latency. */
function rankOf(total: UsageTotals, order: UsageGroupOrder): number {
  switch (order) {
    case "REQUESTS":
      return total.requests;
    case "SERVER_ERRORS":
      return total.serverErrors;
    case "LATENCY":
      return total.p95Ms ?? -1;
    case "PREVIOUS_SECRET":
      return total.previousSecret;
  }
}

/** Two columns, of which the second is for errors. */
function groupColumns(by: UsageGroupKind | null) {
  const id = by === null ? sql<string>`''` : sql.raw<string | number>(columnOf[by]);
  return [id, by === "ERROR" ? sql.raw<string>("s.error_code") : sql<string>`''`] as const;
}

function keyOf(by: UsageGroupKind | null, row: SumRow): UsageGroupKey {
  if (by === "ERROR")
    return {
      id: `${row.group_id} ${row.group_code}`,
      status: Number(row.group_id),
      errorCode: row.group_code,
    };
  return { ...noKey, id: by === "STATUS_CLASS" ? `${row.group_id}xx` : String(row.group_id) };
}

function isOneOf(id: Expression<unknown>, code: Expression<unknown>, keys: readonly UsageGroupKey[]) {
  const [first] = keys;
  if (first?.status != null)
    return sql<SqlBool>`(${sql.join(
      keys.map((key) => sql`(${id} = ${key.status} and ${code} = ${key.errorCode})`),
      sql` or `,
    )})`;
  const ids = keys.map((key) => (/^\dxx$/.test(key.id) ? Number(key.id[0]) : key.id));
  return sql<SqlBool>`${id} in (${sql.join(ids)})`;
}

/** The integration responded, or the gateway could not get its response: refused requests did not come to it. */
const isOfIntegration = sql<SqlBool>`(s.error_code = '' or s.error_code like 'upstream.%')`;

/** As conditions on a join of `usage_series as s`. */
function conditions(filter: UsageFilter): Expression<SqlBool>[] {
  const found: Expression<SqlBool>[] = [];
  const equal = (column: string, value: string | null | undefined): void => {
    if (value != null) found.push(sql<SqlBool>`${sql.raw(column)} = ${value}`);
  };
  equal("s.api_id", filter.apiId);
  equal("s.route_id", filter.routeId);
  equal("s.key_id", filter.keyId);
  equal("s.integration_id", filter.integrationId);
  if (filter.integrationId != null) found.push(isOfIntegration);
  equal("s.node_id", filter.nodeId);
  equal("s.error_code", filter.errorCode);
  const { statusClass } = filter;
  if (statusClass != null)
    found.push(sql<SqlBool>`s.status between ${statusClass * 100} and ${statusClass * 100 + 99}`);
  return found;
}

function nameOf(atMs: number, { id }: UsageGroupKey): string {
  return `${atMs} ${id}`;
}

function pointsOf(
  { fromMs, toMs, stepMs }: UsageSpan,
  find: (atMs: number) => UsageSum | undefined,
): UsagePoint[] {
  const empty = new UsageSum().totals();
  return Array.from({ length: Math.round((toMs - fromMs) / stepMs) }, (_, index) => {
    const atMs = fromMs + index * stepMs;
    return { atMs, seconds: stepMs / 1_000, ...(find(atMs)?.totals() ?? empty) };
  });
}

class UsageSum extends RequestSum {
  readonly key: UsageGroupKey;
  #previousSecret = 0;

  constructor(key: UsageGroupKey = noKey) {
    super(USAGE_BOUNDS_US);
    this.key = key;
  }

  addRow(row: SumRow): void {
    this.add({
      requests: row.requests,
      clientErrors: row.client_errors,
      refused: row.refused,
      serverErrors: row.server_errors,
      requestBytes: row.request_bytes,
      responseBytes: row.response_bytes,
      latency: latencyColumns.map((column) => row[column]),
    });
    this.#previousSecret += row.previous_secret;
  }

  addSum(sum: UsageSum): void {
    this.add(sum);
    this.#previousSecret += sum.#previousSecret;
  }

  override totals(): UsageTotals {
    return { ...super.totals(QUANTILE_REQUESTS_MIN), previousSecret: safe(this.#previousSecret) };
  }
}
