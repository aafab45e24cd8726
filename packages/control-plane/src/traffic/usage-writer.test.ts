/** Usage is in the database once and whole, within bounds, and goes when it is old. On SQLite and on PostgreSQL. */
import { FakeClock } from "@latchkey/core";
import { createLogger } from "@latchkey/observe";
import { hasPostgres } from "@latchkey/testkit/postgres";
import { afterAll, describe, expect, it, test, vi } from "vitest";
import { MEMORY, openDatabase } from "../db/open.js";
import type { Db } from "../db/schema.js";
import { writeTransaction } from "../db/transaction.js";
import { StorageError } from "../errors/storage-error.js";
import type { UsageCursor } from "../nodes/node-registry-options.js";
import type { UsageCountReport } from "../snapshot/node-observer.js";
import { UsageDatabases } from "../testing/usage-databases.js";
import { OTHER } from "./usage-levels.js";
import { USAGE_DAYS, UsageRetention } from "./usage-retention.js";
import { type UsageBatch, UsageWriter } from "./usage-writer.js";

const DAY_MS = 86_400_000;
const NOON_MS = 20_000 * DAY_MS + DAY_MS / 2;
const logger = createLogger({ name: "test", level: "silent" });

function count(more: Partial<UsageCountReport> = {}): UsageCountReport {
  return {
    apiId: "api_1",
    routeId: "rte_1",
    keyId: "key_1",
    integrationId: "int_1",
    status: 200,
    count: 1,
    requestBytes: 10,
    responseBytes: 100,
    latencyBuckets: [1, 0],
    errorCode: "",
    previousSecret: false,
    ...more,
  };
}

function batch(more: Partial<UsageBatch> = {}): UsageBatch {
  return {
    nodeId: "nod_1",
    instanceId: "i_1",
    sequence: 0,
    fromMs: NOON_MS - 1_000,
    atMs: NOON_MS,
    counts: [count()],
    dropped: 0,
    boundsUs: [1_000],
    ...more,
  };
}

function writerOf(db: Db, clock = new FakeClock(NOON_MS)) {
  const stored: UsageCursor[] = [];
  const writer = new UsageWriter({ db, clock, logger, onStored: (cursor) => stored.push(cursor) });
  return { writer, stored };
}

const rowsOf = async (db: Db) =>
  db
    .selectFrom("usage_rollup as r")
    .innerJoin("usage_series as s", "s.id", "r.series_id")
    .selectAll()
    .orderBy("level")
    .orderBy("start_ms")
    .orderBy("id")
    .execute();

const requestsOf = async (db: Db, level: number) =>
  (await rowsOf(db)).filter((row) => row.level === level).reduce((sum, row) => sum + row.requests, 0);

const usageDatabases = new UsageDatabases();
afterAll(() => usageDatabases[Symbol.dispose]());

const databases: readonly (readonly [string, () => Promise<Db>])[] = [
  ["SQLite", () => openDatabase({ path: MEMORY })],
  ["PostgreSQL", () => usageDatabases.openPostgres()],
];

describe.each(databases)("usage on %s", (name, open) => {
  const it = name === "SQLite" ? test : test.skipIf(!hasPostgres());

  it("is summed by minute, hour and day", async () => {
    await using db = await opened(open);
    const { writer } = writerOf(db.db);
    writer.add(batch({ counts: [count({ count: 2 }), count({ status: 502, previousSecret: true })] }));
    writer.add(batch({ atMs: NOON_MS + 59_000, counts: [count({ count: 3, latencyBuckets: [0, 3] })] }));
    await writer.flush();
    writer.add(batch({ atMs: NOON_MS + 61_000 }));
    await writer.flush();
    const rows = await rowsOf(db.db);
    expect(
      rows.map((row) => [row.level, row.start_ms - NOON_MS, row.status, row.requests, row.previous_secret]),
    ).toEqual([
      [0, 0, 200, 5, 0],
      [0, 0, 502, 1, 1],
      [0, 60_000, 200, 1, 0],
      [1, 0, 200, 6, 0],
      [1, 0, 502, 1, 1],
      [2, -DAY_MS / 2, 200, 6, 0],
      [2, -DAY_MS / 2, 502, 1, 1],
    ]);
    expect(rows[0]).toMatchObject({ request_bytes: 20, response_bytes: 200, latency_3: 1, latency_16: 3 });
  });

  it("counts a batch once, also when it comes again to another control plane", async () => {
    await using db = await opened(open);
    const [first, second] = [writerOf(db.db), writerOf(db.db)];
    for (const sequence of [1, 2, 3]) first.writer.add(batch({ sequence }));
    await first.writer.flush();
    expect(first.stored).toEqual([{ nodeId: "nod_1", instanceId: "i_1", sequence: 3 }]);
    for (const sequence of [2, 3, 4]) second.writer.add(batch({ sequence }));
    // Another process of the node has numbers of its own.
    second.writer.add(batch({ sequence: 1, instanceId: "i_2" }));
    await second.writer.flush();
    expect(await requestsOf(db.db, 0)).toBe(5);
    // What is stored already is confirmed again.
    first.writer.add(batch({ sequence: 3 }));
    await first.writer.flush();
    expect(first.stored.at(-1)).toEqual({ nodeId: "nod_1", instanceId: "i_1", sequence: 4 });
    expect(await requestsOf(db.db, 0)).toBe(5);
  });

  it("is written whole or not at all, and tried again", async () => {
    await using db = await opened(open);
    const { writer, stored } = writerOf(db.db);
    await db.db.schema.alterTable("usage_cursor").renameTo("usage_cursor_away").execute();
    writer.add(batch({ sequence: 1 }));
    await writer.flush();
    expect([await rowsOf(db.db), stored]).toEqual([[], []]);
    await db.db.schema.alterTable("usage_cursor_away").renameTo("usage_cursor").execute();
    writer.add(batch({ sequence: 2 }));
    await writer.flush();
    expect(await requestsOf(db.db, 2)).toBe(2);
    expect(stored).toEqual([{ nodeId: "nod_1", instanceId: "i_1", sequence: 2 }]);
  });

  it("keeps what a node lost and when it was silent as gaps", async () => {
    await using db = await opened(open);
    const { writer } = writerOf(db.db);
    writer.addGap({ nodeId: "nod_2", fromMs: 5, toMs: 9, lost: null });
    writer.add(batch({ dropped: 4 }));
    writer.add(batch({ dropped: 3, fromMs: NOON_MS, atMs: NOON_MS + 1_000 }));
    writer.add(batch({ dropped: 1, fromMs: NOON_MS + DAY_MS, atMs: NOON_MS + DAY_MS + 1_000 }));
    await writer.flush();
    const gaps = await db.db.selectFrom("usage_gap").selectAll().orderBy("from_ms").execute();
    expect(gaps).toEqual([
      { node_id: "nod_2", from_ms: 5, to_ms: 9, lost: null },
      { node_id: "nod_1", from_ms: NOON_MS - 1_000, to_ms: NOON_MS + 1_000, lost: 7 },
      { node_id: "nod_1", from_ms: NOON_MS + DAY_MS, to_ms: NOON_MS + DAY_MS + 1_000, lost: 1 },
    ]);
  });

  it("is held by columns whatever a node claims", async () => {
    await using db = await opened(open);
    const { writer } = writerOf(db.db);
    const huge = Number.MAX_SAFE_INTEGER;
    for (let i = 0; i < 3; i++) {
      writer.add(
        batch({ counts: [count({ count: huge, requestBytes: huge, latencyBuckets: [huge, huge] })] }),
      );
      await writer.flush();
    }
    expect((await rowsOf(db.db)).map(({ requests }) => requests)).toEqual([huge, huge, huge]);
    writer.add(batch({ dropped: 3 * huge }));
    await writer.flush();
    expect(await db.db.selectFrom("usage_gap").select("lost").execute()).toEqual([{ lost: huge }]);
  });

  it("goes when it is older than its level is kept", async () => {
    await using db = await opened(open);
    const clock = new FakeClock(NOON_MS);
    const { writer } = writerOf(db.db, clock);
    writer.add(batch({ sequence: 1, dropped: 1 }));
    writer.add(batch({ atMs: NOON_MS + 1.5 * DAY_MS }));
    await writer.flush();
    await using retention = new UsageRetention({ db: db.db, clock, logger, days: USAGE_DAYS });
    const levelsAfter = async (days: number) => {
      clock.advance(days * DAY_MS);
      await retention.run();
      return (await rowsOf(db.db)).map(({ level }) => level);
    };
    expect(await levelsAfter(1)).toEqual([0, 0, 1, 1, 2, 2]);
    expect(await levelsAfter(1.5)).toEqual([0, 1, 1, 2, 2]);
    expect(await levelsAfter(60)).toEqual([2, 2]);
    expect(await levelsAfter(800)).toEqual([]);
    for (const table of ["usage_series", "usage_gap", "usage_cursor"] as const)
      expect(await db.db.selectFrom(table).selectAll().execute(), table).toEqual([]);
  });

  it("goes whole when it takes several transactions, also where many sums began at once", async () => {
    await using db = await opened(open);
    const { writer } = writerOf(db.db);
    writer.add(batch());
    await writer.flush();
    const { series_id, ...row } = await db.db
      .selectFrom("usage_rollup")
      .selectAll()
      .where("level", "=", 0)
      .executeTakeFirstOrThrow();
    // 2 500 sums of two minutes: a transaction deletes 1 000.
    const older = Array.from({ length: 2_500 }, (_, i) => ({
      ...row,
      series_id: series_id + 1 + (i >> 1),
      start_ms: NOON_MS - 3 * DAY_MS + 60_000 * (i % 2),
    }));
    for (let from = 0; from < older.length; from += 100)
      await db.db
        .insertInto("usage_rollup")
        .values(older.slice(from, from + 100))
        .execute();
    await using retention = new UsageRetention({
      db: db.db,
      clock: new FakeClock(NOON_MS),
      logger,
      days: USAGE_DAYS,
    });
    await retention.run();
    expect((await rowsOf(db.db)).filter(({ level }) => level === 0)).toHaveLength(1);
    expect(await db.db.selectFrom("usage_rollup").select("level").execute()).toHaveLength(3);
  });

  it("goes whole when a transaction finds the database busy and runs again", async () => {
    await using db = await opened(open);
    const { writer } = writerOf(db.db);
    const oldMs = NOON_MS - 3 * DAY_MS;
    for (let minute = 0; minute < 12; minute++)
      writer.add(batch({ atMs: oldMs + 60_000 * minute, sequence: minute }));
    await writer.flush();
    const transaction = db.db.transaction.bind(db.db);
    let isBusy = true;
    vi.spyOn(db.db, "transaction").mockImplementation(() => {
      const builder = transaction();
      const execute = builder.execute.bind(builder);
      vi.spyOn(builder, "execute").mockImplementation((work) =>
        execute(async (trx) => {
          const result = await work(trx);
          if (isBusy) {
            isBusy = false;
            throw new StorageError("busy", "another process holds the lock");
          }
          return result;
        }),
      );
      return builder;
    });
    const options = { db: db.db, clock: new FakeClock(NOON_MS), logger, days: USAGE_DAYS };
    await using retention = new UsageRetention(options);
    await retention.run();
    expect(isBusy).toBe(false);
    expect((await rowsOf(db.db)).filter(({ level }) => level === 0)).toEqual([]);
  });
});

test("what is beyond the bound is counted as other, and one API leaves room for the others", async () => {
  await using db = await opened(() => openDatabase({ path: MEMORY }));
  const seriesMax = { MINUTE: 50, HOUR: 200, DAY: 200 };
  const writerOfFew = () =>
    new UsageWriter({ db: db.db, clock: new FakeClock(NOON_MS), logger, onStored: () => {}, seriesMax });
  const writer = writerOfFew();
  for (let from = 0; from < 60; from += 20)
    writer.add(batch({ counts: Array.from({ length: 20 }, (_, i) => count({ keyId: `key_${from + i}` })) }));
  writer.add(batch({ counts: [count({ apiId: "api_2" }), count({ keyId: "key_0" })] }));
  await writer.flush();
  const minutes = (await rowsOf(db.db)).filter(({ level }) => level === 0);
  expect(minutes.reduce((sum, { requests }) => sum + requests, 0)).toBe(62);
  expect(minutes).toHaveLength(42);
  expect(minutes.find((row) => row.key_id === OTHER)).toMatchObject({ api_id: "api_1", requests: 20 });
  expect(minutes.find((row) => row.api_id === "api_2")).toMatchObject({ key_id: "key_1", requests: 1 });
  expect(minutes.find((row) => row.key_id === "key_0")).toMatchObject({ requests: 2 });
  // Hours have more room.
  expect((await rowsOf(db.db)).filter(({ level }) => level === 1)).toHaveLength(61);
  // The bound holds after a restart, and over many APIs.
  const restarted = writerOfFew();
  restarted.add(batch({ counts: [count({ keyId: "key_new" })] }));
  restarted.add(batch({ counts: Array.from({ length: 90 }, (_, i) => count({ apiId: `api_${i + 3}` })) }));
  await restarted.flush();
  const later = (await rowsOf(db.db)).filter(({ level }) => level === 0);
  expect(later.length).toBeLessThanOrEqual(64);
  expect(later.reduce((sum, { requests }) => sum + requests, 0)).toBe(153);
  expect(later.find((row) => row.api_id === OTHER)?.requests).toBeGreaterThan(50);
});

test("what a database out of order makes wait is bounded, and what is beyond is counted as lost", async () => {
  await using db = await opened(() => openDatabase({ path: MEMORY }));
  const clock = new FakeClock(NOON_MS);
  const stored: UsageCursor[] = [];
  const onStored = (cursor: UsageCursor) => stored.push(cursor);
  const writer = new UsageWriter({ db: db.db, clock, logger, onStored, waitingMax: 10 });
  await db.db.schema.alterTable("usage_cursor").renameTo("usage_cursor_away").execute();
  for (let sequence = 1; sequence <= 1_000; sequence++) {
    writer.add(batch({ sequence, atMs: NOON_MS + sequence, fromMs: NOON_MS + sequence - 1 }));
    // A stream that breaks again and again brings the same batches.
    writer.add(batch({ sequence, counts: [] }));
    if (sequence % 100 === 0) await writer.flush();
  }
  writer.add(
    batch({ sequence: 1, instanceId: "i_2", counts: [count(), count({ status: 404 })], dropped: 2 }),
  );
  expect(writer.waiting).toBeLessThanOrEqual(12);
  await db.db.schema.alterTable("usage_cursor_away").renameTo("usage_cursor").execute();
  await writer.flush();
  expect(writer.waiting).toBe(0);
  const lost = (await db.db.selectFrom("usage_gap").selectAll().execute()).map((gap) => gap.lost ?? 0);
  const sum = lost.reduce((all, each) => all + each, 0);
  expect((await requestsOf(db.db, 0)) + sum).toBe(1_004);
  expect(stored.filter(({ sequence }) => sequence === 1_000)).toHaveLength(1);
  // Then it counts as before.
  writer.add(batch({ sequence: 1_001 }));
  await writer.flush();
  expect((await requestsOf(db.db, 0)) + sum).toBe(1_005);
  expect(stored.at(-1)).toEqual({ nodeId: "nod_1", instanceId: "i_1", sequence: 1_001 });
});

test("a mutation gets its turn between the transactions of a large flush", async () => {
  await using db = await opened(() => openDatabase({ path: MEMORY }));
  const { writer } = writerOf(db.db);
  for (let i = 0; i < 10; i++)
    writer.add(batch({ counts: Array.from({ length: 100 }, (_, key) => count({ keyId: `key_${key}` })) }));
  let isFlushed = false;
  const flushed = writer.flush().then(() => {
    isFlushed = true;
  });
  await writeTransaction(db.db, async () => expect(isFlushed).toBe(false));
  expect(isFlushed).toBe(false);
  await flushed;
  expect(await requestsOf(db.db, 1)).toBe(1_000);
});

async function opened(open: () => Promise<Db>): Promise<{ readonly db: Db } & AsyncDisposable> {
  const db = await open();
  return { db, [Symbol.asyncDispose]: () => db.destroy() };
}

it("reads and makes the series of a new node many at a time", async () => {
  let queries = 0;
  await using db = await opened(() => openDatabase({ path: MEMORY, log: () => queries++ }));
  const { writer } = writerOf(db.db);
  const counts = Array.from({ length: 2_000 }, (_, i) => count({ apiId: `api_${i}` }));
  writer.add(batch({ counts }));
  queries = 0;
  await writer.flush();
  expect(await requestsOf(db.db, 2)).toBe(2_000);
  // 32 reads and 32 inserts of series, 188 of sums; one by one they were 6,000 more.
  expect(queries).toBeLessThan(300);
});
