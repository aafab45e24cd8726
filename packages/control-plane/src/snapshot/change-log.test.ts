/** Revisions are counted in commit order, and the log says what changed or that it cannot. */
import { systemClock } from "@latchkey/core";
import { afterEach, describe, expect, test } from "vitest";
import { MEMORY, openDatabase } from "../db/open.js";
import type { Db } from "../db/schema.js";
import { readTransaction, writeTransaction } from "../db/transaction.js";
import { type Commit, SqlChangeLog } from "./change-log.js";
import type { Change } from "./ports.js";

const databases: Db[] = [];

async function open(rowsMax?: number): Promise<{ db: Db; log: SqlChangeLog }> {
  const db = await openDatabase({ path: MEMORY });
  databases.push(db);
  return { db, log: new SqlChangeLog({ clock: systemClock, ...(rowsMax === undefined ? {} : { rowsMax }) }) };
}

afterEach(async () => {
  for (const db of databases.splice(0)) await db.destroy();
});

function change(id: string, op: Change["op"] = "upsert", revocation = false): Change {
  return { kind: "api", id, op, revocation };
}

describe("the change log", () => {
  test("gives each commit the next number, and none to what was rolled back", async () => {
    const { db, log } = await open();
    const first = await writeTransaction(db, (trx) => log.append(trx, [change("a")]));
    await expect(
      writeTransaction(db, async (trx) => {
        await log.append(trx, [change("b")]);
        throw new Error("no");
      }),
    ).rejects.toThrow("no");
    const second = await writeTransaction(db, (trx) => log.append(trx, [change("c")]));
    expect([first.number, second.number]).toEqual([1, 2]);
    expect(await log.revision(db)).toEqual(second);
    const range = await readTransaction(db, (trx) => log.changesSince(trx, { ...first, number: 0 }));
    expect(range?.changes.map(({ id }) => id)).toEqual(["a", "c"]);
  });

  test("merges what happened to one resource into the last of it, revocations first", async () => {
    const { db, log } = await open();
    const { epoch } = await writeTransaction(db, (trx) => log.append(trx, [change("a"), change("b")]));
    await writeTransaction(db, (trx) => log.append(trx, [change("c"), change("a", "remove", true)]));
    await writeTransaction(db, (trx) => log.append(trx, [change("b", "upsert", true), change("a")]));
    const range = await log.changesSince(db, { epoch, number: 0 });
    expect(range?.to).toEqual({ epoch, number: 3 });
    expect(range?.changes).toEqual([change("a", "upsert", true), change("b", "upsert", true), change("c")]);
    expect((await log.changesSince(db, { epoch, number: 3 }))?.changes).toEqual([]);
  });

  test("cannot tell of another epoch, of the future, or of what was trimmed", async () => {
    const { db, log } = await open(10);
    const { epoch } = await writeTransaction(db, (trx) => log.append(trx, [change("a")]));
    expect(await log.changesSince(db, { epoch: epoch - 1, number: 0 })).toBeNull();
    expect(await log.changesSince(db, { epoch, number: 2 })).toBeNull();
    for (let i = 0; i < 600; i++)
      await writeTransaction(db, (trx) => log.append(trx, [change(`x${i}`), change(`y${i}`)]));
    expect(await log.changesSince(db, { epoch, number: 0 })).toBeNull();
    // Trimmed at 512 to the ten newest rows; whole revisions only.
    expect(await log.changesSince(db, { epoch, number: 506 })).toBeNull();
    expect((await log.changesSince(db, { epoch, number: 507 }))?.changes).toHaveLength((601 - 507) * 2);
  });

  test("tells of each commit whether it revokes, also when reports come late or out of order", async () => {
    const { db, log } = await open();
    const commits: Commit[] = [];
    log.onCommit((commit) => commits.push(commit));
    const one = await writeTransaction(db, (trx) => log.append(trx, [change("a")]));
    const two = await writeTransaction(db, (trx) => log.append(trx, [change("b", "remove", true)]));
    const three = await writeTransaction(db, (trx) => log.append(trx, [change("c")]));
    log.committed(two);
    log.committed(one);
    log.committed(three);
    expect(commits.map(({ revision, revocation }) => [revision.number, revocation])).toEqual([
      [2, true],
      [1, false],
      [3, false],
    ]);
  });
});
