/** Readers and the writer beside each other, over a database in a file. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import SqliteDatabase from "better-sqlite3";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openDatabase } from "./open.js";
import type { Db } from "./schema.js";
import { readTransaction, writeTransaction } from "./transaction.js";

let folder: string;
let db: Db;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "latchkey-driver-"));
  db = await openDatabase({ path: join(folder, "control-plane.db") });
});
afterEach(async () => {
  await db.destroy();
  rmSync(folder, { recursive: true, force: true });
});

const add = (to: Db, name: string) =>
  to
    .insertInto("subscription")
    .values({ id: name, name, name_key: name, version: 1, created_at_ms: 0, updated_at_ms: 0 })
    .execute();
const names = async (of: Db) =>
  (await of.selectFrom("subscription").select("name").orderBy("name").execute()).map(({ name }) => name);

it("reads what was committed while a transaction writes, and the rest once it is committed", async () => {
  await writeTransaction(db, async (trx) => {
    await add(trx, "north");
    expect(await names(db)).toEqual([]);
    expect(await readTransaction(db, names)).toEqual([]);
    expect(await names(trx)).toEqual(["north"]);
  });
  expect(await names(db)).toEqual(["north"]);
  expect(await readTransaction(db, names)).toEqual(["north"]);
});

it("keeps one state throughout a transaction that reads, and holds up no writer", async () => {
  await readTransaction(db, async (trx) => {
    expect(await names(trx)).toEqual([]);
    await writeTransaction(db, (writing) => add(writing, "north"));
    expect(await names(trx)).toEqual([]);
    expect(await names(db)).toEqual(["north"]);
  });
});

it("lets more read at a time than there are connections", async () => {
  await writeTransaction(db, (trx) => add(trx, "north"));
  const found = await Promise.all(Array.from({ length: 12 }, () => readTransaction(db, names)));
  expect(found).toEqual(found.map(() => ["north"]));
});

it("refuses a statement that writes in a transaction that reads", async () => {
  await expect(readTransaction(db, (trx) => add(trx, "north"))).rejects.toThrow("readonly");
});

it("closes once a transaction that reads has ended", async () => {
  let closed: Promise<void> | undefined;
  await readTransaction(db, async (trx) => {
    closed = db.destroy();
    expect(await names(trx)).toEqual([]);
  });
  await closed;
});

it("folds a long log into the database in a turn of its own, not within the commit that filled it", async () => {
  const other = new SqliteDatabase(join(folder, "control-plane.db"));
  const pages = () => {
    const [state] = other.pragma("wal_checkpoint(NOOP)") as { log: number; checkpointed: number }[];
    return { inLog: state?.log ?? 0, folded: state?.checkpointed ?? 0 };
  };
  try {
    let within = pages();
    await writeTransaction(db, async (trx) => {
      for (let n = 0; n < 1_500; n++) await add(trx, `${n} ${"north".repeat(1_000)}`);
    }).then(() => {
      within = pages();
    });
    expect(within.inLog).toBeGreaterThan(1_500);
    expect(within.folded).toBe(0);
    while (pages().folded < within.inLog) await turn();
    await add(db, "south");
    expect(pages()).toMatchObject({ inLog: expect.toSatisfy((count: number) => count < 100), folded: 0 });
  } finally {
    other.close();
  }
});
