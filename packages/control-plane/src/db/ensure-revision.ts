/** The one row of `revision`: a new database begins an epoch of its own. */
import type { Clock } from "@latchkey/core";
import type { Db } from "./schema.js";

export async function ensureRevision(db: Db, clock: Clock): Promise<void> {
  await db
    .insertInto("revision")
    .values({ id: 1, epoch: clock.now(), number: 0 })
    .onConflict((conflict) => conflict.column("id").doNothing())
    .execute();
}
