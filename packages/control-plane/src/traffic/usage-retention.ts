/** Deletes usage that is older than it is to be kept, a few rows at a time, so that nobody waits for it. */
import type { Clock } from "@latchkey/core";
import type { Logger } from "@latchkey/observe";
import { sql } from "kysely";
import { CoalescedTask } from "../db/coalesced-task.js";
import type { Db, Trx } from "../db/schema.js";
import { writeTransaction } from "../db/transaction.js";
import { levelShapes, type UsageLevel, usageLevels } from "./usage-levels.js";

const DAY_MS = 86_400_000;
const INTERVAL_MS = 600_000;
/** Of one transaction: a few milliseconds. */
const ROWS_AT_ONCE = 1_000;
/** Series looked at in one transaction. */
const SERIES_AT_ONCE = 1_000;
/** A process that was not heard for so long does not send old batches again. */
const CURSOR_MS_MAX = 7 * DAY_MS;

/** How many days usage is kept, by level. */
export type UsageDays = Readonly<Record<UsageLevel, number>>;

export const USAGE_DAYS: UsageDays = { MINUTE: 2, HOUR: 60, DAY: 730 };

export interface UsageRetentionOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly days: UsageDays;
}

export class UsageRetention implements AsyncDisposable {
  readonly #options: UsageRetentionOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #running = new CoalescedTask(() => this.#run());
  #isClosed = false;
  /** Series are looked at one part after the other; this one is next. */
  #nextSeries = 0;

  constructor(options: UsageRetentionOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.run(), INTERVAL_MS);
    this.#timer.unref();
  }

  /** Deletes what is too old now. Never throws: what could not be deleted is tried again. */
  run(): Promise<void> {
    return this.#running.run();
  }

  async #run(): Promise<void> {
    if (this.#isClosed) return;
    const { db, clock, logger, days } = this.#options;
    const nowMs = clock.now();
    const longestMs = Math.max(...Object.values(days)) * DAY_MS;
    try {
      for (const level of usageLevels) {
        const beforeMs = nowMs - days[level] * DAY_MS;
        // Each part begins where the one before ended: PostgreSQL reads deleted rows again while an older transaction runs.
        let fromMs = 0;
        await this.#repeat(async () => {
          const starts = await writeTransaction(db, (trx) => deleteRollups(trx, level, fromMs, beforeMs));
          fromMs = Math.max(fromMs, ...starts);
          return starts.length;
        });
      }
      await this.#repeat(() => writeTransaction(db, (trx) => deleteGaps(trx, nowMs - longestMs)));
      await this.#repeat(() => writeTransaction(db, (trx) => deleteCursors(trx, nowMs - CURSOR_MS_MAX)));
      this.#nextSeries = await writeTransaction(db, (trx) => this.#deleteSeries(trx));
    } catch (error) {
      logger.warn({ err: error }, "old usage could not be deleted");
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#isClosed = true;
    await this.run();
  }

  async #repeat(deleteSome: () => Promise<number>): Promise<void> {
    for (let deleted = ROWS_AT_ONCE; deleted >= ROWS_AT_ONCE && !this.#isClosed; )
      deleted = await deleteSome();
  }

  /** Deletes those of the next part of all series that no sum is of any more. @returns where the part after it begins */
  async #deleteSeries(trx: Trx): Promise<number> {
    const part = await trx
      .selectFrom("usage_series")
      .select("id")
      .where("id", ">", this.#nextSeries)
      .orderBy("id")
      .limit(SERIES_AT_ONCE)
      .execute();
    const last = part.at(-1)?.id ?? 0;
    await trx
      .deleteFrom("usage_series")
      .where("id", ">", this.#nextSeries)
      .where("id", "<=", last)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom("usage_rollup")
              .select("usage_rollup.series_id")
              .whereRef("usage_rollup.series_id", "=", "usage_series.id")
              .where(
                "usage_rollup.level",
                "in",
                Object.values(levelShapes).map(({ level }) => level),
              ),
          ),
        ),
      )
      .execute();
    return part.length < SERIES_AT_ONCE ? 0 : last;
  }
}

/** @returns when the sums began that were deleted: the oldest ones */
async function deleteRollups(
  trx: Trx,
  level: UsageLevel,
  fromMs: number,
  beforeMs: number,
): Promise<readonly number[]> {
  const row = levelShapes[level].level;
  const old = trx
    .selectFrom("usage_rollup")
    .select(["series_id", "start_ms"])
    .where("level", "=", row)
    .where("start_ms", ">=", fromMs)
    .where("start_ms", "<", beforeMs)
    .orderBy("start_ms")
    .limit(ROWS_AT_ONCE);
  const deleted = await trx
    .deleteFrom("usage_rollup")
    .where("level", "=", row)
    .where(sql<boolean>`(series_id, start_ms) in ${old}`)
    .returning("start_ms")
    .execute();
  return deleted.map(({ start_ms }) => start_ms);
}

async function deleteGaps(trx: Trx, beforeMs: number): Promise<number> {
  const old = trx
    .selectFrom("usage_gap")
    .select(["node_id", "from_ms"])
    .where("to_ms", "<", beforeMs)
    .orderBy("to_ms")
    .limit(ROWS_AT_ONCE);
  const { numDeletedRows } = await trx
    .deleteFrom("usage_gap")
    .where(sql<boolean>`(node_id, from_ms) in ${old}`)
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** Few: one for each process of a node. */
async function deleteCursors(trx: Trx, beforeMs: number): Promise<number> {
  const { numDeletedRows } = await trx
    .deleteFrom("usage_cursor")
    .where("at_ms", "<", beforeMs)
    .executeTakeFirst();
  return Number(numDeletedRows);
}
