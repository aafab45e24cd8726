import { expect, test } from "vitest";
import { ReportGaps } from "./report-gaps.js";

const S = 1_000;

test("a gap begins with the last report and ends with the next", () => {
  const gaps = new ReportGaps();
  gaps.heard(null, 10 * S);
  gaps.heard(10 * S, 15 * S);
  gaps.heard(15 * S, 75 * S);
  const now = { lastHeardMs: 75 * S, isGone: false, nowMs: 80 * S };
  expect(gaps.since(0, now)).toEqual([{ fromMs: 15 * S, toMs: 75 * S }]);
  // Cut to what is asked for, and left out where nothing of it remains.
  expect(gaps.since(40 * S, now)).toEqual([{ fromMs: 40 * S, toMs: 75 * S }]);
  expect(gaps.since(70 * S, now)).toEqual([]);
});

test("a silent node has a gap that still lasts; one whose stream ended has it sooner", () => {
  const gaps = new ReportGaps();
  const silent = (nowMs: number, isGone = false) => gaps.since(0, { lastHeardMs: 5 * S, isGone, nowMs });
  expect(silent(10 * S)).toEqual([]);
  expect(silent(10 * S, true)).toEqual([{ fromMs: 5 * S, toMs: null }]);
  expect(silent(20 * S)).toEqual([{ fromMs: 5 * S, toMs: null }]);
});

test("a node that never reported has no gap", () => {
  expect(new ReportGaps().since(0, { lastHeardMs: null, isGone: false, nowMs: S })).toEqual([]);
});
