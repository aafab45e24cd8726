/** Who may open a stream, and what its reports and heartbeats carry. Real gRPC on loopback, real SQLite. */
import { generateKeyPairSync } from "node:crypto";
import { Client, credentials, Metadata, status } from "@grpc/grpc-js";
import { Hello, SnapshotServiceService } from "@latchkey/proto";
import { revisionFromWire, verifyHeartbeat } from "@latchkey/snapshot";
import { type SimulatedNode } from "@latchkey/testkit";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { settled, start, until } from "../testing/stream-test.js";

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
    await node.until(({ revision }) => revision !== null);
    await settled(harness);
    const renewed = await harness.regenerateToken(registered);
    expect((await node.untilEnd()).code).toBe(status.UNAUTHENTICATED);
    node.connect();
    expect((await node.untilEnd()).code).toBe(status.UNAUTHENTICATED);
    const again = harness.connect(renewed);
    await again.until(({ revision }) => revision !== null);
    await harness.unregister(renewed);
    expect((await again.untilEnd()).code).toBe(status.UNAUTHENTICATED);
    expect(harness.registry.view(registered.id)).toBeNull();
  });

  test("shuts before a hello that comes after its token was replaced", async () => {
    const harness = await start();
    const registered = await harness.register();
    const authenticated = vi.spyOn(harness.registry, "authenticate");
    const client = new Client(harness.address, credentials.createInsecure());
    onTestFinished(() => client.close());
    const metadata = new Metadata();
    metadata.set("authorization", `Bearer ${registered.token}`);
    const { path, requestSerialize, responseDeserialize } = SnapshotServiceService.subscribe;
    const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata, {});
    const ended = new Promise<number>((resolve) => call.on("status", ({ code }) => resolve(code)));
    call.on("error", () => {}).resume();
    await until(() => authenticated.mock.calls.length > 0);
    await harness.regenerateToken(registered);
    const hello = Hello.create({ nodeId: registered.id, instanceId: "late" });
    call.write({ message: { $case: "hello", value: hello } });
    expect(await ended).toBe(status.UNAUTHENTICATED);
    expect(harness.registry.view(registered.id)?.status).toBe("NEVER_SEEN");
  });

  test("lets the newer of two streams of one node in and the older out", async () => {
    const harness = await start();
    const registered = await harness.register();
    const older = harness.connect(registered);
    await older.until(({ revision }) => revision !== null);
    const newer = harness.connect(registered);
    expect((await older.untilEnd()).code).toBe(status.ABORTED);
    await newer.until(({ revision }) => revision !== null);
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

  test("is closed politely: nodes get a delay for their next try, spread over ten seconds", async () => {
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
  await node.until(({ revision }) => revision !== null);
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
    sequence: 1n,
    ageMs: 0n,
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

describe("heartbeats", () => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");

  function heartbeats(node: SimulatedNode) {
    return node.events.flatMap(({ message: { message } }) =>
      message?.$case === "heartbeat" ? [message.value] : [],
    );
  }

  test("are signed over time, revision, digest, sequence and the challenge of their stream", async () => {
    const harness = await start({
      server: { signingKey: privateKey, timings: { heartbeatIntervalMs: 0 } },
    });
    const challenge = Buffer.alloc(16, 5);
    const node = await harness.join({ challenge });
    await harness.change({ id: "a", body: "1" });
    await node.untilRevision(1);
    await node.until(() => heartbeats(node).filter(({ revision }) => revision?.number === 1n).length > 0);
    let last = 0;
    for (const { revision, digest, sequence, serverTimeMs, signature } of heartbeats(node)) {
      if (revision === undefined) throw new Error("no revision");
      const content = {
        challenge,
        sequence: Number(sequence),
        serverTimeMs: Number(serverTimeMs),
        revision: revisionFromWire(revision),
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
