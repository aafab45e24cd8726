/** A batch of usage is sent until it is stored, and not longer. */
import { SubscribeRequest, UsageBatch } from "@latchkey/proto";
import { describe, expect, it } from "vitest";
import { until } from "../testing/until.js";
import { aKey, anApi, anIntegration, aRoute, World } from "../testing/world.js";
import { UsageOutbox } from "./usage-outbox.js";

const aBatch = (dropped: number) =>
  UsageBatch.encode({
    fromMs: 0n,
    toMs: 1n,
    counts: [],
    samples: [],
    dropped: BigInt(dropped),
    sequence: 0n,
    ageMs: 0n,
  }).finish();

const NO_SAMPLES = new Uint8Array();

/** What leaves now: dropped, sequence and age of each batch. */
function leaving(outbox: UsageOutbox, nowMs: number): number[][] {
  const sent: number[][] = [];
  for (let message = outbox.take(nowMs); message !== null; message = outbox.take(nowMs)) {
    const request = SubscribeRequest.decode(message.request()).message;
    if (request?.$case !== "usage") throw new Error("no usage");
    const { dropped, sequence, ageMs } = request.value;
    sent.push([Number(dropped), Number(sequence), Number(ageMs)]);
  }
  return sent;
}

describe("the outbox", () => {
  it("sends what is not stored again on the next stream, under the same numbers, with its age", () => {
    const outbox = new UsageOutbox();
    outbox.add(aBatch(7), NO_SAMPLES, 0, 1_000);
    expect(leaving(outbox, 1_000)).toEqual([]); // whether it will be confirmed is not known yet
    outbox.stored(0);
    outbox.add(aBatch(8), NO_SAMPLES, 30, 2_000);
    expect(leaving(outbox, 2_000)).toEqual([
      [7, 1, 1_000],
      [8, 2, 30],
    ]);
    expect(leaving(outbox, 2_000)).toEqual([]);
    outbox.stored(1);
    outbox.restart();
    outbox.add(aBatch(9), NO_SAMPLES, 0, 9_000);
    outbox.stored(0);
    expect(leaving(outbox, 9_000)).toEqual([
      [8, 2, 7_030],
      [9, 3, 0],
    ]);
    outbox.stored(3);
    expect(outbox.isEmpty).toBe(true);
  });

  it("sends once to a control plane that does not confirm", () => {
    const outbox = new UsageOutbox();
    outbox.add(aBatch(7), NO_SAMPLES, 0, 0);
    outbox.unconfirmed();
    expect(leaving(outbox, 0)).toEqual([[7, 1, 0]]);
    expect(outbox.isEmpty).toBe(true);
  });

  it("refuses what does not fit, and takes more when something was stored", () => {
    const batch = aBatch(300);
    const outbox = new UsageOutbox(batch.length * 2);
    expect([1, 2, 3].map(() => outbox.add(batch, NO_SAMPLES, 0, 0))).toEqual([true, true, false]);
    outbox.stored(0);
    leaving(outbox, 0);
    outbox.stored(1);
    expect(outbox.add(batch, NO_SAMPLES, 0, 0)).toBe(true);
  });
});

it("leaves samples out before it refuses counts", () => {
  const outbox = new UsageOutbox(400);
  const samples = new Uint8Array(90);
  expect([1, 2, 3].map(() => outbox.add(aBatch(1), samples, 0, 0))).toEqual([true, true, true]);
  outbox.stored(0);
  const sizes = [1, 2, 3].map(() => outbox.take(0)?.request().length ?? 0);
  expect(sizes[0]).toBeGreaterThan(90);
  expect(sizes[1]).toBeLessThan(90);
});

describe("a node", () => {
  const key = aKey("key_1", "api_1");
  const resources = ({ upstream }: World) => [
    anIntegration("int_1", upstream.url),
    anApi("api_1", [aRoute("GET", "/a", "int_1")]),
    key.resource,
  ];
  const ask = (world: World) => fetch(`${world.url}/a`, { headers: { "connxio-api-key": key.secret } });

  it("sends usage again after its stream was cut, and nothing that was stored", async () => {
    await using world = await World.of(resources, { config: { controlPlane: { retryMaxMs: 30 } } });
    const { server } = world;
    await ask(world);
    await server.when(() => server.usage.length === 1);
    server.storesUsage = false;
    await ask(world);
    await server.when(() => server.usage.length === 2);
    server.cut();
    await server.when(() => server.usage.length === 3);
    expect(server.usage.map(({ sequence }) => Number(sequence))).toEqual([1, 2, 2]);
    expect(server.usage[2]?.counts).toEqual(server.usage[1]?.counts);
  });

  it("keeps what it counts while the control plane is away", async () => {
    await using world = await World.of(resources, { config: { controlPlane: { retryMaxMs: 30 } } });
    const { server } = world;
    server.isMute = true;
    server.cut();
    await until(() => world.ingress.status().stream !== "streaming");
    await ask(world);
    const hellos = server.hellos.length;
    await server.when(() => server.hellos.length > hellos);
    server.isMute = false;
    server.cut();
    await server.when(() => server.usage.length > 0);
    expect(server.usage[0]?.counts[0]?.count).toBe(1n);
  });
});
