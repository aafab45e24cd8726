import { expect, it } from "vitest";
import { latencySeries } from "./latency-chart.js";
import { bandsOf, countedPoints, isKnownPoint } from "./traffic-gaps.js";
import { previousOf, type TrafficPoint, toChart, totalsOf, withPoint } from "./traffic-points.js";

function point(second: number, requests: number, more: Partial<TrafficPoint> = {}): TrafficPoint {
  return {
    at: new Date(second * 1_000).toISOString(),
    seconds: 1,
    requests,
    clientErrors: 0,
    serverErrors: 0,
    requestBytes: 0,
    responseBytes: 0,
    p50Ms: requests === 0 ? null : 1,
    p95Ms: null,
    p99Ms: null,
    ...more,
  };
}

it("puts a live point in the place of its second, and lets the oldest go", () => {
  const points = [point(1, 1), point(2, 2), point(3, 0)];
  expect(withPoint(points, point(3, 9), 3).map((each) => each.requests)).toEqual([1, 2, 9]);
  expect(withPoint(points, point(4, 4), 3).map((each) => each.requests)).toEqual([2, 0, 4]);
});

it("joins points into rates per second; the newest group waits until it is whole", () => {
  const points = [point(2, 40, { p99Ms: 10 }), point(3, 20, { p99Ms: 30, serverErrors: 1 }), point(4, 0)];
  const joined = expect.objectContaining({
    atMs: 3_000,
    requestsPerSecond: 30,
    serverErrorsPerSecond: 0.5,
    p99Ms: 30,
  });
  expect(toChart(points, 2, () => true)).toEqual([joined]);
  expect(toChart([...points, point(5, 0)], 2, () => true)).toEqual([
    joined,
    expect.objectContaining({ atMs: 5_000, requestsPerSecond: 0, p50Ms: null }),
  ]);
});

it("takes the median that half of the requests stay below, not the highest of the medians", () => {
  const points = [point(0, 1, { p50Ms: 900 }), point(1, 6, { p50Ms: 20 }), point(2, 3, { p50Ms: 5 })];
  expect(toChart(points, 3, () => true)).toMatchObject([{ requests: 10, p50Ms: 20 }]);
});

it("draws quantiles from 20 requests on, and of fewer the median and the slowest alone", () => {
  const [few, enough] = [19, 20].map((requests, second) =>
    toChart([point(second, requests, { p99Ms: 10 })], 1, () => true),
  );
  const valuesOf = (points: Parameters<typeof latencySeries>[0]) =>
    Object.fromEntries(latencySeries(points).map(({ name, values }) => [name, values]));
  expect(valuesOf([...(few ?? []), ...(enough ?? [])])).toEqual({
    p50: [null, 1],
    p99: [null, 10],
    Median: [1, null],
    Slowest: [10, null],
  });
  expect(Object.keys(valuesOf(few ?? []))).toEqual(["Median", "Slowest"]);
  expect(Object.keys(valuesOf([]))).toEqual(["p50", "p95", "p99"]);
});

it("finds what was before by time: longer points, and a widened one at the end, are not counted too much", () => {
  const points = [10, 11, 12, 13].map((second) => point(second, 1));
  const same = [0, 1, 2, 3, 4].map((second) => point(second, 2));
  expect(previousOf(points, same, 10_000)).toEqual({
    requestsPerSecond: [2, 2, 2, 2],
    compared: { now: 4, before: 8 },
  });
  const longer = [point(0, 4, { seconds: 2 }), point(2, 12, { seconds: 2 })];
  expect(previousOf(points, longer, 10_000)).toEqual({
    requestsPerSecond: [2, 2, 6, 6],
    compared: { now: 4, before: 16 },
  });
  expect(previousOf(points, [], 10_000).compared).toBeNull();
  // Before counts began there is nothing to compare with.
  const late = countedPoints({ points: same, since: new Date(2_000).toISOString() });
  expect(previousOf(points, late, 10_000)).toEqual({
    requestsPerSecond: [null, null, 2, 2],
    compared: { now: 2, before: 4 },
  });
  expect(countedPoints({ points: same, since: null })).toEqual([]);
});

it("takes the rate of now over ten seconds, so that one quiet second does not read as silence", () => {
  const points = Array.from({ length: 20 }, (_, second) => point(second, second < 10 ? 100 : 5));
  expect(totalsOf(points, [])).toMatchObject({
    requests: 1_050,
    rate: { perSecond: 5, label: "Rate now" },
  });
  // What is still being filled is counted, and has no rate yet.
  expect(totalsOf([], [point(20, 7)])).toMatchObject({ requests: 7, rate: null });
  expect(totalsOf([point(0, 864, { seconds: 86_400 })], [])).toMatchObject({
    rate: { perSecond: 0.01, label: "Rate, newest day" },
  });
});

it("draws nothing before counting began and while no node reported, and says why", () => {
  const at = (second: number) => new Date(second * 1_000).toISOString();
  const points = Array.from({ length: 10 }, (_, second) => point(second, second === 9 ? 3 : 0));
  const missing = {
    since: at(2),
    gaps: [{ nodeId: "n1", node: "node-1", from: at(5), to: at(7) }],
  };
  const rates = (nodeIds: readonly string[]) =>
    toChart(points, 1, (each) => isKnownPoint(each, missing, nodeIds)).map((each) => each.requestsPerSecond);
  expect(rates(["n1"])).toEqual([null, null, 0, 0, 0, null, null, 0, 0, 3]);
  // Another node reported all the time.
  expect(rates(["n1", "n2"])).toEqual([null, null, 0, 0, 0, 0, 0, 0, 0, 3]);
  expect(bandsOf(missing, [0, 10_000])).toEqual([
    { fromMs: 0, toMs: 2_000, label: expect.stringMatching(/^Data since \d\d:\d\d$/) },
    { fromMs: 5_000, toMs: 7_000, label: "No report from node-1" },
  ]);
  // A node that lost some counts has reported the others.
  const lost = { ...missing, gaps: missing.gaps.map((gap) => ({ ...gap, lostRequests: 4 })) };
  expect(bandsOf(lost, [0, 10_000])).toHaveLength(1);
  expect(bandsOf({ since: null, gaps: [] }, [0, 10_000])).toEqual([
    { fromMs: 0, toMs: 10_000, label: "No requests counted yet" },
  ]);
});
