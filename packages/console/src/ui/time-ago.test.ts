import { expect, it } from "vitest";
import { ago } from "./time-ago.js";

const minute = 60_000;

it.each([
  [0, "just now"],
  [-119 * minute, "1 hour ago"],
  [119 * minute, "in 2 hours"],
  [61 * minute, "in 1 hour"],
  [-2 * minute, "2 minutes ago"],
])("says %i ms from now as %s", (distanceMs, text) => {
  const now = Date.UTC(2026, 0, 1);
  expect(ago(now + distanceMs, now)).toBe(text);
});
