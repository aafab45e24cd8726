/** What a node gets when it joins: nothing, a delta or a snapshot. Real gRPC on loopback, real SQLite. */
import { TcpRelay } from "@latchkey/testkit";
import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { deltas, expectSame, kinds, many, settled, start, until } from "../testing/stream-test.js";

describe("a node that comes", () => {
  test("gets everything when it has nothing", async () => {
    const harness = await start();
    await harness.change({ id: "a", body: "1" }, { id: "b", body: "2" }, { kind: "key", id: "k", body: "3" });
    const node = await harness.join();
    await node.until(({ names }) => names.length === 3);
    expectSame(node, harness);
    expect(kinds(node)).toEqual(["snapshotBegin", "snapshotChunk", "snapshotEnd"]);
  });

  test("gets an empty snapshot when there is nothing, and is up to date with it", async () => {
    const harness = await start();
    const node = await harness.join();
    expectSame(node, harness);
    expect(kinds(node)).toEqual(["snapshotBegin", "snapshotEnd"]);
  });

  test("gets nothing but a heartbeat when nothing changed, in less than 1 KiB on the wire", async () => {
    const harness = await start();
    await using relay = await TcpRelay.start(() => ({ host: "127.0.0.1", port: harness.server.port }));
    await harness.change(...many(1_000));
    const registered = await harness.register();
    const node = harness.connect(registered, { address: `127.0.0.1:${relay.port}` });
    await node.untilRevision(1);
    await settled(harness);
    node.disconnect();
    await node.untilEnd();
    await harness.restart();
    await until(() => relay.connectionCount === 0);
    node.forget();
    relay.resetCounters();
    node.connect();
    await node.until(({ events }) => events.length > 0);
    await settled(harness);
    expect(kinds(node)).toEqual([]);
    expect(relay.bytesDown).toBeLessThan(1_024);
    expectSame(node, harness);
  });

  test("gets one delta over all that happened while it was away, also across a restart", async () => {
    const harness = await start();
    await harness.change(...many(100));
    const registered = await harness.register();
    const node = harness.connect(registered);
    await node.untilRevision(1);
    await settled(harness);
    node.disconnect();
    await node.untilEnd();
    for (let i = 0; i < 20; i++) await harness.change({ id: "api_1", body: `v${i}` });
    await harness.change({ id: "api_2", body: null });
    await harness.restart();
    node.forget();
    node.connect();
    await node.untilRevision(22);
    expect(kinds(node)).toEqual(["delta"]);
    const [delta] = deltas(node);
    expect(delta?.upserts.map(({ id }) => id)).toEqual(["api_1"]);
    expect(delta?.removals.map(({ id }) => id)).toEqual(["api_2"]);
    expectSame(node, harness);
  });

  test("gets everything when its digest is not what it should be", async () => {
    const harness = await start();
    await harness.change(...many(10));
    const registered = await harness.register();
    const node = harness.connect(registered);
    await node.untilRevision(1);
    await settled(harness);
    node.disconnect();
    await node.untilEnd();
    node.corrupt("api/api_3");
    node.forget();
    node.connect();
    await node.until(({ names }) => names.length === 10);
    expect(kinds(node)).toContain("snapshotEnd");
    expectSame(node, harness);
  });

  test("gets everything when the log does not reach back to it", async () => {
    const harness = await start({ changeLogRowsMax: 5 });
    await harness.change({ id: "a", body: "1" });
    const registered = await harness.register();
    const node = harness.connect(registered);
    await node.untilRevision(1);
    await settled(harness);
    node.disconnect();
    await node.untilEnd();
    // Trimmed every 256 revisions.
    for (let i = 0; i < 260; i++) await harness.change({ id: "b", body: String(i) });
    const rows = await sql<{ count: number }>`select count(*) as count from change_log`.execute(harness.db);
    expect(rows.rows[0]?.count).toBeLessThan(20);
    await harness.restart();
    node.forget();
    node.connect();
    await node.untilRevision(261);
    expect(kinds(node)).toContain("snapshotEnd");
    expectSame(node, harness);
  });

  test("gets everything in a new epoch, also when the epoch begins under its feet", async () => {
    const harness = await start({ server: { timings: { pollIntervalMs: 20 } } });
    await harness.change(...many(5));
    const node = await harness.join();
    await node.untilRevision(1);
    node.forget();
    await sql`update revision set epoch = epoch + 1`.execute(harness.db);
    await node.until(
      ({ revision }) => revision?.epoch === harness.server.cache.revision.epoch && kinds(node).length > 0,
    );
    expect(kinds(node)).toEqual(["snapshotBegin", "snapshotChunk", "snapshotEnd"]);
    expectSame(node, harness);
  });

  test("gets what changes while everything is being read for it", async () => {
    const harness = await start({ server: { timings: { snapshotIdleMs: 0 } } });
    await harness.change(...many(1_500));
    await harness.server.cache.advance();
    // The chunks are dropped, so that they have to be read again.
    harness.server.cache.releaseIdle();
    let turns = 0;
    harness.source.betweenSlices = async () => {
      turns++;
      // One in what was read, one in what was not, one that is new and one that goes.
      await harness.change(
        { id: "api_0", body: `changed ${turns}` },
        { id: "api_999", body: `changed ${turns}` },
        { id: `api_0new${turns}`, body: "new" },
        { id: `api_${500 + turns}`, body: null },
      );
    };
    const node = await harness.join();
    expect(turns).toBeGreaterThan(2);
    await node.untilRevision(harness.server.cache.revision.number);
    expectSame(node, harness);
    expect(node.names).toContain("api/api_0new1");
    expect(node.names).not.toContain("api/api_501");
  });

  test("is filled in chunks of at most 256 KiB, except for a resource that is larger alone", async () => {
    const harness = await start();
    await harness.change(...many(2_000, 700), { id: "large", body: "y".repeat(600_000) });
    const node = await harness.join();
    const sizes = node.events.filter(({ kind }) => kind === "snapshotChunk").map(({ bytes }) => bytes);
    expect(sizes.length).toBeGreaterThan(5);
    expect(sizes.filter((bytes) => bytes > 256 * 1024)).toHaveLength(1);
    expectSame(node, harness);
  });
});
