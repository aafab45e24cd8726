/** Ids of usage series. New ones are read and made many at a time: a node that is new brings thousands at once. */
import { sql } from "kysely";
import type { Trx } from "../db/schema.js";
import { nameOfSeries, type UsageSeries } from "./usage-sums.js";

/** Ids kept: some 300 bytes each. */
const IDS_MAX = 50_000;
/** Of one statement: few enough for any bound on its parameters. */
const SERIES_AT_ONCE = 64;

/** Works within a write transaction: writers take turns, so that a new id is the largest one and one more. */
export class SeriesIds {
  readonly #ids = new Map<string, number>();
  /** Made in this transaction, and not written yet. */
  #made: { readonly id: number; readonly series: UsageSeries }[] = [];
  #largest: number | null = null;

  /** After a transaction that was rolled back: what it made is not there. */
  clear(): void {
    this.#ids.clear();
    this.#made = [];
    this.#largest = null;
  }

  /** Null: `find` has not found it, and none was made. */
  idOf(series: UsageSeries): number | null {
    return this.#ids.get(nameOfSeries(series)) ?? null;
  }

  /** Reads the ids of those that are not known. */
  async find(trx: Trx, all: readonly UsageSeries[]): Promise<void> {
    const unknown = new Map(all.map((series) => [nameOfSeries(series), series]));
    for (const name of unknown.keys()) if (this.#ids.has(name)) unknown.delete(name);
    const wanted = [...unknown.values()];
    for (let from = 0; from < wanted.length; from += SERIES_AT_ONCE) {
      const rows = await trx
        .selectFrom("usage_series")
        .selectAll()
        .where((eb) => eb.or(wanted.slice(from, from + SERIES_AT_ONCE).map((one) => eb.and(columnsOf(one)))))
        .execute();
      for (const row of rows) {
        const { node_id: nodeId, api_id: apiId, route_id: routeId, key_id: keyId } = row;
        const { integration_id: integrationId, status, error_code: errorCode } = row;
        this.#keep({ nodeId, apiId, routeId, keyId, integrationId, status, errorCode }, row.id);
      }
    }
  }

  /** The id of a series that has none. `save` writes it. */
  async make(trx: Trx, series: UsageSeries): Promise<number> {
    this.#largest ??= await largestId(trx);
    this.#largest += 1;
    this.#made.push({ id: this.#largest, series });
    return this.#keep(series, this.#largest);
  }

  /** At the end of the transaction. */
  async save(trx: Trx): Promise<void> {
    const made = this.#made;
    this.#made = [];
    this.#largest = null;
    for (let from = 0; from < made.length; from += SERIES_AT_ONCE)
      await trx
        .insertInto("usage_series")
        .values(
          made.slice(from, from + SERIES_AT_ONCE).map(({ id, series }) => ({ id, ...columnsOf(series) })),
        )
        .execute();
    // Not before: what was found may be placed yet.
    for (const name of this.#ids.keys()) {
      if (this.#ids.size <= IDS_MAX) break;
      this.#ids.delete(name);
    }
  }

  #keep(series: UsageSeries, id: number): number {
    this.#ids.set(nameOfSeries(series), id);
    return id;
  }
}

async function largestId(trx: Trx): Promise<number> {
  const newest = await trx
    .selectFrom("usage_series")
    .select(sql<number | null>`max(id)`.as("id"))
    .executeTakeFirst();
  return newest?.id ?? 0;
}

function columnsOf(series: UsageSeries) {
  return {
    node_id: series.nodeId,
    api_id: series.apiId,
    route_id: series.routeId,
    key_id: series.keyId,
    integration_id: series.integrationId,
    status: series.status,
    error_code: series.errorCode,
  };
}
