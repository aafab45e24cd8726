/** Cuts the rows of a time into parts of some thousand, so that no statement of a long read holds up others. Changes nothing. */
import { type Expression, type SqlBool, sql } from "kysely";
import type { Db } from "../db/schema.js";
import { levelShapes, type UsageLevel } from "./usage-levels.js";

/** Rows of one statement: some milliseconds. */
const PART_ROWS = 2_000;

/** Rows of one level; `toMs` is exclusive. */
export interface UsageTime {
  readonly level: UsageLevel;
  readonly fromMs: number;
  readonly toMs: number;
}

/** A row in the order of the index by start. */
interface Place {
  readonly startMs: number;
  readonly seriesId: number;
}

/** The rows behind one place, up to and with another. */
export interface UsagePart {
  readonly level: UsageLevel;
  readonly after: Place;
  readonly upTo: Place;
}

/** The parts of a time in the order of the index. There is one at least. */
export async function* usageParts(db: Db, time: UsageTime): AsyncGenerator<UsagePart> {
  const { level } = time;
  let after: Place = { startMs: time.fromMs, seriesId: -1 };
  for (;;) {
    const end = await endOfPart(db, time, after);
    const upTo = end ?? { startMs: time.toMs, seriesId: -1 };
    yield { level, after, upTo };
    if (end === null) return;
    after = upTo;
  }
}

/** The rows of a part, joined with their series as `s`. */
export function rowsOfPart(db: Db, { level, after, upTo }: UsagePart) {
  return (
    db
      .selectFrom("usage_rollup as r")
      .innerJoin("usage_series as s", "s.id", "r.series_id")
      .where("r.level", "=", levelShapes[level].level)
      .where(isBehind(after))
      .where(sql<SqlBool>`not ${isBehind(upTo)}`)
      // Says nothing new, and bounds a plan that seeks by series.
      .where("r.start_ms", ">=", after.startMs)
      .where("r.start_ms", "<=", upTo.startMs)
  );
}

/** As floating point: a sum of what nodes claim may be larger than an integer of the database. */
export function sumOf(column: string, condition?: Expression<unknown>) {
  const value = sql.raw(`r.${column}`);
  const counted = condition === undefined ? value : sql`case when ${condition} then ${value} else 0 end`;
  return sql<number>`sum(cast(${counted} as double precision))`;
}

/** The last row of the next part; null: there are fewer rows left. */
async function endOfPart(db: Db, { level, toMs }: UsageTime, after: Place): Promise<Place | null> {
  const row = await db
    .selectFrom("usage_rollup as r")
    .select(["r.start_ms", "r.series_id"])
    .where("r.level", "=", levelShapes[level].level)
    .where(isBehind(after))
    .where("r.start_ms", "<", toMs)
    .orderBy("r.start_ms")
    .orderBy("r.series_id")
    .limit(1)
    .offset(PART_ROWS - 1)
    .executeTakeFirst();
  return row === undefined ? null : { startMs: row.start_ms, seriesId: row.series_id };
}

function isBehind({ startMs, seriesId }: Place) {
  return sql<SqlBool>`(r.start_ms, r.series_id) > (${startMs}, ${seriesId})`;
}
