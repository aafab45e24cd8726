/** The two kinds of transaction. Writers take the write lock first; readers see one state throughout. */
import { setTimeout as sleep } from "node:timers/promises";
import { StorageError } from "../errors/storage-error.js";
import type { Db, Trx } from "./schema.js";

/** How often and how long a transaction waits for another process's lock, outside of the event loop's way. */
const BUSY_RETRIES_MAX = 12;
const BUSY_DELAY_MS_MAX = 500;
/** PostgreSQL waits for locks by itself: an attempt that took so long is the last one. */
const BUSY_RETRY_MS_MAX = 4_000;

/** Runs `work` in one write transaction; a busy database is retried from the start, so `work` must have no effects outside. */
export function writeTransaction<T>(db: Db, work: (trx: Trx) => Promise<T>): Promise<T> {
  return retryBusy(() => db.transaction().execute(work));
}

/** Runs `work` over one consistent state. Short: it holds the only SQLite connection. Query `trx`, never `db`, inside. */
export function readTransaction<T>(db: Db, work: (trx: Trx) => Promise<T>): Promise<T> {
  return retryBusy(() =>
    db.transaction().setAccessMode("read only").setIsolationLevel("repeatable read").execute(work),
  );
}

/** Tries again while another process holds the lock; gives up with the `busy` error after about 4 s. */
async function retryBusy<T>(attempt: () => Promise<T>): Promise<T> {
  const startedMs = performance.now();
  for (let tries = 0; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      const isBusy = error instanceof StorageError && error.code === "busy";
      const isLast = tries >= BUSY_RETRIES_MAX || performance.now() - startedMs >= BUSY_RETRY_MS_MAX;
      if (!isBusy || isLast) throw error;
      await sleep(Math.min(BUSY_DELAY_MS_MAX, 20 * 2 ** tries));
    }
  }
}
