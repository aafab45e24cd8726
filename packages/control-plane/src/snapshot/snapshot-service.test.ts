/** The stream's promises, over real gRPC on loopback and real SQLite. */
import { generateKeyPairSync } from "node:crypto";
import { connect, type Socket } from "node:net";
import { status } from "@grpc/grpc-js";
import { systemClock } from "@latchkey/core";
import { NackReason, type SnapshotEnd } from "@latchkey/proto";
import { verifyHeartbeat, verifyVersion, versionFromWire, versionToWire } from "@latchkey/snapshot";
import { type SimulatedEvent, type SimulatedNode, TcpRelay } from "@latchkey/testkit";
import { sql } from "kysely";
import { afterEach, describe, expect, test } from "vitest";
import { writeTransaction } from "../db/transaction.js";
import { type HarnessOptions, StreamHarness, type TestChange } from "../testing/stream-harness.js";
import { Traffic } from "../traffic/traffic.js";
import { SqlChangeLog } from "./change-log.js";

const harnesses: StreamHarness[] = [];

async function start(options?: HarnessOptions): Promise<StreamHarness> {
  const harness = await StreamHarness.start(options);
  harnesses.push(harness);
  return harness;
}

afterEach(async () => {
  for (const harness of harnesses.splice(0)) await harness[Symbol.asyncDispose]();
});

/** What came down besides heartbeats. */
function content(node: SimulatedNode): readonly SimulatedEvent[] {
  return node.events.filter((event) => event.kind !== "heartbeat");
}

function kinds(node: SimulatedNode): readonly string[] {
  return content(node).map((event) => event.kind);
}

function deltas(node: SimulatedNode) {
  return node.events.flatMap(({ message: { message } }) =>
    message?.$case === "delta" ? [message.value] : [],
  );
}

function expectSame(node: SimulatedNode, harness: StreamHarness): void {
  expect(node.version).toEqual(harness.server.cache.version);
  expect(node.digest.toString("hex")).toBe(Buffer.from(harness.server.cache.digest).toString("hex"));
}

/** Resolves when the condition holds; looks at it each turn of the event loop. */
async function until(condition: () => boolean, timeoutMs = 15_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error("waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Resolves when every node has acknowledged what there is. */
async function settled(harness: StreamHarness): Promise<void> {
  await harness.server.cache.advance();
  const receipt = await harness.receipts.wait(harness.server.cache.version, "ALL", 10_000);
  if (!receipt.isComplete) throw new Error(receipt.message);
}

/** The newest version, as a message carries it. */
function wireVersion(harness: StreamHarness) {
  return versionToWire(harness.server.cache.version);
}

function many(count: number, bodyBytes = 20): TestChange[] {
  return Array.from({ length: count }, (_, i) => ({ id: `api_${i}`, body: "x".repeat(bodyBytes) }));
}

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
      ({ version }) => version?.epoch === harness.server.cache.version.epoch && kinds(node).length > 0,
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
    await node.untilRevision(harness.server.cache.version.number);
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

describe("a change", () => {
  test("reaches every node as the same delta, which names only what changed", async () => {
    const harness = await start();
    await harness.change(...many(500));
    const nodes = await Promise.all([harness.join(), harness.join(), harness.join()]);
    for (const node of nodes) node.forget();
    const { number } = await harness.change({ id: "api_7", body: "new" }, { id: "api_8", body: null });
    await Promise.all(nodes.map((node) => node.untilRevision(number)));
    for (const node of nodes) {
      const [delta] = deltas(node);
      expect(delta?.upserts.map(({ id, body }) => [id, body.toString()])).toEqual([["api_7", "new"]]);
      expect(delta?.removals).toEqual([{ kind: "api", id: "api_8" }]);
      expectSame(node, harness);
    }
  });

  test("that changes nothing for nodes is acknowledged as a revision all the same", async () => {
    const harness = await start();
    await harness.change({ id: "a", body: "1" });
    const node = await harness.join();
    const { number } = await harness.change({ id: "a", body: "1" });
    await node.untilRevision(number);
    expect(deltas(node).at(-1)?.upserts).toEqual([]);
    expectSame(node, harness);
  });

  test("in a burst of 100 a second makes at most 10 versions a second, and the last one always arrives", async () => {
    // The interval is shared out over twenty streams: one stream gets a twentieth of it, 100 ms here.
    const harness = await start({ server: { timings: { publishIntervalMs: 2_000 } } });
    const node = await harness.join();
    node.forget();
    const beganMs = performance.now();
    let last = 0;
    for (let i = 0; i < 150; i++) {
      last = (await harness.change({ id: `api_${i % 10}`, body: String(i) })).number;
      const dueMs = beganMs + (i + 1) * 10;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
    }
    await node.untilRevision(last);
    const seconds = (performance.now() - beganMs) / 1000;
    const versions = deltas(node).length;
    expect(versions).toBeGreaterThan(1);
    // One at once, then one an interval; one more for the edge.
    expect(versions).toBeLessThanOrEqual(Math.ceil(seconds * 10) + 2);
    expectSame(node, harness);
  });

  test("that revokes goes out at once, ahead of what waits, and stands first", async () => {
    const harness = await start({
      server: { timings: { publishIntervalMs: 600_000, pollIntervalMs: 600_000 } },
    });
    const node = await harness.join();
    await harness.change({ id: "first", body: "opens the interval" });
    await node.untilRevision(1);
    node.forget();
    await harness.change({ id: "a", body: "waits" });
    await harness.change({ id: "b", body: "waits" });
    const { number } = await harness.change(
      { id: "c", body: "comes along" },
      { kind: "key", id: "k1", body: "disabled", revocation: true },
      { kind: "key", id: "k2", body: null, revocation: true },
    );
    await node.untilRevision(number);
    const [delta] = deltas(node);
    expect(delta?.upserts.map(({ id }) => id)).toEqual(["k1", "a", "b", "c"]);
    expectSame(node, harness);
  });

  test("that revokes does not wait for the ACK of what went before", async () => {
    const harness = await start();
    const node = await harness.join();
    const slow = await harness.join({ acknowledges: false });
    slow.acknowledge();
    const ordinary = await harness.change({ id: "a", body: "1" });
    await slow.untilRevision(ordinary.number);
    const held = await harness.change({ id: "b", body: "1" });
    await node.untilRevision(held.number);
    expect(slow.version?.number).toBe(ordinary.number);
    const revocation = await harness.change({ kind: "key", id: "k", body: null, revocation: true });
    const undone = await harness.change({ kind: "key", id: "k", body: "off", revocation: true });
    await slow.untilRevision(undone.number);
    expect(revocation.number).toBeLessThan(undone.number);
    expectSame(slow, harness);
  });

  test("is signed with the configured key, and so is a full snapshot", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const harness = await start({ server: { signingKey: privateKey } });
    await harness.change({ id: "a", body: "1" });
    const node = await harness.join();
    await harness.change({ id: "a", body: "2" });
    await node.untilRevision(2);
    const signed = node.events.flatMap(
      ({ message: { message } }): Pick<SnapshotEnd, "version" | "digest" | "signature">[] => {
        if (message?.$case === "snapshotEnd") return [message.value];
        return message?.$case === "delta" ? [{ ...message.value, version: message.value.to }] : [];
      },
    );
    expect(signed).toHaveLength(2);
    for (const { version, digest, signature } of signed) {
      if (version === undefined) throw new Error("a version is missing");
      expect(verifyVersion(versionFromWire(version), digest, signature, publicKey)).toBe(true);
      expect(verifyVersion({ epoch: 1, number: 1 }, digest, signature, publicKey)).toBe(false);
    }
  });
});

test("a commit of another process is found, sent, and counted in lags and receipts", async () => {
  const harness = await start({ server: { timings: { pollIntervalMs: 30 } } });
  const node = await harness.join();
  const elsewhere = new SqlChangeLog({ clock: systemClock });
  const version = await writeTransaction(harness.db, async (trx) => {
    await sql`insert into test_resource values ('api', 'a', ${Buffer.from("theirs")})`.execute(trx);
    return elsewhere.append(trx, [{ kind: "api", id: "a", op: "upsert", revocation: false }]);
  });
  await node.untilRevision(version.number);
  expect(Buffer.from(node.body("api/a") ?? []).toString()).toBe("theirs");
  const receipt = await harness.receipts.wait(version, "ALL", 5_000);
  expect(receipt.isComplete).toBe(true);
  expect(harness.registry.views()[0]).toMatchObject({ acked: version, lagRevisions: 0 });
});

describe("a node that has trouble", () => {
  test("gets everything after it refused a version, and is shown with the reason", async () => {
    const harness = await start();
    await harness.change(...many(10));
    const registered = await harness.register();
    const node = harness.connect(registered);
    await node.untilRevision(1);
    await settled(harness);
    node.corrupt("api/api_3");
    node.forget();
    await harness.change({ id: "api_4", body: "new" });
    await node.untilRevision(2);
    await settled(harness);
    expect(kinds(node)).toEqual(["delta", "snapshotBegin", "snapshotChunk", "snapshotEnd"]);
    expectSame(node, harness);
    const view = harness.registry.view(registered.id);
    expect(view?.lastNack?.reason).toContain("digest-mismatch");
    expect(view?.status).toBe("HEALTHY");
  });

  test("that acknowledges with another digest is shown as drifted and filled anew", async () => {
    const harness = await start();
    await harness.change(...many(10));
    const registered = await harness.register();
    const node = harness.connect(registered, { acknowledges: false });
    await node.untilRevision(1);
    node.acknowledge();
    await settled(harness);
    node.forget();
    await harness.change({ id: "b", body: "1" });
    await node.untilRevision(2);
    node.acknowledge({ digest: Buffer.alloc(32, 7) });
    await node.until(({ events }) => events.some(({ kind }) => kind === "snapshotEnd"));
    const view = harness.registry.view(registered.id);
    expect(view?.status).toBe("DRIFTED");
    expect(view?.driftSinceMs).not.toBeNull();
    node.acknowledge();
    await until(() => harness.registry.view(registered.id)?.status === "HEALTHY");
  });

  test("that refuses over and over is not flooded with snapshots", async () => {
    const harness = await start();
    await harness.change(...many(10));
    const node = await harness.join({ acknowledges: false });
    node.forget();
    node.nack({ version: wireVersion(harness), reason: NackReason.MALFORMED, detail: "a test" });
    // What is sent before the heartbeat of the next round trip would have come by then.
    await harness.change({ id: "b", body: "1" });
    await harness.join();
    expect(node.events.filter(({ kind }) => kind === "snapshotBegin").length).toBeLessThanOrEqual(1);
  });

  test("that refuses what was sent behind a refused revision is not filled a second time", async () => {
    const harness = await start();
    await harness.change(...many(10));
    const node = await harness.join({ acknowledges: false });
    node.acknowledge();
    await settled(harness);
    node.forget();
    const refused = [];
    for (const revocation of [false, true]) {
      const { number } = await harness.change({ id: "a", body: `${revocation}`, revocation });
      await node.untilRevision(number);
      refused.push(wireVersion(harness));
    }
    for (const version of refused) node.nack({ version, reason: NackReason.GAP, detail: "a test" });
    await node.until(({ events }) => events.some(({ kind }) => kind === "snapshotEnd"));
    node.acknowledge();
    await settled(harness);
    expect(kinds(node)).toEqual(["delta", "delta", "snapshotBegin", "snapshotChunk", "snapshotEnd"]);
    expect(node.isConnected).toBe(true);
  });

  test("names the resources it quarantined, and is shown as rejecting", async () => {
    const harness = await start();
    await harness.change({ id: "good", body: "1" }, { id: "bad", body: "2" });
    const registered = await harness.register();
    const node = harness.connect(registered, { rejects: ({ id }) => (id === "bad" ? "bad pattern" : null) });
    await node.untilRevision(1);
    await until(() => harness.registry.view(registered.id)?.status === "REJECTING");
    expect(harness.registry.view(registered.id)?.rejected).toEqual([
      { ref: { kind: "api", id: "bad" }, reason: "bad pattern" },
    ]);
    await harness.change({ id: "bad", body: null });
    await until(() => harness.registry.view(registered.id)?.status === "HEALTHY");
  });

  test("that never acknowledges is shown as lagging and disconnected", async () => {
    const harness = await start({ server: { timings: { ackTimeoutMs: 4_000 } } });
    await harness.change({ id: "a", body: "1" });
    const registered = await harness.register();
    const node = harness.connect(registered, { acknowledges: false, healthIntervalMs: 200 });
    await node.untilRevision(1);
    await until(() => harness.registry.view(registered.id)?.status === "LAGGING");
    const end = await node.untilEnd();
    expect(end.code).toBe(status.DEADLINE_EXCEEDED);
    expect(harness.registry.view(registered.id)?.status).toBe("SILENT");
  });

  test("that says nothing any more is disconnected and never shown as healthy", async () => {
    const harness = await start({ server: { timings: { silenceMaxMs: 500 } } });
    const registered = await harness.register();
    const node = harness.connect(registered, { healthIntervalMs: 0 });
    const end = await node.untilEnd();
    expect(end.code).toBe(status.DEADLINE_EXCEEDED);
    await until(() => harness.registry.view(registered.id)?.isConnected === false);
    expect(harness.registry.view(registered.id)?.status).toBe("SILENT");
  });

  test("behind a connection that went dead is found by pings", async () => {
    const harness = await start({ server: { timings: { keepaliveTimeMs: 200, keepaliveTimeoutMs: 200 } } });
    await using relay = await TcpRelay.start(() => ({ host: "127.0.0.1", port: harness.server.port }));
    const registered = await harness.register();
    const node = harness.connect(registered, { address: `127.0.0.1:${relay.port}` });
    await node.until(({ version }) => version !== null);
    relay.freeze();
    await until(() => harness.registry.view(registered.id)?.isConnected === false);
    expect(harness.server.streamCount).toBe(0);
  });

  test("that reads slowly costs one message, holds up nobody, and catches up in one delta", async () => {
    const harness = await start({ server: { timings: { publishIntervalMs: 0 } } });
    await harness.change(...many(50));
    const slow = await harness.join();
    const quick = await harness.join();
    await settled(harness);
    slow.pause();
    slow.forget();
    let last = 0;
    for (let i = 0; i < 200; i++) {
      last = (await harness.change({ id: `api_${i % 50}`, body: `${i}`.repeat(2_000) })).number;
      await quick.untilRevision(last);
    }
    slow.resume();
    await slow.untilRevision(last);
    // What was on its way when it stopped reading, and one for all the rest.
    expect(deltas(slow).length).toBeLessThanOrEqual(3);
    expectSame(slow, harness);
  });

  test("that stops reading in the middle of a snapshot is cut off, and others are not held up", async () => {
    const harness = await start({ server: { timings: { ackTimeoutMs: 2_000 }, fullTransfersMax: 2 } });
    await harness.change(...many(4_000, 5_000));
    const registered = await harness.register();
    const stuck = harness.connect(registered, { healthIntervalMs: 200 });
    await stuck.until(({ events }) => events.some(({ kind }) => kind === "snapshotChunk"));
    stuck.pause();
    const quick = await harness.join();
    expectSame(quick, harness);
    await until(() => harness.registry.view(registered.id)?.isConnected === false);
    expect(harness.server.streamCount).toBe(1);
    // It does not read the status either, so its connection goes as well.
    await until(() => harness.server.connectionCount === 1);
  });
});

describe("the door", () => {
  test("is shut to a token that is nobody's, and to a token of another node", async () => {
    const harness = await start();
    const one = await harness.register();
    const two = await harness.register();
    const forged = harness.connect({ ...one, token: "lkn_forged" });
    expect((await forged.untilEnd()).code).toBe(status.UNAUTHENTICATED);
    const borrowed = harness.connect({ ...one, token: two.token });
    expect((await borrowed.untilEnd()).code).toBe(status.UNAUTHENTICATED);
    expect(harness.refused.map(({ claimedNode }) => claimedNode)).toEqual([null, one.id]);
    expect(harness.registry.view(one.id)?.status).toBe("NEVER_SEEN");
  });

  test("shuts at once behind a node that is removed or gets another token", async () => {
    const harness = await start();
    const registered = await harness.register();
    const node = harness.connect(registered);
    await node.until(({ version }) => version !== null);
    await settled(harness);
    const renewed = await harness.regenerateToken(registered);
    expect((await node.untilEnd()).code).toBe(status.UNAUTHENTICATED);
    node.connect();
    expect((await node.untilEnd()).code).toBe(status.UNAUTHENTICATED);
    const again = harness.connect(renewed);
    await again.until(({ version }) => version !== null);
    await harness.unregister(renewed);
    expect((await again.untilEnd()).code).toBe(status.UNAUTHENTICATED);
    expect(harness.registry.view(registered.id)).toBeNull();
  });

  test("lets the newer of two streams of one node in and the older out", async () => {
    const harness = await start();
    const registered = await harness.register();
    const older = harness.connect(registered);
    await older.until(({ version }) => version !== null);
    const newer = harness.connect(registered);
    expect((await older.untilEnd()).code).toBe(status.ABORTED);
    await newer.until(({ version }) => version !== null);
    const view = harness.registry.view(registered.id);
    expect(view?.isConnected).toBe(true);
    expect(view?.replacedCount).toBe(1);
  });

  test("lets nodes in at a bounded rate and tells the others when to come again, apart from each other", async () => {
    const harness = await start({ server: { admissionRatePerSecond: 0.5, admissionBurst: 2 } });
    const registered = await Promise.all(Array.from({ length: 6 }, () => harness.register()));
    const nodes = registered.map((node) => harness.connect(node));
    const refused: number[] = [];
    await until(() => {
      refused.length = 0;
      for (const { end } of nodes)
        if (end?.code === status.RESOURCE_EXHAUSTED) refused.push(end.retryAfterMs ?? 0);
      return refused.length === 4;
    });
    refused.sort((a, b) => a - b);
    for (const [i, retryAfterMs] of refused.entries()) expect(retryAfterMs).toBeGreaterThan(i * 1_500);
    expect(harness.server.streamCount).toBe(2);
  });

  test("is closed politely: nodes are told to come again, spread over ten seconds", async () => {
    const harness = await start();
    const nodes = await Promise.all([harness.join(), harness.join()]);
    await harness.server.close();
    for (const node of nodes) {
      const end = await node.untilEnd();
      expect(end.code).toBe(status.UNAVAILABLE);
      expect(end.retryAfterMs).toBeGreaterThanOrEqual(0);
      expect(end.retryAfterMs).toBeLessThan(10_000);
    }
  });
});

test("what nodes report arrives with the node's id", async () => {
  const harness = await start();
  const registered = await harness.register();
  const node = harness.connect(registered, { healthIntervalMs: 0 });
  await node.until(({ version }) => version !== null);
  node.health({ ready: true, rssBytes: 123n, inFlight: 4 });
  node.usage({
    fromMs: 1n,
    toMs: 2n,
    counts: [
      {
        apiId: "api_1",
        routeId: "rte_1",
        keyId: "key_1",
        integrationId: "int_1",
        status: 200,
        count: 5n,
        requestBytes: 10n,
        responseBytes: 20n,
        latencyBuckets: [1n, 4n],
        errorCode: "",
        previousSecret: false,
      },
    ],
    samples: [],
    dropped: 0n,
  });
  await until(() => harness.usage.length > 0);
  expect(harness.usage[0]?.nodeId).toBe(registered.id);
  expect(harness.usage[0]?.report.counts[0]).toMatchObject({ count: 5, latencyBuckets: [1, 4] });
  expect(harness.registry.view(registered.id)).toMatchObject({
    isReady: true,
    rssBytes: 123,
    requestsInFlight: 4,
  });
});

describe("a node that lies", () => {
  const digest = Buffer.alloc(32, 7);

  /** A node that holds the newest revision, and one more revision that it has not confirmed. */
  async function withPending() {
    const harness = await start();
    await harness.change({ kind: "key", id: "k", body: "1" });
    const registered = await harness.register("liar");
    const liar = harness.connect(registered, { acknowledges: false });
    await liar.until(({ version }) => version !== null);
    liar.acknowledge();
    await settled(harness);
    const honest = await harness.join();
    const revoked = await harness.change({ kind: "key", id: "k", body: null, revocation: true });
    await liar.untilRevision(revoked.number);
    await honest.untilRevision(revoked.number);
    return { harness, liar, registered, revoked };
  }

  const claims: readonly (readonly [string, (now: { epoch: number; number: number }) => bigint[]])[] = [
    ["a version of the future", ({ epoch, number }) => [BigInt(epoch), BigInt(number + 1_000)]],
    ["the largest number", ({ epoch }) => [BigInt(epoch), 2n ** 64n - 1n]],
    ["the largest epoch", () => [2n ** 64n - 1n, 2n ** 64n - 1n]],
    ["another epoch", ({ epoch, number }) => [BigInt(epoch + 1), BigInt(number)]],
    ["a version that it confirmed before", ({ epoch }) => [BigInt(epoch), 1n]],
    ["no version", () => [0n, 0n]],
  ];

  test.each(claims)("confirms nothing with an ACK of %s, and loses its stream", async (_, claim) => {
    const { harness, liar, registered, revoked } = await withPending();
    const [epoch = 0n, number = 0n] = claim(revoked);
    liar.acknowledge({ version: { epoch, number }, digest });
    expect(await liar.untilEnd()).toMatchObject({ code: status.INVALID_ARGUMENT });
    await until(() => harness.registry.view(registered.id)?.isConnected === false);
    const receipt = harness.receipts.now(revoked, "ALL");
    expect(receipt.isComplete).toBe(false);
    expect(receipt.pending.map(({ nodeName }) => nodeName)).toEqual(["liar"]);
    expect(harness.registry.view(registered.id)?.acked).toEqual({ epoch: revoked.epoch, number: 1 });
  });

  test.each(claims)("refuses nothing with a NACK of %s, and loses its stream", async (_, claim) => {
    const { harness, liar, registered, revoked } = await withPending();
    const [epoch = 0n, number = 0n] = claim(revoked);
    liar.nack({ version: { epoch, number }, reason: NackReason.OLDER_VERSION, detail: "so it says" });
    expect(await liar.untilEnd()).toMatchObject({ code: status.INVALID_ARGUMENT });
    await until(() => harness.registry.view(registered.id)?.isConnected === false);
    expect(harness.registry.view(registered.id)?.lastNack).toBeNull();
  });

  test("is not let in with a version that no database can have", async () => {
    const harness = await start();
    const registered = await harness.register();
    const liar = harness.connect(registered);
    await liar.until(({ version }) => version !== null);
    await settled(harness);
    liar.disconnect();
    await liar.untilEnd();
    liar.pretend({ epoch: 2 ** 63, number: 2 ** 63 }, digest);
    liar.connect();
    expect(await liar.untilEnd()).toMatchObject({ code: status.INVALID_ARGUMENT });
    expect(harness.registry.view(registered.id)?.acked).toEqual(harness.server.cache.version);
  });

  test("does not confirm a snapshot that is still on its way", async () => {
    const harness = await start();
    await harness.change(...many(4_000, 2_000));
    const registered = await harness.register();
    const liar = harness.connect(registered, { acknowledges: false });
    await liar.until(({ events }) => events.some(({ kind }) => kind === "snapshotBegin"));
    liar.pause();
    const { epoch, number } = harness.server.cache.version;
    liar.acknowledge();
    liar.pretend({ epoch, number }, harness.server.cache.digest);
    liar.acknowledge();
    liar.resume();
    expect(await liar.untilEnd()).toMatchObject({ code: status.INVALID_ARGUMENT });
    expect(harness.registry.view(registered.id)?.acked).toBeNull();
  });

  test("gets another snapshot when it refuses one before all of it has come", async () => {
    const harness = await start();
    await harness.change(...many(4_000, 2_000));
    const registered = await harness.register();
    const node = harness.connect(registered);
    await node.until(({ events }) => events.some(({ kind }) => kind === "snapshotBegin"));
    node.nack({ version: wireVersion(harness), reason: NackReason.OLDER_VERSION, detail: "snapshot" });
    await until(() => harness.registry.view(registered.id)?.lastNack !== null);
    await harness.change({ id: "b", body: "1" });
    await node.untilRevision(2);
    expectSame(node, harness);
  });

  test("cannot send numbers that no query can show", async () => {
    const harness = await start();
    const registered = await harness.register();
    const liar = harness.connect(registered, { healthIntervalMs: 0 });
    await liar.until(({ version }) => version !== null);
    const huge = 2n ** 64n - 1n;
    liar.health({ rssBytes: huge, inFlight: 2 ** 32 - 1 });
    const count = {
      apiId: "a\0",
      routeId: "r",
      keyId: "k",
      integrationId: "i",
      status: 2 ** 32 - 1,
      count: huge,
      requestBytes: huge,
      responseBytes: huge,
      latencyBuckets: [huge],
      errorCode: "",
      previousSecret: false,
    };
    liar.usage({ fromMs: huge, toMs: huge, counts: [count, count], samples: [], dropped: huge });
    await until(() => harness.usage.length > 0 && harness.registry.view(registered.id)?.rssBytes !== null);
    const view = harness.registry.view(registered.id);
    expect(view?.rssBytes).toBeLessThanOrEqual(Number.MAX_SAFE_INTEGER);
    expect(view?.requestsInFlight).toBeLessThan(2 ** 31);
    const report = harness.usage[0]?.report;
    expect(Number.isNaN(new Date(report?.toMs ?? 0).getTime())).toBe(false);
    expect(report?.counts[0]?.apiId).not.toContain("\0");
    const traffic = new Traffic(systemClock);
    if (report !== undefined) traffic.record(registered.id, report, []);
    expect(Number.isSafeInteger(traffic.total({}, "MINUTE", 1).requestBytes)).toBe(true);
  });
});

describe("heartbeats", () => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");

  function heartbeats(node: SimulatedNode) {
    return node.events.flatMap(({ message: { message } }) =>
      message?.$case === "heartbeat" ? [message.value] : [],
    );
  }

  test("are signed over time, version, digest, sequence and the challenge of their stream", async () => {
    const harness = await start({
      server: { signingKey: privateKey, timings: { heartbeatIntervalMs: 0 } },
    });
    const challenge = Buffer.alloc(16, 5);
    const node = await harness.join({ challenge });
    await harness.change({ id: "a", body: "1" });
    await node.untilRevision(1);
    await node.until(() => heartbeats(node).filter(({ version }) => version?.number === 1n).length > 0);
    let last = 0;
    for (const { version, digest, sequence, serverTimeMs, signature } of heartbeats(node)) {
      if (version === undefined) throw new Error("no version");
      const content = {
        challenge,
        sequence: Number(sequence),
        serverTimeMs: Number(serverTimeMs),
        version: versionFromWire(version),
        digest,
      };
      expect(content.sequence).toBeGreaterThan(last);
      last = content.sequence;
      expect(verifyHeartbeat(content, signature, publicKey)).toBe(true);
      expect(verifyHeartbeat({ ...content, challenge: Buffer.alloc(16) }, signature, publicKey)).toBe(false);
    }
    expect(heartbeats(node).at(-1)?.digest).toEqual(Buffer.from(harness.server.cache.digest));
  });

  test.each([
    ["without a challenge", Buffer.alloc(0)],
    ["with one that could be guessed", Buffer.alloc(15)],
    ["with one that is too long", Buffer.alloc(65)],
  ])("are unsigned for a node that comes %s", async (_, challenge) => {
    const harness = await start({ server: { signingKey: privateKey } });
    const node = await harness.join({ challenge });
    for (const { signature } of heartbeats(node)) expect(signature).toHaveLength(0);
  });
});

describe("connections that no node uses", () => {
  /** Silent from its beginning; resolves when the other side has closed it. */
  function silent(
    harness: StreamHarness,
    firstBytes: string | Buffer = "",
  ): { readonly socket: Socket; readonly closed: Promise<void> } {
    const socket = connect(harness.server.port, "127.0.0.1");
    socket.on("error", () => {});
    if (firstBytes !== "") socket.write(firstBytes);
    socket.resume();
    return { socket, closed: new Promise((resolve) => socket.once("close", () => resolve())) };
  }

  const opened = (harness: StreamHarness, count: number) =>
    until(() => harness.server.connectionCount >= count);

  test("are closed when no call with a node's token has come in time", async () => {
    const harness = await start({ server: { idleLimits: { idleMs: 50 } } });
    const node = await harness.join();
    const idle = [
      silent(harness),
      silent(harness, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
      silent(harness, "\0".repeat(50)),
    ];
    await Promise.all(idle.map(({ closed }) => closed));
    expect(node.isConnected).toBe(true);
    node.disconnect();
    await node.untilEnd();
    // A connection whose call is over is one that no node uses.
    await until(() => harness.server.connectionCount === 0);
  });

  test("of one address make room for each other, and never keep a node out", async () => {
    const harness = await start({ server: { idleLimits: { perAddressMax: 8 } } });
    const registered = await harness.register();
    const first = silent(harness);
    await opened(harness, 1);
    const idle = Array.from({ length: 40 }, () => silent(harness));
    await first.closed;
    const node = harness.connect(registered);
    await node.until(({ version }) => version !== null);
    await until(() => harness.server.connectionCount <= 9);
    expect(node.isConnected).toBe(true);
    for (const { socket } of idle) socket.destroy();
  });

  test("make room for a node when the port is full, and nodes do not", async () => {
    const harness = await start({ server: { connectionsMax: 3 } });
    const [one, two] = [await harness.join(), await harness.join()];
    const idle = silent(harness);
    await opened(harness, 3);
    const three = await harness.join();
    await idle.closed;
    // All are in use.
    await silent(harness).closed;
    expect([one, two, three].map(({ isConnected }) => isConnected)).toEqual([true, true, true]);
  });

  test("and their ends by reset or rubbish end nothing else", async () => {
    const harness = await start();
    const node = await harness.join();
    const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    const settings = "\0\0\0\x04\0\0\0\0\0";
    const openings = [
      "",
      "\0",
      "GET / HTTP/1.1\r\n\r\n",
      preface.slice(0, 10),
      preface,
      preface + settings,
      `${preface}${settings}\xff\xff\xff\x01\x04\0\0\0\x01`,
      "\x16\x03\x01\x02\0\x01",
    ];
    for (let round = 0; round < 25; round++)
      await Promise.all(
        openings.map(async (bytes) => {
          const { socket, closed } = silent(harness);
          await new Promise<void>((resolve) => socket.once("connect", () => resolve()));
          if (bytes === "") socket.resetAndDestroy();
          else socket.write(Buffer.from(bytes, "latin1"), () => socket.resetAndDestroy());
          await closed;
        }),
      );
    const { number } = await harness.change({ id: "a", body: "1" });
    await node.untilRevision(number);
    await until(() => harness.server.connectionCount === 1);
  });

  // Without goaway-guard.ts this ends the process on Node.js with nghttp2 before 1.68.1.
  test("that say good-bye, ask and send a malformed frame at once end nothing else", async () => {
    const harness = await start();
    const node = await harness.join();
    const bytes = [
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", // preface and SETTINGS
      `\0\0\x08\x07\0\0\0\0\0${"\0".repeat(8)}`, // GOAWAY without an error
      "\0\0\x06\x01\x04\0\0\0\x01\x82\x84\x86\x01\x01a", // HEADERS: GET http://a/
      "\0\0\x03\x08\0\0\0\0\0\0\0\0", // WINDOW_UPDATE of three bytes
    ];
    await silent(harness, Buffer.from(bytes.join(""), "latin1")).closed;
    const { number } = await harness.change({ id: "a", body: "1" });
    await node.untilRevision(number);
  });
});
