import { FakeClock } from "@latchkey/core";
import { createLogger } from "@latchkey/observe";
import { describe, expect, it, vi } from "vitest";
import { SleepGate } from "./sleep-gate.js";

const LIMIT_MS = 15_000;
const log = createLogger({ name: "test", level: "silent" });

function aGate() {
  const clock = new FakeClock();
  const machine = { uptimeMs: 1_000 };
  const gate = new SleepGate({ limitMs: LIMIT_MS, clock, log, uptimeMs: () => machine.uptimeMs });
  const wakes: number[] = [];
  gate.onWake((unnoticedMs) => wakes.push(unnoticedMs));
  /** The process is stopped; the machine goes on. */
  const stop = (ms: number) => {
    clock.advance(ms);
    machine.uptimeMs += ms;
  };
  const isClosed = () => gate.isClosed(clock.monotonicMs());
  return { gate, clock, machine, wakes, stop, isClosed };
}

describe("a sleep gate", () => {
  it("closes when the process was stopped for longer than the limit, until the configuration is confirmed", () => {
    const { gate, stop, isClosed, wakes } = aGate();
    stop(LIMIT_MS + 1);
    expect(isClosed()).toBe(true);
    expect(wakes).toEqual([0]);
    gate.confirm();
    expect(isClosed()).toBe(false);
    stop(LIMIT_MS - 1);
    expect(isClosed()).toBe(false);
    expect(wakes).toEqual([0]);
    gate.stop();
  });

  it("closes when the machine was suspended, which its monotonic clock leaves out", () => {
    const { gate, clock, machine, stop, isClosed, wakes } = aGate();
    machine.uptimeMs += 60_000;
    stop(1);
    vi.spyOn(clock, "now").mockReturnValue(clock.now() + 60_000);
    expect(isClosed()).toBe(true);
    expect(wakes).toEqual([60_000]);
    gate.stop();
  });

  it("looks at the wall clock once for requests of one event-loop batch", () => {
    const { clock, isClosed } = aGate();
    const now = vi.spyOn(clock, "now");
    clock.advance(1);
    for (let i = 0; i < 10; i++) expect(isClosed()).toBe(false);
    clock.advance(1);
    expect(isClosed()).toBe(false);
    expect(now).toHaveBeenCalledTimes(2);
  });

  it("takes a step of the wall clock for what it is", () => {
    const { clock, isClosed, wakes } = aGate();
    const nowMs = clock.now();
    for (const stepMs of [3_600_000, -3_600_000, 86_400_000]) {
      clock.advance(1);
      vi.spyOn(clock, "now").mockReturnValue(nowMs + stepMs);
      expect(isClosed()).toBe(false);
    }
    expect(wakes).toEqual([]);
  });

  it("opens by itself when the control plane is away for as long as the limit", () => {
    vi.useFakeTimers();
    try {
      const { stop, isClosed, gate } = aGate();
      let opened = 0;
      gate.onOpen(() => opened++);
      stop(LIMIT_MS + 1);
      expect(isClosed()).toBe(true);
      vi.advanceTimersByTime(LIMIT_MS - 1);
      expect(isClosed()).toBe(true);
      vi.advanceTimersByTime(1);
      expect(isClosed()).toBe(false);
      expect(opened).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });

  it("goes by the monotonic clock when the machine's cannot be read", () => {
    const { machine, stop, isClosed, gate } = aGate();
    stop(1_000);
    machine.uptimeMs = Number.NaN;
    stop(LIMIT_MS + 1);
    expect(isClosed()).toBe(true);
    gate.confirm();
    stop(1);
    expect(isClosed()).toBe(false);
    gate.stop();
  });
});
