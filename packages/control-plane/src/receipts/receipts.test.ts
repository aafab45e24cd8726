/** Receipts say what nodes confirmed, never more. Over real streams. */
import { eventually } from "@latchkey/testkit";
import { afterEach, describe, expect, test, vi } from "vitest";
import { StreamHarness } from "../testing/stream-harness.js";
import { receiptLimits } from "./receipts.js";

const harnesses: StreamHarness[] = [];

async function start(): Promise<StreamHarness> {
  const harness = await StreamHarness.start();
  harnesses.push(harness);
  return harness;
}

afterEach(async () => {
  for (const harness of harnesses.splice(0)) await harness[Symbol.asyncDispose]();
});

/** A node that was filled and confirms nothing. */
async function connectWithoutAck(harness: StreamHarness) {
  const registered = await harness.register();
  const node = harness.connect(registered, { acknowledges: false });
  await node.until(({ revision }) => revision !== null);
  return registered;
}

describe("a receipt", () => {
  test("is complete when every node enforces the revision, and says after how long", async () => {
    const harness = await start();
    await Promise.all([harness.join(), harness.join(), harness.join()]);
    const revision = await harness.change({ kind: "key", id: "k", body: null, revocation: true });
    const receipt = await harness.receipts.wait(revision, "ALL", 60_000);
    expect(receipt.isComplete).toBe(true);
    expect(receipt.pending).toEqual([]);
    expect(receipt.acknowledged.map(({ nodeName }) => nodeName).sort()).toEqual([
      "node-1",
      "node-2",
      "node-3",
    ]);
    for (const { afterMs } of receipt.acknowledged) {
      expect(afterMs).toBeGreaterThan(0);
      expect(afterMs).toBeLessThan(60_000);
    }
    expect(receipt.message).toMatch(/^enforced on 3 of 3 nodes after \d+ ms$/);
  });

  test("names the nodes that have not confirmed, with what is known of why", async () => {
    const harness = await start();
    await harness.join();
    await harness.register("never came");
    const holding = await harness.register("holds back");
    const held = harness.connect(holding, { acknowledges: false });
    await held.until(({ revision }) => revision !== null);
    held.acknowledge();
    const gone = harness.connect(await harness.register("went away"));
    await gone.until(({ revision }) => revision !== null);
    gone.disconnect();
    await gone.untilEnd();
    const revision = await harness.change({ id: "a", body: "1" });
    // Two nodes never confirm: each wait ends by its time, and the busiest machine confirms for the first in one of them.
    const receipt = await vi.waitFor(async () => {
      const { acknowledged, ...rest } = await harness.receipts.wait(revision, "ALL", 300);
      expect(acknowledged.map(({ nodeName }) => nodeName)).toEqual(["node-1"]);
      return rest;
    }, 60_000);
    expect(receipt.isComplete).toBe(false);
    expect(receipt.pending).toMatchObject([
      { nodeName: "holds back", reason: "at revision 0" },
      { nodeName: "went away", status: "SILENT", reason: expect.stringMatching(/^not heard from for /) },
    ]);
    expect(receipt.message).toContain("enforced on 1 of 3 nodes");
    expect(receipt.message).toContain("holds back (at revision 0)");
  });

  test("does not count a node that never connected, and counts it from its first stream on", async () => {
    const harness = await start();
    await harness.join();
    const late = await harness.register();
    const revision = await harness.change({ id: "a", body: "1" });
    expect(await harness.receipts.wait(revision, "ALL", 60_000)).toMatchObject({
      isComplete: true,
      pending: [],
      message: expect.stringMatching(/^enforced on 1 of 1 node /),
    });
    const node = harness.connect(late, { acknowledges: false });
    await node.until(({ revision }) => revision !== null);
    expect(harness.receipts.now(revision, "ALL")).toMatchObject({
      isComplete: false,
      pending: [{ nodeId: late.id, reason: "is being filled" }],
    });
  });

  test("for a quorum is complete with more than half of the nodes", async () => {
    const harness = await start();
    await harness.join();
    await connectWithoutAck(harness);
    const revision = await harness.change({ id: "a", body: "1" });
    // One of two is no majority.
    expect((await harness.receipts.wait(revision, "QUORUM", 200)).isComplete).toBe(false);
    await harness.join();
    const receipt = await harness.receipts.wait(revision, "QUORUM", 60_000);
    expect(receipt.isComplete).toBe(true);
    expect(receipt.acknowledged).toHaveLength(2);
    expect(receipt.pending).toHaveLength(1);
  });

  test("does not count an ACK with another digest", async () => {
    const harness = await start();
    const node = harness.connect(await harness.register(), { acknowledges: false });
    await node.until(({ revision }) => revision !== null);
    node.acknowledge();
    const revision = await harness.change({ id: "a", body: "1" });
    await node.untilRevision(revision.number);
    node.acknowledge({ digest: Buffer.alloc(32, 1) });
    await vi.waitFor(async () => {
      const receipt = await harness.receipts.wait(revision, "ALL", 300);
      expect(receipt.isComplete).toBe(false);
      expect(receipt.pending[0]?.reason).toContain("something else than it should");
    }, 60_000);
  });

  test("becomes complete when the last pending node is removed", async () => {
    const harness = await start();
    await harness.join();
    const other = await connectWithoutAck(harness);
    const revision = await harness.change({ id: "a", body: "1" });
    const waiting = harness.receipts.wait(revision, "ALL", 20_000);
    await harness.receipts.wait(revision, "QUORUM", 1);
    await harness.unregister(other);
    const receipt = await waiting;
    expect(receipt.isComplete).toBe(true);
    expect(receipt.message).toContain("1 of 1 node ");
  });

  test("of a revision of another epoch, or of none, is never complete and returned at once", async () => {
    const harness = await start();
    await harness.join();
    const { epoch } = harness.server.cache.revision;
    const other = await harness.receipts.wait({ epoch: epoch - 1, number: 0 }, "ALL", 60_000);
    expect(other).toMatchObject({ isComplete: false });
    expect(other.message).toContain("another epoch");
    const future = await harness.receipts.wait({ epoch, number: 7 }, "ALL", 60_000);
    expect(future.message).toBe("This revision does not exist yet.");
  });

  test("keeps the time of the first confirmation, however late it is asked for", async () => {
    const harness = await start();
    const node = await harness.join();
    const first = await harness.change({ id: "a", body: "1" });
    const early = await harness.receipts.wait(first, "ALL", 5_000);
    for (let i = 0; i < 5; i++) {
      const { number } = await harness.change({ id: "a", body: `later ${i}` });
      await node.untilRevision(number);
    }
    const late = await harness.receipts.wait(first, "ALL", 5_000);
    expect(late.acknowledged).toEqual(early.acknowledged);
  });

  test("followed, shows each confirmation and ends with the last", async () => {
    const harness = await start();
    const one = harness.connect(await harness.register(), { acknowledges: false });
    const two = harness.connect(await harness.register(), { acknowledges: false });
    for (const node of [one, two]) await node.until(({ revision }) => revision !== null);
    for (const node of [one, two]) node.acknowledge();
    const revision = await harness.change({ id: "a", body: "1" });
    for (const node of [one, two]) await node.untilRevision(revision.number);
    const receipts = harness.receipts.follow(revision, "ALL");
    const counts: number[] = [];
    const nodes = [one, two];
    for await (const receipt of receipts) {
      counts.push(receipt.acknowledged.length);
      nodes.shift()?.acknowledge();
    }
    expect(counts).toEqual([0, 1, 2]);
  });

  test("counts a node after a crash, or with a backup, of soon after its first connection", async () => {
    const harness = await start();
    await harness.join();
    const isSaved = async () => {
      const row = await harness.db.selectFrom("node").select("last_seen_at_ms").executeTakeFirstOrThrow();
      return row.last_seen_at_ms !== null ? true : undefined;
    };
    // Sooner than everything that was seen is written.
    await eventually(isSaved, "the first connection is written", { timeoutMs: 25_000 });
  });

  test("can be left at any time, which frees its place", async () => {
    const harness = await start();
    await connectWithoutAck(harness);
    const revision = await harness.change({ id: "a", body: "1" });
    const followed = Array.from({ length: receiptLimits.waitersMax }, () =>
      harness.receipts.follow(revision, "ALL"),
    );
    expect(() => harness.receipts.follow(revision, "ALL")).toThrow("receipts are being waited for");
    const waiting = followed[0]?.next().then(() => followed[0]?.next());
    await followed[0]?.return();
    expect(await waiting).toEqual({ value: undefined, done: true });
    expect(() => harness.receipts.follow(revision, "ALL")).not.toThrow();
    for (const receipts of followed) await receipts.return();
  });
});

describe("the registry", () => {
  test("keeps what is known of nodes over a restart, and shows it with its age", async () => {
    const harness = await start();
    const registered = await harness.register();
    const node = harness.connect(registered);
    await node.until(({ revision }) => revision !== null);
    const revision = await harness.change({ id: "a", body: "1" });
    await harness.receipts.wait(revision, "ALL", 5_000);
    node.close();
    await harness.restart();
    const view = harness.registry.view(registered.id);
    expect(view).toMatchObject({ acked: revision, softwareVersion: "simulated", isConnected: false });
    expect(view?.lastSeenAgeMs).toBeGreaterThanOrEqual(0);
    const receipt = harness.receipts.now(revision, "ALL");
    expect(receipt.acknowledged).toEqual([
      { nodeId: registered.id, nodeName: registered.name, afterMs: null },
    ]);
  });

  test("takes over nodes that another process made, changed or removed", async () => {
    const harness = await start();
    const stays = await harness.register();
    const goes = await harness.register();
    const node = harness.connect(goes);
    await node.until(({ revision }) => revision !== null);
    await harness.db.deleteFrom("node").where("id", "=", goes.id).execute();
    await harness.db
      .insertInto("node")
      .values({
        id: "node_elsewhere",
        name: "elsewhere",
        token_digest: null,
        created_at_ms: 1,
        last_seen_at_ms: Date.now(),
        software_version: "1",
        acked_epoch: harness.server.cache.revision.epoch,
        acked_number: 0,
        last_nack_at_ms: null,
        last_nack_reason: null,
      })
      .execute();
    await harness.registry.sync();
    await node.untilEnd();
    expect(harness.registry.views().map(({ name }) => name)).toEqual(["elsewhere", stays.name]);
    // It has its stream with the other process and is heard there.
    expect(harness.registry.view("node_elsewhere")?.status).toBe("HEALTHY");
  });

  test("tells who watches of all nodes, then of those that change", async () => {
    const harness = await start();
    const first = await harness.register();
    const changes = harness.registry.watch();
    expect((await changes.next()).value).toEqual([first.id]);
    const second = await harness.register();
    expect((await changes.next()).value).toEqual([second.id]);
    await changes.return();
  });
});
