/** Nodes that refuse, lag, stop reading or fall silent: each is shown as such and holds up no other node. */
import { status } from "@grpc/grpc-js";
import { NackReason } from "@latchkey/proto";
import { TcpRelay } from "@latchkey/testkit";
import { describe, expect, test } from "vitest";
import {
  deltas,
  expectSame,
  kinds,
  many,
  settled,
  start,
  until,
  wireRevision,
} from "../testing/stream-test.js";

const rejectionOf = (kind: string, id: string, reason: string) => ({
  $case: "rejections" as const,
  value: { rejected: [{ resource: { kind, id }, reason }] },
});

describe("a node that has trouble", () => {
  test("gets everything after it refused a revision, and is shown with the reason", async () => {
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
    node.nack({ revision: wireRevision(harness), reason: NackReason.MALFORMED, detail: "a test" });
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
      refused.push(wireRevision(harness));
    }
    for (const revision of refused) node.nack({ revision, reason: NackReason.GAP, detail: "a test" });
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
      { ref: { kind: "api", id: "bad" }, reason: "bad pattern", sinceMs: expect.any(Number) },
    ]);
    await harness.change({ id: "bad", body: null });
    await until(() => harness.registry.view(registered.id)?.status === "HEALTHY");
  });

  test("is shown as rejecting while it says that it cannot use something, without a revision", async () => {
    const harness = await start();
    await harness.change({ id: "a", body: "1" });
    const registered = await harness.register();
    const node = harness.connect(registered);
    // Its acknowledgment says what it rejects as well: it has to be sent before what follows.
    await node.untilRevision(1);
    const view = () => harness.registry.view(registered.id);
    node.send(rejectionOf("credential", "crd_1", "file:/run/secrets/a cannot be read on this node: ENOENT"));
    await until(() => view()?.status === "REJECTING");
    node.send({ $case: "rejections", value: { rejected: [] } });
    await until(() => view()?.status === "HEALTHY");

    // With the newest revision from its file it is sent nothing that it could acknowledge.
    node.disconnect();
    await node.untilEnd();
    node.forget();
    node.connect();
    node.send(rejectionOf("api", "a", "bad pattern"));
    await until(() => view()?.rejected[0]?.reason === "bad pattern");
    await node.until(({ events }) => events.some(({ kind }) => kind === "heartbeat"));
    expect([kinds(node), view()?.status]).toEqual([[], "REJECTING"]);
    node.disconnect();
    await node.untilEnd();
    node.connect();
    await until(() => view()?.status === "HEALTHY");
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

  test("that refuses a revision as older is sent the newer one that is there by then", async () => {
    const harness = await start();
    const node = await harness.join({ acknowledges: false });
    node.acknowledge();
    const { number } = await harness.change({ id: "a", body: "1" });
    await node.untilRevision(number);
    const revision = wireRevision(harness);
    await harness.change({ id: "a", body: "2" });
    await until(() => harness.server.cache.revision.number > number);
    node.nack({ revision, reason: NackReason.OLDER_REVISION, detail: "it holds more" });
    await node.until(({ events }) => events.filter(({ kind }) => kind === "snapshotEnd").length === 2);
    expectSame(node, harness);
    expect(node.end).toBeNull();
  });

  test("behind a connection that went dead is found by pings", async () => {
    const harness = await start({ server: { timings: { keepaliveTimeMs: 200, keepaliveTimeoutMs: 2_000 } } });
    await using relay = await TcpRelay.start(() => ({ host: "127.0.0.1", port: harness.server.port }));
    const registered = await harness.register();
    const node = harness.connect(registered, { address: `127.0.0.1:${relay.port}` });
    await node.until(({ revision }) => revision !== null);
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
