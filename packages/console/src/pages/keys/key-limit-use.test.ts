import { expect, it } from "vitest";
import { acceptedOf, countedLate, limitTimes, quotaWindow, rateWindow } from "./key-limit-use.js";

const DAY_MS = 86_400_000;
const nowMs = 20_000 * DAY_MS + 3_600_000;
const limit = (windowSeconds: number) => ({ limit: 10, windowSeconds, burst: 0 });

it("counts a rate over the newest seconds", () => {
  expect(rateWindow(limit(60), nowMs)).toEqual({ seconds: 60, fromMs: nowMs - 60_000 });
  expect(rateWindow(null, nowMs).seconds).toBe(1);
});

it("counts a quota from the begin of its window, which is aligned to 1970", () => {
  expect(quotaWindow(limit(86_400), nowMs)).toEqual({ seconds: 86_400, fromMs: nowMs - 3_600_000 });
});

it("asks for the window of a quota and nothing before it: a point of the day before counts that whole day", () => {
  const limits = { rateLimit: null, quota: limit(86_400) };
  const window = {
    quotaFrom: new Date(nowMs - 3_600_000).toISOString(),
    quotaTo: new Date(nowMs - 3_600_000 + DAY_MS).toISOString(),
  };
  expect(limitTimes(limits, nowMs)).toMatchObject(window);
  // At its very begin as well: a time ends after it begins.
  expect(limitTimes(limits, nowMs - 3_600_000)).toMatchObject(window);
});

it("says so when counts do not reach back to the begin of the window", () => {
  const window = quotaWindow(limit(86_400), nowMs);
  expect(countedLate(window, nowMs - 60_000)).toBe(nowMs - 60_000);
  expect(countedLate(window, window.fromMs + 1_000)).toBeNull();
  expect(countedLate(window, 0)).toBeNull();
});

it("does not count requests that were refused", () => {
  expect(acceptedOf({ requests: 5, refused: 2 })).toBe(3);
});
