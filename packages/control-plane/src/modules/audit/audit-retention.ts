/** Deletes audit entries that are older than they must be kept, a few at a time, so that nobody waits for it. */
import type { Clock } from "@latchkey/core";
import type { Logger } from "@latchkey/observe";
import type { Db } from "../../db/schema.js";
import { writeTransaction } from "../../db/transaction.js";

const DAY_MS = 86_400_000;
const INTERVAL_MS = 3_600_000;
const ROWS_AT_ONCE = 1_000;

export interface AuditRetentionOptions {
  readonly db: Db;
  readonly clock: Clock;
  readonly logger: Logger;
  /** 0: for ever. */
  readonly days: number;
}

export class AuditRetention implements AsyncDisposable {
  readonly #options: AuditRetentionOptions;
  readonly #timer: NodeJS.Timeout | null;
  #running: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: AuditRetentionOptions) {
    this.#options = options;
    this.#timer =
      options.days === 0
        ? null
        : setInterval(() => {
            this.#running = this.run();
          }, INTERVAL_MS);
    this.#timer?.unref();
  }

  /** Deletes what is too old now. Never throws: what could not be deleted is tried again. */
  async run(): Promise<void> {
    const { db, clock, logger, days } = this.#options;
    const before = clock.now() - days * DAY_MS;
    try {
      for (let deleted = ROWS_AT_ONCE; deleted === ROWS_AT_ONCE && !this.#isClosed; )
        deleted = await deleteSome(db, before);
    } catch (error) {
      logger.warn({ err: error }, "old audit entries could not be deleted");
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#isClosed = true;
    await this.#running;
  }
}

async function deleteSome(db: Db, beforeMs: number): Promise<number> {
  return writeTransaction(db, async (trx) => {
    const old = await trx
      .selectFrom("audit_log")
      .select("id")
      .where("at_ms", "<", beforeMs)
      .orderBy("at_ms")
      .limit(ROWS_AT_ONCE)
      .execute();
    const ids = old.map((row) => row.id);
    if (ids.length > 0) await trx.deleteFrom("audit_log").where("id", "in", ids).execute();
    return ids.length;
  });
}
