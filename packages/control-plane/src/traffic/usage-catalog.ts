/**
 * Which series are in which minute, hour and day, and their ids. Works within a write transaction: writers take turns, so
 * that a new id is the largest one and one more. Bounded: series beyond a level's bound are replaced by `other`, first
 * within their API, then altogether. One API leaves a fifth of the bound to the others.
 */
import { sql } from "kysely";
import type { Trx } from "../db/schema.js";
import { levelShapes, OTHER, SERIES_MAX, type UsageLevel } from "./usage-levels.js";
import { nameOfSeries, type UsageSeries, type UsageSum } from "./usage-sums.js";

/** Of one API. */
const SHARE_MAX = 0.8;
/** What is beyond the bound may need so many more, to be told by API. */
const OVERFLOW = 1.25;
/** Ids kept: some 300 bytes each. */
const IDS_MAX = 50_000;
/** Minutes, hours and days kept: nodes report the present ones, and those before after an outage. */
const PERIODS_MAX = 32;

/** Series of one minute, hour or day. */
interface Period {
  readonly ids: Set<number>;
  readonly countOfApi: Map<string, number>;
}

export class UsageCatalog {
  readonly #seriesMax: Readonly<Record<UsageLevel, number>>;
  readonly #ids = new Map<string, number>();
  readonly #periods = new Map<string, Period>();

  constructor(seriesMax: Readonly<Record<UsageLevel, number>> = SERIES_MAX) {
    this.#seriesMax = seriesMax;
  }

  /** After a transaction that was rolled back: what it added is not there. */
  clear(): void {
    this.#ids.clear();
    this.#periods.clear();
  }

  /** The id under which a sum is counted. */
  async place(trx: Trx, sum: UsageSum): Promise<number> {
    const period = await this.#period(trx, sum);
    const seriesMax = this.#seriesMax[sum.level];
    const { apiId } = sum.series;
    const known = await this.#find(trx, sum.series);
    if (known !== null && period.ids.has(known)) return known;
    const ofApi = period.countOfApi.get(apiId) ?? 0;
    if (period.ids.size < seriesMax && ofApi < seriesMax * SHARE_MAX)
      return enter(period, apiId, known ?? (await this.#make(trx, sum.series)));
    const other = { ...sum.series, routeId: OTHER, keyId: OTHER, integrationId: OTHER };
    const ofOther = (await this.#find(trx, other)) ?? (await this.#make(trx, other));
    if (period.ids.has(ofOther)) return ofOther;
    if (period.ids.size < seriesMax * OVERFLOW) return enter(period, OTHER, ofOther);
    const all = { ...other, apiId: OTHER, status: 0, errorCode: "" };
    return enter(period, OTHER, (await this.#find(trx, all)) ?? (await this.#make(trx, all)));
  }

  async #period(trx: Trx, { level, startMs }: UsageSum): Promise<Period> {
    const name = `${level} ${startMs}`;
    const kept = this.#periods.get(name);
    if (kept !== undefined) return kept;
    const rows = await trx
      .selectFrom("usage_rollup as r")
      .innerJoin("usage_series as s", "s.id", "r.series_id")
      .select(["s.id", "s.api_id", "s.key_id"])
      .where("r.level", "=", levelShapes[level].level)
      .where("r.start_ms", "=", startMs)
      .execute();
    const period: Period = { ids: new Set(), countOfApi: new Map() };
    for (const row of rows) enter(period, row.key_id === OTHER ? OTHER : row.api_id, row.id);
    this.#periods.set(name, period);
    dropOldest(this.#periods, PERIODS_MAX);
    return period;
  }

  async #find(trx: Trx, series: UsageSeries): Promise<number | null> {
    const name = nameOfSeries(series);
    const kept = this.#ids.get(name);
    if (kept !== undefined) return kept;
    const row = await trx
      .selectFrom("usage_series")
      .select("id")
      .where("api_id", "=", series.apiId)
      .where("key_id", "=", series.keyId)
      .where("route_id", "=", series.routeId)
      .where("integration_id", "=", series.integrationId)
      .where("status", "=", series.status)
      .where("error_code", "=", series.errorCode)
      .where("node_id", "=", series.nodeId)
      .executeTakeFirst();
    return row === undefined ? null : this.#keep(name, row.id);
  }

  async #make(trx: Trx, series: UsageSeries): Promise<number> {
    const newest = await trx
      .selectFrom("usage_series")
      .select(sql<number | null>`max(id)`.as("id"))
      .executeTakeFirst();
    const id = (newest?.id ?? 0) + 1;
    await trx
      .insertInto("usage_series")
      .values({
        id,
        node_id: series.nodeId,
        api_id: series.apiId,
        route_id: series.routeId,
        key_id: series.keyId,
        integration_id: series.integrationId,
        status: series.status,
        error_code: series.errorCode,
      })
      .execute();
    return this.#keep(nameOfSeries(series), id);
  }

  #keep(name: string, id: number): number {
    this.#ids.set(name, id);
    dropOldest(this.#ids, IDS_MAX);
    return id;
  }
}

function enter(period: Period, apiId: string, id: number): number {
  if (period.ids.has(id)) return id;
  period.ids.add(id);
  period.countOfApi.set(apiId, (period.countOfApi.get(apiId) ?? 0) + 1);
  return id;
}

function dropOldest<K>(map: Map<K, unknown>, max: number): void {
  if (map.size <= max) return;
  const oldest = map.keys().next().value;
  if (oldest !== undefined) map.delete(oldest);
}
