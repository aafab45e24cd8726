/** Nodes whose messages cannot be true: they confirm nothing and lose their stream. */
import { status } from "@grpc/grpc-js";
import { systemClock } from "@latchkey/core";
import { NackReason } from "@latchkey/proto";
import { describe, expect, test } from "vitest";
import { expectSame, many, settled, start, until, wireRevision } from "../testing/stream-test.js";
import { Traffic } from "../traffic/traffic.js";

describe("a node that lies", () => {
  const digest = Buffer.alloc(32, 7);

  /** A node that holds the newest revision, and one more revision that it has not confirmed. */
  async function withPending() {
    const harness = await start();
    await harness.change({ kind: "key", id: "k", body: "1" });
    const registered = await harness.register("liar");
    const liar = harness.connect(registered, { acknowledges: false });
    await liar.until(({ revision }) => revision !== null);
    liar.acknowledge();
    await settled(harness);
    const honest = await harness.join();
    const revoked = await harness.change({ kind: "key", id: "k", body: null, revocation: true });
    await liar.untilRevision(revoked.number);
    await honest.untilRevision(revoked.number);
    return { harness, liar, registered, revoked };
  }

  const claims: readonly (readonly [string, (now: { epoch: number; number: number }) => bigint[]])[] = [
    ["a revision of the future", ({ epoch, number }) => [BigInt(epoch), BigInt(number + 1_000)]],
    ["the largest number", ({ epoch }) => [BigInt(epoch), 2n ** 64n - 1n]],
    ["the largest epoch", () => [2n ** 64n - 1n, 2n ** 64n - 1n]],
    ["another epoch", ({ epoch, number }) => [BigInt(epoch + 1), BigInt(number)]],
    ["a revision that it confirmed before", ({ epoch }) => [BigInt(epoch), 1n]],
    ["no revision", () => [0n, 0n]],
  ];

  test.each(claims)("confirms nothing with an ACK of %s, and loses its stream", async (_, claim) => {
    const { harness, liar, registered, revoked } = await withPending();
    const [epoch = 0n, number = 0n] = claim(revoked);
    liar.acknowledge({ revision: { epoch, number }, digest });
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
    liar.nack({ revision: { epoch, number }, reason: NackReason.OLDER_REVISION, detail: "so it says" });
    expect(await liar.untilEnd()).toMatchObject({ code: status.INVALID_ARGUMENT });
    await until(() => harness.registry.view(registered.id)?.isConnected === false);
    expect(harness.registry.view(registered.id)?.lastNack).toBeNull();
  });

  test("is not let in with a revision that no database can have", async () => {
    const harness = await start();
    const registered = await harness.register();
    const liar = harness.connect(registered);
    await liar.until(({ revision }) => revision !== null);
    await settled(harness);
    liar.disconnect();
    await liar.untilEnd();
    liar.pretend({ epoch: 2 ** 63, number: 2 ** 63 }, digest);
    liar.connect();
    expect(await liar.untilEnd()).toMatchObject({ code: status.INVALID_ARGUMENT });
    expect(harness.registry.view(registered.id)?.acked).toEqual(harness.server.cache.revision);
  });

  test("that calls itself by a long name leaves a short one behind", async () => {
    const harness = await start();
    const registered = await harness.register();
    const liar = harness.connect({ ...registered, id: "x".repeat(500_000) });
    expect(await liar.untilEnd()).toMatchObject({ code: status.UNAUTHENTICATED });
    expect(harness.refused.map(({ claimedNode }) => claimedNode?.length)).toEqual([500]);
  });

  test("comes again and again, and keeps no other node out", async () => {
    const harness = await start({ server: { admissionRatePerSecond: 0.01, admissionBurst: 20 } });
    const registered = await harness.register();
    const calls = Array.from({ length: 40 }, () => harness.connect(registered));
    await Promise.race(calls.map((call) => call.until(({ end }) => end?.code === status.RESOURCE_EXHAUSTED)));
    const honest = harness.connect(await harness.register());
    await honest.until(({ end, revision }) => end !== null || revision !== null);
    expect(honest.end).toBeNull();
  });

  test("does not confirm a snapshot that is still on its way", async () => {
    const harness = await start();
    await harness.change(...many(4_000, 2_000));
    const registered = await harness.register();
    const liar = harness.connect(registered, { acknowledges: false });
    await liar.until(({ events }) => events.some(({ kind }) => kind === "snapshotBegin"));
    liar.pause();
    const { epoch, number } = harness.server.cache.revision;
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
    node.nack({ revision: wireRevision(harness), reason: NackReason.OLDER_REVISION, detail: "snapshot" });
    await until(() => harness.registry.view(registered.id)?.lastNack !== null);
    await harness.change({ id: "b", body: "1" });
    await node.untilRevision(2);
    expectSame(node, harness);
  });

  test("cannot send numbers that no query can show", async () => {
    const harness = await start();
    const registered = await harness.register();
    const liar = harness.connect(registered, { healthIntervalMs: 0 });
    await liar.until(({ revision }) => revision !== null);
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
    liar.usage({
      fromMs: huge,
      toMs: huge,
      counts: [count, count],
      samples: [],
      dropped: huge,
      sequence: huge,
      ageMs: huge,
    });
    await until(() => harness.usage.length > 0 && harness.registry.view(registered.id)?.rssBytes !== null);
    const view = harness.registry.view(registered.id);
    expect(view?.rssBytes).toBeLessThanOrEqual(Number.MAX_SAFE_INTEGER);
    expect(view?.requestsInFlight).toBeLessThan(2 ** 31);
    const report = harness.usage[0]?.report;
    expect(Number.isNaN(new Date(report?.toMs ?? 0).getTime())).toBe(false);
    expect(report?.counts[0]?.apiId).not.toContain("\0");
    const traffic = new Traffic(systemClock);
    if (report !== undefined) traffic.record(registered.id, { ...report, ageMs: 0 }, []);
    expect(Number.isSafeInteger(traffic.total({}, 1).requestBytes)).toBe(true);
  });

  test("cannot reject what is of no kind that a query can show, nor have a digest of any length", async () => {
    const harness = await start();
    await harness.change({ id: "a", body: "1" });
    const registered = await harness.register();
    const liar = harness.connect(registered, { acknowledges: false });
    await liar.until(({ revision }) => revision !== null);
    const rejected = ["zzz", "", "api"].map((kind) => ({
      resource: { kind, id: "a" },
      reason: "so it says",
    }));
    const view = () => harness.registry.view(registered.id);
    const shown = [{ ref: { kind: "api", id: "a" }, reason: "so it says", sinceMs: expect.any(Number) }];
    liar.send({
      $case: "rejections",
      value: { rejected: [...rejected, { resource: undefined, reason: "" }] },
    });
    await until(() => (view()?.rejected.length ?? 0) > 0);
    expect(view()?.rejected).toEqual(shown);
    liar.acknowledge({ rejected, digest: Buffer.alloc(100_000, 7) });
    await until(() => (view()?.digest ?? null) !== null);
    expect([view()?.rejected, view()?.digest]).toEqual([shown, "07".repeat(32)]);
  });

  test("cannot hold up mutations with a message of many counts: those beyond the bound are lost", async () => {
    const harness = await start();
    const registered = await harness.register();
    const liar = harness.connect(registered, { healthIntervalMs: 0 });
    await liar.until(({ revision }) => revision !== null);
    const count = (i: number) => ({
      apiId: `a${i}`,
      routeId: "",
      keyId: "",
      integrationId: "",
      status: 200,
      count: 3n,
      requestBytes: 0n,
      responseBytes: 0n,
      latencyBuckets: [],
      errorCode: "",
      previousSecret: false,
    });
    liar.usage({
      fromMs: 0n,
      toMs: 0n,
      counts: Array.from({ length: 20_000 }, (_, i) => count(i)),
      samples: [],
      dropped: 1n,
      sequence: 1n,
      ageMs: 0n,
    });
    await until(() => harness.usage.length > 0);
    const report = harness.usage[0]?.report;
    expect(report?.counts.length).toBeLessThanOrEqual(200);
    expect(report?.dropped).toBe(1 + 3 * (20_000 - (report?.counts.length ?? 0)));
  });
});
