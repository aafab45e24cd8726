import { expect, it } from "vitest";
import { acceptedOf, quotaWindow, rateWindow } from "./key-limit-use.js";

const DAY_MS = 86_400_000;
const nowMs = 20_000 * DAY_MS + 3_600_000;
const limit = (windowSeconds: number) => ({ limit: 10, windowSeconds, burst: 0 });

it("counts a rate by the second while seconds are kept, by the minute otherwise", () => {
  expect(rateWindow(limit(60), nowMs, 0)).toMatchObject({ resolution: "SECOND", points: 60, isWhole: true });
  expect(rateWindow(limit(3_600), nowMs, 0)).toMatchObject({
    resolution: "MINUTE",
    points: 60,
    isWhole: true,
  });
  expect(rateWindow(null, nowMs, 0).points).toBe(1);
});

it("counts a quota from the begin of its window, which is aligned to 1970", () => {
  expect(quotaWindow(limit(86_400), nowMs, 0)).toMatchObject({
    points: 61,
    fromMs: nowMs - 3_600_000,
    isWhole: true,
  });
});

it("says so when counts do not reach back to the begin of the window", () => {
  expect(quotaWindow(limit(366 * 86_400), nowMs, 0)).toMatchObject({ points: 1_440, isWhole: false });
  expect(quotaWindow(limit(86_400), nowMs, nowMs - 60_000).isWhole).toBe(false);
  expect(rateWindow(limit(60), nowMs, nowMs - 5_000)).toMatchObject({
    fromMs: nowMs - 5_000,
    isWhole: false,
  });
});

it("does not count requests that were refused", () => {
  expect(acceptedOf({ requests: 5, refused: 2 })).toBe(3);
});
