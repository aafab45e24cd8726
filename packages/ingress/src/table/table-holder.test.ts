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
    holder.heardServerTime(42_000_000, clock);
    expect(holder.serverTimeMs(clock)).toBe(42_000_000);
  });

  it("is not behind for a heartbeat that waited on its way, and follows a clock that drifts", () => {
    const clock = new TwoClocks();
    const holder = new TableHolder();
    holder.heardServerTime(1_000_000, clock);
    clock.monotonic += 5_000;
    holder.heardServerTime(1_005_000 - 300, clock);
    expect(holder.serverTimeMs(clock)).toBe(1_005_000);
    for (let i = 0; i < 30; i++) {
      clock.monotonic += 5_000;
      holder.heardServerTime(1_005_000 + (i + 1) * 4_999, clock);
    }
    const toldMs = 1_005_000 + 30 * 4_999;
    expect(holder.serverTimeMs(clock)).toBeGreaterThanOrEqual(toldMs);
    expect(holder.serverTimeMs(clock)).toBeLessThan(toldMs + 30);
  });

  it("is the newest time when the control plane's clock was set back", () => {
    const clock = new TwoClocks();
    const holder = new TableHolder();
    holder.heardServerTime(clock.wallMs, clock);
    holder.heardServerTime(42, clock);
    expect(holder.serverTimeMs(clock)).toBe(42);
  });
});
