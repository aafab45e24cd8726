/** What nodes count is shown as it was, within bounds. */
import { FakeClock } from "@latchkey/core";
import { createLogger } from "@latchkey/observe";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MEMORY, openDatabase } from "../db/open.js";
import type { UsageCountReport, UsageReport } from "../snapshot/node-observer.js";
import { KeyUsage } from "./key-usage.js";
import { addCounts, emptyCounts, quantileUs } from "./latency-histogram.js";
import { NodeUsage } from "./node-usage.js";
import { Traffic } from "./traffic.js";
import { USAGE_DAYS } from "./usage-retention.js";

const boundsUs = [1_000, 10_000, 100_000];

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
    latencyBuckets: [1, 0, 0, 0],
    errorCode: "",
    previousSecret: false,
    ...more,
  };
}

function report(counts: readonly UsageCountReport[], dropped = 0): UsageReport {
  return { fromMs: 0, toMs: 1_000, counts, samples: [], dropped, sequence: 0, ageMs: 0 };
}

describe("traffic", () => {
  test("is shown by second, by API, route, key and node", () => {
    const clock = new FakeClock(1_700_000_000_000);
    const traffic = new Traffic(clock);
    traffic.record(
      "node_1",
      report([count({ count: 3 }), count({ status: 404 }), count({ status: 502, apiId: "api_2" })]),
      boundsUs,
    );
    clock.advance(1_000);
    traffic.record("node_2", report([count({ keyId: "key_2", latencyBuckets: [0, 0, 1, 0] })], 4), boundsUs);
    const points = traffic.points({}, 3);
    expect(points.map(({ requests }) => requests)).toEqual([0, 5, 1]);
    expect(points.map(({ atMs }) => atMs % 1_000)).toEqual([0, 0, 0]);
    expect(points[1]).toMatchObject({ clientErrors: 1, serverErrors: 1, requestBytes: 30 });
    expect(traffic.total({ apiId: "api_1" }, 300).requests).toBe(5);
    expect(traffic.total({ apiId: "api_1", nodeId: "node_2" }, 300).requests).toBe(1);
    expect(traffic.total({ keyId: "key_2" }, 300).p99Ms).toBeGreaterThan(10);
    expect(traffic.total({ apiId: "api_3" }, 300)).toMatchObject({ requests: 0, p50Ms: null });
    expect(traffic.lastSecond({}).requests).toBe(5);
    expect(traffic.dropped).toBe(4);
  });

  test("is forgotten after five minutes, also when it was quiet since", () => {
    const clock = new FakeClock();
    const traffic = new Traffic(clock);
    traffic.record("node_1", report([count()]), boundsUs);
    clock.advance(299_000);
    expect(traffic.total({}, 300).requests).toBe(1);
    clock.advance(2_000);
    expect(traffic.total({}, 300).requests).toBe(0);
    traffic.record("node_1", report([count()]), boundsUs);
    expect(traffic.total({}, 300).requests).toBe(1);
  });

  test("belongs to its own second when it comes late, and to none that is forgotten", () => {
    const traffic = new Traffic(new FakeClock(1_700_000_000_000));
    traffic.record("node_1", { ...report([count()]), ageMs: 2_000 }, boundsUs);
    traffic.record("node_1", { ...report([count()]), ageMs: 400_000 }, boundsUs);
    expect(traffic.points({}, 3).map(({ requests }) => requests)).toEqual([1, 0, 0]);
    expect(traffic.total({}, 300).requests).toBe(1);
  });

  test("stays right when the clock on the wall jumps back", () => {
    const clock = new FakeClock();
    const traffic = new Traffic(clock);
    traffic.record("node_1", report([count()]), boundsUs);
    clock.now = () => 5;
    clock.advance(1_000);
    traffic.record("node_1", report([count()]), boundsUs);
    expect(traffic.points({}, 2).map(({ requests }) => requests)).toEqual([1, 1]);
  });

  test("beyond its bound keeps sums by API, then one sum, and loses no request", () => {
    const clock = new FakeClock();
    const traffic = new Traffic(clock, { cellsMax: 10 });
    for (let i = 0; i < 500; i++)
      traffic.record("node_1", report([count({ apiId: `api_${i % 3}`, keyId: `key_${i}` })]), boundsUs);
    expect(traffic.total({}, 1).requests).toBe(500);
    expect(traffic.total({ keyId: "key_0" }, 1).requests).toBe(1);
    expect(traffic.total({ keyId: "key_499" }, 1).requests).toBe(0);
    const byApi = [0, 1, 2].map((i) => traffic.total({ apiId: `api_${i}` }, 1).requests);
    expect(byApi.reduce((sum, requests) => sum + requests, 0)).toBeGreaterThan(300);
  });
});

describe("quantiles", () => {
  test("lie in the bucket that holds the rank, rise with the fraction, and survive other bounds", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(200_000), { minLength: 1, maxLength: 200 }), (values) => {
        const counts = emptyCounts(boundsUs);
        for (const value of values) {
          const index = boundsUs.findIndex((bound) => value <= bound);
          const bucket = index < 0 ? boundsUs.length : index;
          counts[bucket] = (counts[bucket] ?? 0) + 1;
        }
        const sorted = [...values].sort((a, b) => a - b);
        let before = 0;
        for (const fraction of [0.1, 0.5, 0.95, 0.99]) {
          const exact = sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)] ?? 0;
          const found = quantileUs(counts, boundsUs, fraction) ?? -1;
          const upper = boundsUs.find((bound) => exact <= bound);
          const lower = boundsUs.filter((bound) => bound < exact).at(-1) ?? 0;
          expect(found).toBeGreaterThanOrEqual(lower);
          expect(found).toBeLessThanOrEqual(upper ?? lower);
          expect(found).toBeGreaterThanOrEqual(before);
          before = found;
        }
        const other = emptyCounts([500, 5_000, 50_000, 500_000]);
        addCounts(other, [500, 5_000, 50_000, 500_000], counts, boundsUs);
        expect(other.reduce((a, b) => a + b, 0)).toBe(values.length);
      }),
    );
  });
});

describe("the use of keys", () => {
  test("forgets the keys that were unused for longest when there are too many", () => {
    const clock = new FakeClock();
    const keys = new KeyUsage(clock, 3);
    for (const keyId of ["a", "b", "c", "a", "d"]) keys.record("node-1", report([count({ keyId })]));
    expect(["a", "b", "c", "d"].map((keyId) => keys.lastUsedNode(keyId) !== null)).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });

  test("is written down, and tried again when that fails", async () => {
    const clock = new FakeClock(1_000);
    const saved: [string, number][][] = [];
    let isBroken = true;
    const db = await openDatabase({ path: MEMORY, clock });
    await using usage = new NodeUsage({
      db,
      clock,
      days: USAGE_DAYS,
      onStored: () => {},
      logger: createLogger({ name: "test", level: "silent" }),
      saveKeysUsed: async (entries) => {
        if (isBroken) throw new Error("the disk is full");
        saved.push([...entries]);
      },
    });
    const source = { nodeId: "n", nodeName: "n", instanceId: "i", isDraining: false };
    usage.usage(source, report([count(), count({ keyId: "" })]), boundsUs);
    await usage.save();
    isBroken = false;
    clock.advance(5);
    usage.usage(source, report([count({ keyId: "key_2" })]), boundsUs);
    await usage.save();
    await usage.save();
    expect(saved).toEqual([
      [
        ["key_1", 1_000],
        ["key_2", 1_005],
      ],
    ]);
  });
});
