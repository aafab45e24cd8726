/** What the recorder counts is what a control plane reads out of the encoded batches. */
import { SubscribeRequest, UsageBatch } from "@latchkey/proto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EncodedUsage } from "../sync/encoded-usage.js";
import type { CompiledRoute } from "../table/compiled-api.js";
import type { KeyEntry } from "../table/key-entry.js";
import { UsageMark } from "../table/usage-mark.js";
import { LATENCY_BUCKETS } from "./latency-bounds.js";
import { outcomeOf } from "./outcome.js";
import { RequestCounts } from "./request-counts.js";
import { UsageBatcher } from "./usage-batcher.js";
import { UsageRecorder } from "./usage-recorder.js";
import { COUNT, type CountedKey, NOT_FORWARDED, type UsageRows } from "./usage-rows.js";

const clock = { now: () => 1_700_000_000_000, monotonicMs: () => 0 };

function aKeyEntry(id: string, apiId: string): KeyEntry {
  return { id, api: { id: apiId }, usage: new UsageMark() } as unknown as KeyEntry;
}

function aRoute(id: string, integrationId: string): CompiledRoute {
  return { id, integration: { id: integrationId } } as unknown as CompiledRoute;
}

/** A recorder, and the batches that its batcher sent; `take(false)` refuses them. */
function aPair(samplesMax = 2) {
  const recorder = new UsageRecorder(samplesMax);
  const sent: UsageBatch[] = [];
  let isTaken = true;
  const counts = new RequestCounts();
  const batcher = new UsageBatcher(
    recorder,
    counts,
    {
      sendUsage: (counted, samples) => {
        if (isTaken) {
          const batch = new EncodedUsage(Buffer.concat([counted, samples]));
          const request = SubscribeRequest.decode(batch.request());
          if (request.message?.$case === "usage") sent.push(request.message.value);
        }
        return isTaken;
      },
    },
    clock,
  );
  return { recorder, batcher, counts, sent, take: (yes: boolean) => (isTaken = yes) };
}

const countsOf = (batches: readonly UsageBatch[]) => batches.flatMap(({ counts }) => counts);

describe("usage", () => {
  it("counts by key, route and outcome", () => {
    const { recorder, batcher, sent } = aPair();
    const [key, other] = [aKeyEntry("key_1", "api_1"), aKeyEntry("key_2", "api_1")];
    const route = aRoute("route_1", "int_1");
    recorder.record(key, route, 200, 10, 20, 900);
    recorder.record(other, route, 200, 1, 1, 1_000);
    recorder.record(key, route, 502, 10, 0, 99_000_000);
    recorder.record(key, null, 404, 0, 0, NOT_FORWARDED);
    recorder.record(key, route, 200, 5, 5, 1_001);
    batcher.stop();
    const buckets = (...at: number[]) =>
      Array.from({ length: LATENCY_BUCKETS }, (_, i) => BigInt(at.filter((one) => one === i).length));
    const own = { errorCode: "", previousSecret: false };
    const of = { apiId: "api_1", routeId: "route_1", keyId: "key_1", integrationId: "int_1", ...own };
    expect(countsOf(sent)).toEqual([
      { ...of, status: 200, count: 2n, requestBytes: 15n, responseBytes: 25n, latencyBuckets: buckets(3, 4) },
      {
        ...of,
        keyId: "key_2",
        status: 200,
        count: 1n,
        requestBytes: 1n,
        responseBytes: 1n,
        latencyBuckets: buckets(3),
      },
      { ...of, status: 502, count: 1n, requestBytes: 10n, responseBytes: 0n, latencyBuckets: buckets(16) },
      {
        ...of,
        routeId: "",
        integrationId: "",
        status: 404,
        count: 1n,
        requestBytes: 0n,
        responseBytes: 0n,
        latencyBuckets: buckets(),
      },
    ]);
    expect(sent[0]).toMatchObject({ fromMs: 1_700_000_000_000n, toMs: 1_700_000_000_000n, dropped: 0n });
  });

  it("has one row for each key, route and outcome of an interval, in whatever order they come", () => {
    const recorder = new UsageRecorder(2);
    const keys = [aKeyEntry("key_1", "api_1"), aKeyEntry("key_2", "api_1")];
    const routes = [aRoute("route_1", "int_1"), aRoute("route_2", "int_1"), null];
    const nameOf = (key: CountedKey, route: CompiledRoute | null, status: number) =>
      `${key.id} ${route?.id ?? ""} ${status}`;
    for (let interval = 0; interval < 3; interval++) {
      const expected = new Map<string, number>();
      for (let i = 0; i < 240; i++) {
        const key = keys[(i >> 1) % 2] as KeyEntry;
        const route = routes[(i >> 1) % 3] as CompiledRoute | null;
        const status = i % 10 === 0 ? 502 : 200; // the same as before, or not
        recorder.record(key, route, status, 1, 0, 0);
        const name = nameOf(key, route, status);
        expected.set(name, (expected.get(name) ?? 0) + 1);
      }
      expect(expected.size).toBe(2 * 3 * 2);
      const rows = recorder.take()?.rows as UsageRows;
      const counted = Array.from({ length: rows.length }, (_, row): [string, number] => [
        nameOf(rows.key(row), rows.route(row), rows.outcome(row)),
        rows.number(row, COUNT),
      ]);
      expect(counted.sort()).toEqual([...expected].sort());
      recorder.giveBack(rows);
    }
  });

  it("tells the gateway's own responses and the secret before the last regeneration apart", () => {
    const { recorder, batcher, sent } = aPair();
    const key = aKeyEntry("key_1", "api_1");
    const outcomes = [
      outcomeOf(429, null, false, "GET"),
      outcomeOf(429, "key.rate_limited", false, "GET"),
      outcomeOf(200, null, true, "GET"),
      outcomeOf(200, null, false, "GET"),
      outcomeOf(504, "upstream.timeout", true, "GET"),
    ];
    for (const outcome of [...outcomes, ...outcomes]) recorder.record(key, null, outcome, 0, 0, 0);
    batcher.stop();
    const seen = countsOf(sent).map(({ status, errorCode, previousSecret, count }) => [
      status,
      errorCode,
      previousSecret,
      count,
    ]);
    expect(seen).toEqual([
      [429, "", false, 2n],
      [429, "key.rate_limited", false, 2n],
      [200, "", true, 2n],
      [200, "", false, 2n],
      [504, "upstream.timeout", true, 2n],
    ]);
  });

  it("encodes every text and number as the generated decoder reads them", () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: "grapheme" }),
      fc.string({ minLength: 120, maxLength: 20_000 }),
    );
    const number = fc.oneof(fc.nat(), fc.maxSafeNat());
    fc.assert(
      fc.property(
        fc.array(fc.tuple(text, text, text, text, fc.nat(999), number, number), { maxLength: 20 }),
        (all) => {
          const { recorder, batcher, sent } = aPair();
          for (const [apiId, routeId, keyId, integrationId, status, bytesIn, bytesOut] of all)
            recorder.record(
              aKeyEntry(keyId, apiId),
              aRoute(routeId, integrationId),
              status,
              bytesIn,
              bytesOut,
              1,
            );
          batcher.stop();
          expect(countsOf(sent)).toMatchObject(
            all.map(([apiId, routeId, keyId, integrationId, status, bytesIn, bytesOut]) => ({
              apiId: apiId.toWellFormed(),
              routeId: routeId.toWellFormed(),
              keyId: keyId.toWellFormed(),
              integrationId: integrationId.toWellFormed(),
              status,
              count: 1n,
              requestBytes: BigInt(bytesIn),
              responseBytes: BigInt(bytesOut),
            })),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  it("sends many counts over several turns, counting on meanwhile, and loses none", async () => {
    const { recorder, batcher, sent } = aPair();
    const keys = Array.from({ length: 250 }, (_, i) => aKeyEntry(`key_${i}`, "api_1"));
    for (const key of keys) recorder.record(key, null, 404, 0, 0, 0);
    batcher.flush();
    expect(sent.map(({ counts }) => counts.length)).toEqual([100]);
    for (const key of keys) recorder.record(key, null, 404, 0, 0, 0);
    batcher.flush(); // the interval before is not out yet
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent.map(({ counts }) => counts.length)).toEqual([100, 100, 50]);
    batcher.stop();
    expect(sent.reduce((sum, { counts }) => sum + counts.length, 0)).toBe(500);
  });

  it("tells in the next batch what was lost", () => {
    const { recorder, batcher, sent, take } = aPair();
    const key = aKeyEntry("key_1", "api_1");
    const sample = {
      atMs: 1n,
      interchangeId: "i",
      apiId: "api_1",
      keyId: "key_1",
      routeId: "",
      integrationId: "",
      method: "GET",
      path: "/",
      status: 404,
      errorCode: "route.not_found",
      durationUs: 0,
      epoch: 0n,
      number: 0n,
      requestBytes: 0n,
      responseBytes: 0n,
      attempts: [],
    };
    take(false);
    for (let i = 0; i < 3; i++) recorder.record(key, null, 404, 0, 0, 0);
    batcher.flush();
    expect(batcher.droppedTotal).toBe(3);
    take(true);
    recorder.record(key, null, 404, 0, 0, 0);
    recorder.samples.add(sample, true);
    batcher.flush();
    expect(sent).toMatchObject([
      {
        dropped: 3n,
        counts: [{ count: 1n }],
        samples: [sample],
      },
    ]);
  });

  it("sends many requests of the message trail over several messages, none twice", () => {
    const { recorder, batcher, sent } = aPair(1_000);
    const of = (i: number) => UsageBatch.fromPartial({ samples: [{ interchangeId: `i${i}` }] }).samples[0];
    for (let i = 0; i < 1_000; i++) recorder.samples.add(of(i) as never, false);
    batcher.stop();
    expect(sent.map(({ samples }) => samples.length)).toEqual([200, 200, 200, 200, 200]);
    expect(
      new Set(sent.flatMap(({ samples }) => samples.map(({ interchangeId }) => interchangeId))).size,
    ).toBe(1_000);
  });

  it("drops what has no row, and says how much", () => {
    const { recorder, batcher, sent } = aPair();
    for (let i = 0; i < 65_540; i++) recorder.record(aKeyEntry(`k${i}`, "api_1"), null, 200, 0, 0, 0);
    batcher.stop();
    expect(countsOf(sent)).toHaveLength(65_536);
    expect(sent[0]?.dropped).toBe(4n);
  });
});
