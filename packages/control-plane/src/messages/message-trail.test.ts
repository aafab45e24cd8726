/** The message trail on real databases: what is kept, found, counted and deleted. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock } from "@latchkey/core";
import { createLogger, createMetrics } from "@latchkey/observe";
import { SecretCipher } from "@latchkey/snapshot";
import { parseExposition } from "@latchkey/testkit";
import { hasPostgres, TestPostgres } from "@latchkey/testkit/postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPostgres } from "../db/open-postgres.js";
import type { Db } from "../db/schema.js";
import { SETUP_MS_MAX } from "../testing/fixture.js";
import { aMessage, count, filters, node, report, START_MS, variety } from "../testing/messages.js";
import { isWanted, type Message, type MessageFilter } from "./message.js";
import { type OpenMessages, openMessagesFile, openMessagesIn } from "./message-database.js";
import { MessageMetrics } from "./message-metrics.js";
import { countMessages, pageMessages } from "./message-store.js";
import { MessageTrail } from "./message-trail.js";

const logger = createLogger({ name: "test", level: "silent" });
const cipher = new SecretCipher([randomBytes(32)]);
const small = { stretchRows: 7, stretchesMax: 1_000 };

const databases: readonly (readonly [
  string,
  () => Promise<{ open: OpenMessages; end: () => Promise<void> }>,
])[] = [
  [
    "SQLite",
    async () => {
      const dir = mkdtempSync(join(tmpdir(), "latchkey-messages-"));
      const open = await openMessagesFile(join(dir, "messages.db"), new FakeClock(), logger);
      return { open, end: async () => rmSync(dir, { recursive: true }) };
    },
  ],
  [
    "PostgreSQL",
    async () => {
      const server = new TestPostgres();
      const shared: Db = await openPostgres({ url: server.url, logger });
      const open = await openMessagesIn(shared);
      return {
        open,
        end: async () => {
          await shared.destroy();
          server[Symbol.dispose]();
        },
      };
    },
  ],
];

describe.each(databases)("the message trail in %s", (name, start) => {
  const isThere = name === "SQLite" || hasPostgres();
  let open: OpenMessages;
  let end: () => Promise<void> = async () => {};
  const clock = new FakeClock(START_MS + 3_600_000);

  beforeAll(async () => {
    if (isThere) ({ open, end } = await start());
  }, SETUP_MS_MAX);
  afterAll(async () => {
    await open?.close();
    await end();
  });

  /** An empty trail over the same database; its timer is not needed. */
  async function aTrail(rowsMax = 1_000, days = 7, registry = createMetrics()): Promise<MessageTrail> {
    await open.db.deleteFrom("message").execute();
    await open.db.deleteFrom("message_minute").execute();
    return aTrailOver(rowsMax, days, registry);
  }

  function aTrailOver(rowsMax: number, days: number, registry = createMetrics()): MessageTrail {
    return new MessageTrail({
      database: { ...open, close: async () => {} },
      clock,
      logger,
      metrics: new MessageMetrics(registry),
      cipher,
      days,
      rowsMax,
    });
  }

  const ids = (messages: readonly Message[]) => messages.map(({ interchangeId }) => interchangeId);

  it.runIf(isThere)("gives back what was reported, by id the newest", async () => {
    await using trail = await aTrail();
    const [older, newer] = [
      aMessage({ interchangeId: "twice" }),
      aMessage({ interchangeId: "twice", status: 502 }),
    ];
    trail.record(node, report([older, newer]));
    await trail.write();
    expect(await trail.find("twice")).toEqual(newer);
    expect(await trail.find("never")).toBeNull();
    expect(
      (await trail.page({ interchangeId: "twice" }, 10, null)).items.map(({ message }) => message),
    ).toEqual([newer, older]);
  });

  it.runIf(isThere)(
    "finds by every filter what a look at each message finds, page by page and in short stretches",
    async () => {
      await using trail = await aTrail();
      const all = variety();
      trail.record(node, report(all));
      // The node's name is the reporter's.
      await trail.write();
      const stored = (await trail.page({}, 200, null)).items.map(({ message }) => message);
      for (const filter of filters) {
        const expected = ids(stored.filter((message) => isWanted(message, filter)));
        expect(ids((await trail.page(filter, 200, null)).items.map(({ message }) => message))).toEqual(
          expected,
        );
        const paged: string[] = [];
        for (let after: string | null = null, hasNext = true; hasNext; ) {
          const page = await pageMessages(open.db, filter, 3, after, small);
          paged.push(...ids(page.items.map(({ message }) => message)));
          hasNext = page.hasNextPage;
          after = page.endCursor;
        }
        expect(paged).toEqual(expected);
      }
    },
  );

  it.runIf(isThere)(
    "ends a search after some stretches, says how far it came, and goes on there",
    async () => {
      await using trail = await aTrail();
      const rare = aMessage({ path: "/rare" });
      const many = Array.from({ length: 40 }, () => aMessage());
      trail.record(node, report([rare, ...many]));
      await trail.write();
      const bounds = { stretchRows: 10, stretchesMax: 2 };
      const first = await pageMessages(open.db, { path: "/rare" }, 5, null, bounds);
      expect(first).toMatchObject({ items: [], hasNextPage: true, searchedBackToMs: many[20]?.atMs });
      const second = await pageMessages(open.db, { path: "/rare" }, 5, first.endCursor, bounds);
      expect(second).toMatchObject({ items: [], hasNextPage: true });
      const third = await pageMessages(open.db, { path: "/rare" }, 5, second.endCursor, bounds);
      expect(ids(third.items.map(({ message }) => message))).toEqual([rare.interchangeId]);
      expect(third).toMatchObject({ hasNextPage: false, searchedBackToMs: null });
    },
  );

  it.runIf(isThere)("finds by time, from inclusive to exclusive", async () => {
    await using trail = await aTrail();
    const all = [aMessage(), aMessage(), aMessage(), aMessage()];
    trail.record(node, report(all));
    await trail.write();
    const at = (i: number) => new Date(all[i]?.atMs ?? 0);
    const page = await trail.page({ since: at(1), until: at(3) }, 10, null);
    expect(ids(page.items.map(({ message }) => message))).toEqual(ids([all[2], all[1]] as Message[]));
  });

  it.runIf(isThere)("counts by time and outcome, as a look at each message does", async () => {
    await using trail = await aTrail();
    const all = variety();
    trail.record(node, report(all));
    await trail.write();
    const [fromMs, toMs] = [all[0]?.atMs ?? 0, (all.at(-1)?.atMs ?? 0) + 1];
    const widthMs = Math.ceil((toMs - fromMs) / 10);
    for (const filter of filters) {
      const expected = Array.from({ length: 10 }, (_, i) => {
        const within = all.filter(
          (message) => isWanted(message, filter) && Math.floor((message.atMs - fromMs) / widthMs) === i,
        );
        const of = (outcome: MessageFilter["outcome"]) =>
          within.filter((message) => isWanted(message, { outcome: outcome ?? null })).length;
        return {
          atMs: fromMs + i * widthMs,
          succeeded: of("SUCCEEDED"),
          clientErrors: of("CLIENT_ERROR"),
          serverErrors: of("SERVER_ERROR"),
        };
      });
      const range = { fromMs, toMs, buckets: 10 };
      expect(await countMessages(open.db, filter, range, small)).toEqual({
        buckets: expected,
        countedBackToMs: null,
      });
      expect(await trail.histogram(filter, fromMs, toMs, 10)).toEqual({
        buckets: expected,
        countedBackToMs: null,
      });
    }
    const cut = await countMessages(
      open.db,
      {},
      { fromMs, toMs, buckets: 10 },
      { stretchRows: 10, stretchesMax: 2 },
    );
    expect(cut.countedBackToMs).toBe(all.at(-20)?.atMs);
  });

  it.runIf(isThere)("keeps the newest rows only, and none that is too old", async () => {
    await using trail = await aTrail(500);
    const messages = Array.from({ length: 1_300 }, () => aMessage({ atMs: clock.now() }));
    trail.record(node, report(messages));
    await trail.write(); // the first write trims
    const kept = await open.db.selectFrom("message").select("interchange_id").orderBy("id").execute();
    expect(kept.map((row) => row.interchange_id)).toEqual(
      messages.slice(-500).map(({ interchangeId }) => interchangeId),
    );

    await using old = await aTrail(1_000, 2);
    const dayMs = 86_400_000;
    const aged = [clock.now() - 3 * dayMs, clock.now() - dayMs].map((atMs) => aMessage({ atMs }));
    old.record(node, report(aged, { counts: [count(1)] }));
    await old.write();
    expect(ids((await old.page({}, 10, null)).items.map(({ message }) => message))).toEqual([
      aged[1]?.interchangeId,
    ]);
    expect(await old.coverage({})).toEqual({ requests: 1, kept: 2 });
    clock.advance(3 * dayMs);
    await using later = await aTrailOver(1_000, 2);
    await later.write();
    expect((await later.page({}, 10, null)).items).toEqual([]);
    expect(await later.coverage({})).toEqual({ requests: 0, kept: 0 });
  });

  it.runIf(isThere)("says how many requests are kept, lost reports included", async () => {
    await using trail = await aTrail();
    trail.record(node, report([aMessage()], { counts: [count(600)], dropped: 200 }));
    await trail.write();
    trail.record(node, report([aMessage(), aMessage()], { counts: [count(100)] }));
    const beforeMs = clock.now();
    clock.advance(3_600_000);
    trail.record(node, report([aMessage()], { counts: [count(1)] }));
    await trail.write();
    expect(await trail.coverage({})).toEqual({ requests: 901, kept: 4 });
    const until = new Date(beforeMs + 120_000);
    expect(await trail.coverage({ since: new Date(beforeMs), until })).toEqual({ requests: 900, kept: 3 });
  });

  it.runIf(isThere)("counts requests whose messages could not be written as not kept", async () => {
    await using trail = await aTrail();
    await open.db.schema.alterTable("message").renameTo("message_away").execute();
    trail.record(node, report([aMessage()], { counts: [count(30)] }));
    await trail.write();
    await open.db.schema.alterTable("message_away").renameTo("message").execute();
    trail.record(node, report([aMessage()], { counts: [count(4)] }));
    await trail.write();
    await trail.write();
    expect(await trail.coverage({})).toEqual({ requests: 34, kept: 1 });
  });

  it.runIf(isThere)(
    "shows in its metrics what is kept, what is not and why, and what was deleted",
    async () => {
      const registry = createMetrics();
      await using trail = await aTrail(30, 7, registry);
      const shown = async (name: string, labels = {}) =>
        parseExposition(await registry.metrics()).value(`latchkey_messages_${name}`, labels);
      expect(await shown("oldest_timestamp_seconds")).toBe(0);
      const oldest = aMessage();
      const other = aMessage();
      const others = (length: number) => report(Array.from({ length }, () => other));
      await open.db.schema.alterTable("message").renameTo("message_away").execute();
      trail.record(node, others(20_005));
      await trail.write();
      await open.db.schema.alterTable("message_away").renameTo("message").execute();
      expect([
        await shown("dropped_total", { cause: "backlog" }),
        await shown("dropped_total", { cause: "database" }),
        await shown("written_total"),
      ]).toEqual([5, 20_000, 0]);
      trail.record(node, report([oldest]));
      await trail.write();
      expect(await shown("oldest_timestamp_seconds")).toBe(oldest.atMs / 1_000);
      trail.record(node, others(100));
      // Old and surplus requests are looked for with every tenth write.
      for (let i = 0; i < 11; i++) await trail.write();
      expect([await shown("written_total"), await shown("deleted_total")]).toEqual([101, 71]);
      expect(await shown("bytes")).toBeGreaterThan(20_000);
      expect(await shown("retention_duration_seconds_count")).toBeGreaterThan(0);
      expect(await shown("oldest_timestamp_seconds")).toBeGreaterThan(oldest.atMs / 1_000);
    },
  );

  it.runIf(isThere)("counts and trims whatever numbers a node claims", async () => {
    await using trail = await aTrail(2);
    const huge = Number.MAX_SAFE_INTEGER;
    const claim = { counts: Array.from({ length: 2_000 }, () => count(huge)) };
    for (let i = 0; i < 11; i++) {
      trail.record(node, report([aMessage({ interchangeId: `claimed ${i}` })], claim));
      await trail.write();
    }
    expect((await trail.coverage({})).requests).toBe(huge);
    expect((await trail.page({}, 10, null)).items.map(({ message }) => message.interchangeId)).toEqual([
      "claimed 10",
      "claimed 9",
    ]);
  });

  it.runIf(isThere)("keeps none where none are to be kept, and shows them as they come", async () => {
    await using trail = await aTrail(0);
    const tail = trail.tail();
    trail.record(node, report([aMessage({ interchangeId: "live" })], { counts: [count(1)] }));
    expect((await tail.next()).value).toMatchObject({ interchangeId: "live", nodeName: "edge-1" });
    await trail.write();
    expect((await trail.page({}, 10, null)).items).toEqual([]);
  });
});

it("takes what a node's wrong clock puts into the future for now", async () => {
  const clock = new FakeClock(START_MS);
  const database = await openMessagesFile(":memory:", clock, logger);
  await using trail = new MessageTrail({
    database,
    clock,
    logger,
    days: 7,
    rowsMax: 10,
    metrics: new MessageMetrics(createMetrics()),
    cipher,
  });
  trail.record(node, report([aMessage({ interchangeId: "late", atMs: START_MS + 1e12 })], { toMs: 1e15 }));
  await trail.write();
  expect((await trail.find("late"))?.atMs).toBe(START_MS);
});
