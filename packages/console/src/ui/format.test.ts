import { expect, it } from "vitest";
import { counted, formatBytes, formatDuration, formatLimit, formatRate } from "./format.js";
import { ago } from "./time-ago.js";

it("writes numbers short, with the unit people expect", () => {
  expect([0, 850, 1_500, 42_000, 2_500_000].map(formatDuration)).toEqual([
    "0 ms",
    "850 µs",
    "1.5 ms",
    "42 ms",
    "2.5 s",
  ]);
  expect([512, 2_048, 5 * 1024 ** 3].map(formatBytes)).toEqual(["512 B", "2.0 KiB", "5.0 GiB"]);
  expect([0, 0.05, 2.5, 1_234].map(formatRate)).toEqual(["0/s", "0.05/s", "2.5/s", "1,234/s"]);
  expect(formatLimit({ limit: 1_000, windowSeconds: 60 })).toBe("1,000 / min");
  expect(formatLimit({ limit: 5, windowSeconds: 90 })).toBe("5 / 90 s");
  expect(formatLimit(null)).toBe("None");
  expect([0, 1, 1_234].map((count) => counted(count, "request"))).toEqual([
    "0 requests",
    "1 request",
    "1,234 requests",
  ]);
  expect([1, 2].map((count) => counted(count, "entry", "entries"))).toEqual(["1 entry", "2 entries"]);
});

it("says how long ago something was, and never that it will be", () => {
  const now = Date.parse("2026-11-24T12:00:00Z");
  expect([2, 45, 600, 7_200, 172_800].map((seconds) => ago(now - seconds * 1_000, now))).toEqual([
    "just now",
    "45 seconds ago",
    "10 minutes ago",
    "2 hours ago",
    "2 days ago",
  ]);
});
