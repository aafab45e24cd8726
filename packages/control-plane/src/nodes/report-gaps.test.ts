import { expect, test } from "vitest";
import { silenceOf } from "./report-gaps.js";

const S = 1_000;

test("a node that reports nothing for 15 s is silent; one whose stream ended is so sooner", () => {
  const silent = (nowMs: number, isGone = false) => silenceOf({ lastHeardMs: 5 * S, isGone, nowMs });
  expect(silent(10 * S)).toBeNull();
  expect(silent(10 * S, true)).toEqual({ fromMs: 5 * S, toMs: null });
  expect(silent(20 * S)).toEqual({ fromMs: 5 * S, toMs: null });
});

test("a node that never reported is not silent", () => {
  expect(silenceOf({ lastHeardMs: null, isGone: false, nowMs: S })).toBeNull();
});
