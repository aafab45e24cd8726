import type { Clock } from "@latchkey/core";
import { describe, expect, it } from "vitest";
import { CurrentTable } from "./current-table.js";

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
    expect(new CurrentTable(clock).serverTimeMs()).toBe(clock.wallMs);
  });

  it("goes on by the monotonic clock, whatever the wall clock does", () => {
    const clock = new TwoClocks();
    const currentTable = new CurrentTable(clock);
    const toldMs = clock.wallMs + 2 * HOUR_MS;
    currentTable.heardServerTime(toldMs);
    for (const stepMs of [-HOUR_MS, 24 * HOUR_MS, -HOUR_MS]) {
      clock.wallMs += stepMs;
      clock.monotonic += 10;
      expect(currentTable.serverTimeMs()).toBe(toldMs + clock.monotonic - 5_000);
    }
    currentTable.heardServerTime(42);
    expect(currentTable.serverTimeMs()).toBe(42);
    currentTable.heardServerTime(42_000_000);
    expect(currentTable.serverTimeMs()).toBe(42_000_000);
  });

  it("is not behind for a heartbeat that waited on its way, and follows a clock that drifts", () => {
    const clock = new TwoClocks();
    const currentTable = new CurrentTable(clock);
    currentTable.heardServerTime(1_000_000);
    clock.monotonic += 5_000;
    currentTable.heardServerTime(1_005_000 - 300);
    expect(currentTable.serverTimeMs()).toBe(1_005_000);
    for (let i = 0; i < 30; i++) {
      clock.monotonic += 5_000;
      currentTable.heardServerTime(1_005_000 + (i + 1) * 4_999);
    }
    const toldMs = 1_005_000 + 30 * 4_999;
    expect(currentTable.serverTimeMs()).toBeGreaterThanOrEqual(toldMs);
    expect(currentTable.serverTimeMs()).toBeLessThan(toldMs + 30);
  });

  it("is the newest time when the control plane's clock was set back", () => {
    const clock = new TwoClocks();
    const currentTable = new CurrentTable(clock);
    currentTable.heardServerTime(clock.wallMs);
    currentTable.heardServerTime(42);
    expect(currentTable.serverTimeMs()).toBe(42);
  });
});
