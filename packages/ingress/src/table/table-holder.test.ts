import type { Clock } from "@latchkey/core";
import { describe, expect, it } from "vitest";
import { TableHolder } from "./table-holder.js";

const HOUR_MS = 3_600_000;

class TwoClocks implements Clock {
  wallMs = 1_700_000_000_000;
  monotonic = 5_000;
  now = () => this.wallMs;
  monotonicMs = () => this.monotonic;
}

describe("the control plane's time", () => {
  it("is our wall clock's until the control plane was heard", () => {
    const clock = new TwoClocks();
    expect(new TableHolder().serverTimeMs(clock)).toBe(clock.wallMs);
  });

  it("goes on by the monotonic clock, whatever the wall clock does", () => {
    const clock = new TwoClocks();
    const holder = new TableHolder();
    const toldMs = clock.wallMs + 2 * HOUR_MS;
    holder.heardServerTime(toldMs, clock);
    for (const stepMs of [-HOUR_MS, 24 * HOUR_MS, -HOUR_MS]) {
      clock.wallMs += stepMs;
      clock.monotonic += 10;
      expect(holder.serverTimeMs(clock)).toBe(toldMs + clock.monotonic - 5_000);
    }
    holder.heardServerTime(42, clock);
    expect(holder.serverTimeMs(clock)).toBe(42);
  });
});
