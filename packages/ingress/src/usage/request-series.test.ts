/** Series are bounded, counters never fall, and sums over labels are what was counted. */
import { parseExposition } from "@latchkey/testkit";
import { describe, expect, it, vi } from "vitest";
import type { CompiledRoute } from "../table/compiled-api.js";
import { UsageMark } from "../table/usage-mark.js";
import { IngressStats } from "./ingress-stats.js";
import { ingressMetrics } from "./metrics.js";
import { outcomeOf } from "./outcome.js";
import { RequestCounts } from "./request-counts.js";
import { RequestSeries } from "./request-series.js";
import { TopSeries } from "./top-series.js";
import { UsageRecorder } from "./usage-recorder.js";
import type { CountedKey } from "./usage-rows.js";

const MINUTE_MS = 60_000;

class FakeClock {
  monotonic = 0;
  now = () => 0;
  monotonicMs = () => this.monotonic;
}

/** What a node has, with its parts at hand. */
function aNode(rowsMax?: number) {
  const clock = new FakeClock();
  const recorder = new UsageRecorder(0, rowsMax);
  const counts = new RequestCounts();
  const series = new RequestSeries(clock);
  const stats = new IngressStats();
  const fold = () => {
    const take = recorder.take();
    if (take === null) throw new Error("not given back");
    counts.addRows(take.rows, 0, take.rows.length);
    recorder.giveBack(take.rows);
    series.add(counts.take());
  };
  const read = vi.fn(() => stats);
  const metrics = ingressMetrics({
    stats: read,
    series: () => series,
    inFlight: () => 0,
    connections: () => 0,
    upstream: () => ({ open: 0, idle: 0, waiting: 0 }),
    table: () => null,
    configAgeSeconds: () => null,
    isReady: () => true,
    isStreaming: () => true,
    integrations: () => ({ targets: { available: 0, ejected: 0, unhealthy: 0 }, busiest: [] }),
    takeLoopDelayMs: () => 0,
    usageDropped: () => 0,
    childLogLinesLost: () => 0,
  });
  const scrape = async () => parseExposition(await metrics.metrics());
  return { clock, recorder, stats, fold, scrape, metrics, read };
}

const aKey = (apiId: string): CountedKey => ({
  id: `key_${apiId}`,
  api: { id: apiId },
  usage: new UsageMark(),
});
const aRoute = (id: string, integrationId: string) =>
  ({ id, integration: { id: integrationId } }) as unknown as CompiledRoute;
const ok = outcomeOf(200, null, false, "GET");
const REQUESTS = "latchkey_ingress_route_requests_total";
const DURATIONS = "latchkey_ingress_request_duration_seconds";

describe("request series", () => {
  it("count by API, route, integration, method, class of status and code", async () => {
    const { recorder, fold, scrape } = aNode();
    const key = aKey("api_1");
    const route = aRoute("route_1", "int_1");
    recorder.record(key, route, ok, 0, 0, 900);
    recorder.record(key, route, outcomeOf(201, null, true, "GET"), 0, 0, 300_000);
    recorder.record(key, route, outcomeOf(504, "upstream.timeout", false, "POST"), 0, 0, 20_000_000);
    recorder.record(key, null, outcomeOf(404, "route.not_found", false, "BREW"), 0, 0, -1);
    recorder.record(null, null, outcomeOf(401, "key.missing", false, "GET"), 0, 0, -1);
    recorder.record(key, route, outcomeOf(499, null, false, "GET"), 0, 0, 5);
    fold();
    const exposition = await scrape();
    const of = { api: "api_1", route: "route_1", integration: "int_1" };
    const none = { api: "", route: "", integration: "" };
    const counted = exposition.samples
      .filter(({ name }) => name === REQUESTS)
      .map(({ labels, value }) => [labels, value]);
    expect(counted).toEqual([
      [{ ...none, method: "GET", status: "4xx", code: "key.missing" }, 1],
      [{ ...of, method: "GET", status: "2xx", code: "" }, 2],
      [{ ...of, method: "POST", status: "5xx", code: "upstream.timeout" }, 1],
      [{ ...of, method: "GET", status: "client_closed", code: "" }, 1],
      [{ ...of, route: "", integration: "", method: "other", status: "4xx", code: "route.not_found" }, 1],
    ]);
    const durationOf = { api: "api_1", integration: "int_1" };
    expect(exposition.types.get(DURATIONS)).toBe("histogram");
    expect(exposition.value(`${DURATIONS}_count`, durationOf)).toBe(4);
    expect(exposition.value(`${DURATIONS}_sum`, durationOf)).toBeCloseTo(20.300905);
    expect(exposition.value(`${DURATIONS}_bucket`, { ...durationOf, le: "0.0001" })).toBe(1);
    expect(exposition.value(`${DURATIONS}_bucket`, { ...durationOf, le: "0.001" })).toBe(2);
    expect(exposition.value(`${DURATIONS}_bucket`, { ...durationOf, le: "10" })).toBe(3);
    expect(exposition.value(`${DURATIONS}_bucket`, { ...durationOf, le: "+Inf" })).toBe(4);
  });

  it("read the counters once a scrape and once an export: with workers, those of all are summed up", async () => {
    const { scrape, metrics, read } = aNode();
    for (const readMetrics of [scrape, () => metrics.getMetricsAsJSON()]) {
      read.mockClear();
      await readMetrics();
      expect(read).toHaveBeenCalledTimes(1);
    }
  });

  it("stay under 5 000 with traffic on all of 10 000 APIs with 10 routes, and their sum is what was counted", async () => {
    const { recorder, fold, scrape, clock } = aNode();
    const outcomes = [200, 404, 500, 502, 499, 301].flatMap((status) =>
      ["GET", "POST", "PUT", "DELETE"].map((method) => outcomeOf(status, null, false, method)),
    );
    let requests = 0;
    const keys = Array.from({ length: 10_000 }, (_, api) => aKey(`api_${api}`));
    const routes = keys.map((_, api) =>
      Array.from({ length: 10 }, (_, route) => aRoute(`route_${api}_${route}`, `int_${api % 300}`)),
    );
    for (let round = 0; round < 3; round++) {
      for (const [api, key] of keys.entries())
        for (const [i, route] of (routes[api] ?? []).entries()) {
          const outcome = outcomes[(api + i + round) % outcomes.length] as number;
          const times = (api * 10 + i) % 1_999 === round ? 30 : 1;
          for (let n = 0; n < times; n++) recorder.record(key, route, outcome, 1, 1, 1_000);
          requests += times;
        }
      // Few APIs use up all outcomes of theirs.
      for (const outcome of outcomes)
        for (const [api, key] of keys.slice(0, 400).entries()) {
          recorder.record(key, routes[api]?.[0] ?? null, outcome, 1, 1, 1_000);
          requests++;
        }
      fold();
      clock.monotonic += MINUTE_MS;
    }
    const exposition = await scrape();
    expect(exposition.samples.length).toBeLessThan(5_000);
    const named = new Set(
      exposition.samples.filter(({ name }) => name === REQUESTS).map(({ labels }) => labels.route),
    );
    expect(named.size).toBeGreaterThan(140);
    expect(named.size).toBeLessThanOrEqual(151);
    // Those that left are in no series; the others and `other` are all there is.
    expect(exposition.sum(REQUESTS)).toBeLessThanOrEqual(requests);
    expect(exposition.sum(REQUESTS)).toBeGreaterThan(requests * 0.98);
  });

  it("count what finds no row of its own as other", async () => {
    const { recorder, fold, scrape } = aNode(100);
    for (let i = 0; i < 250; i++) recorder.record(aKey(`api_${i}`), null, ok, 0, 0, 1_000);
    fold();
    const exposition = await scrape();
    expect(recorder.overflowTotal).toBe(150);
    expect(exposition.sum(REQUESTS)).toBe(250);
    expect(exposition.sum(REQUESTS, { api: "other" })).toBe(150);
    expect(exposition.sum(`${DURATIONS}_count`)).toBe(250);
  });

  it("give a route eight outcomes, and count further ones by class of status", async () => {
    const { recorder, fold, scrape, metrics } = aNode();
    const [key, route] = [aKey("api_1"), aRoute("rte_1", "int_1")];
    const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
    for (const method of methods)
      for (const status of [200, 404, 500])
        recorder.record(key, route, outcomeOf(status, null, false, method), 0, 0, 1_000);
    fold();
    const exposition = await scrape();
    const ofRoute = { api: "api_1", route: "rte_1", integration: "int_1" };
    expect(exposition.sum(REQUESTS, ofRoute)).toBe(18);
    expect(exposition.sum(REQUESTS, { ...ofRoute, method: "other", code: "other" })).toBe(10);
    const lines = (await metrics.metrics()).split("\n").filter((line) => line.startsWith(`${REQUESTS}{`));
    const counted = lines.filter((line) => line.includes('route="rte_1"'));
    expect(counted).toHaveLength(8 + 3);
  });
});

describe("top series", () => {
  const aTop = (max: number) => new TopSeries<string, { count: number }>(max, () => ({ count: 0 }));
  const count = (top: TopSeries<string, { count: number }>, name: string, requests: number) => {
    top.of(name, name, requests).count += requests;
  };
  const valuesOf = (top: TopSeries<string, { count: number }>) =>
    Object.fromEntries(top.members().map(({ name, value }) => [name, value.count]));

  it("has the busiest names after a period, and never more than its bound", () => {
    const top = aTop(2);
    count(top, "quiet", 1);
    count(top, "busy", 50);
    count(top, "busier", 101);
    expect(valuesOf(top)).toEqual({ quiet: 1, busy: 50 });
    expect(top.other.count).toBe(101);
    top.endPeriod();
    count(top, "busier", 100);
    count(top, "quiet", 1);
    expect(valuesOf(top)).toEqual({ busy: 50, busier: 100 });
    expect(top.other.count).toBe(102);
  });

  it("keeps a member until another one is clearly busier", () => {
    const top = aTop(1);
    for (let period = 0; period < 5; period++) {
      count(top, "first", 10);
      count(top, "second", 11);
      top.endPeriod();
    }
    expect(valuesOf(top)).toEqual({ first: 50 });
  });

  it("goes on with the old value when a name comes back", () => {
    const top = aTop(1);
    count(top, "a", 5);
    count(top, "b", 20);
    top.endPeriod();
    count(top, "b", 1);
    for (let period = 0; period < 3; period++) {
      count(top, "a", 45);
      top.endPeriod();
    }
    count(top, "a", 1);
    expect(valuesOf(top)).toEqual({ a: expect.any(Number) as number });
    expect(valuesOf(top).a).toBeGreaterThanOrEqual(6);
  });
});
