/**
 * Which series are in which minute, hour and day. Bounded: series beyond a level's bound are replaced by `other`, first
 * within their API, then altogether. One API leaves a fifth of the bound to the others.
 */
import type { Trx } from "../db/schema.js";
import { SeriesIds } from "./series-ids.js";
import { levelShapes, OTHER, SERIES_MAX, type UsageLevel } from "./usage-levels.js";
import type { UsageSeries, UsageSum } from "./usage-sums.js";

/** Of one API. */
const SHARE_MAX = 0.8;
/** What is beyond the bound may need so many more, to be told by API. */
const OVERFLOW = 1.25;
/** Minutes, hours and days kept: nodes report the present ones, and those before after an outage. */
const PERIODS_MAX = 32;

/** Series of one minute, hour or day. */
interface Period {
  readonly ids: Set<number>;
  readonly countOfApi: Map<string, number>;
}

export class UsageCatalog {
  readonly #seriesMax: Readonly<Record<UsageLevel, number>>;
  readonly #ids = new SeriesIds();
  readonly #periods = new Map<string, Period>();

  constructor(seriesMax: Readonly<Record<UsageLevel, number>> = SERIES_MAX) {
    this.#seriesMax = seriesMax;
  }

  /** After a transaction that was rolled back: what it added is not there. */
  clear(): void {
    this.#ids.clear();
    this.#periods.clear();
  }

  /** The ids under which sums are counted, in their order. */
  async place(trx: Trx, sums: readonly UsageSum[]): Promise<readonly number[]> {
    await this.#ids.find(
      trx,
      sums.map(({ series }) => series),
    );
    const placed: number[] = [];
    for (const sum of sums) placed.push(await this.#placeOne(trx, sum));
    await this.#ids.save(trx);
    return placed;
  }

  async #placeOne(trx: Trx, sum: UsageSum): Promise<number> {
    const period = await this.#period(trx, sum);
    const seriesMax = this.#seriesMax[sum.level];
    const { apiId } = sum.series;
    const known = this.#ids.idOf(sum.series);
    if (known !== null && period.ids.has(known)) return known;
    const ofApi = period.countOfApi.get(apiId) ?? 0;
    if (period.ids.size < seriesMax && ofApi < seriesMax * SHARE_MAX)
      return enter(period, apiId, known ?? (await this.#ids.make(trx, sum.series)));
    const other = { ...sum.series, routeId: OTHER, keyId: OTHER, integrationId: OTHER };
    const ofOther = await this.#findOrMake(trx, other);
    if (period.ids.has(ofOther)) return ofOther;
    if (period.ids.size < seriesMax * OVERFLOW) return enter(period, OTHER, ofOther);
    return enter(
      period,
      OTHER,
      await this.#findOrMake(trx, { ...other, apiId: OTHER, status: 0, errorCode: "" }),
    );
  }

  async #findOrMake(trx: Trx, series: UsageSeries): Promise<number> {
    await this.#ids.find(trx, [series]);
    return this.#ids.idOf(series) ?? this.#ids.make(trx, series);
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
