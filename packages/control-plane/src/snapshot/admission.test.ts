/** Rushes are spread out, and nobody is filled over and over. */
import { FakeClock } from "@latchkey/core";
import { describe, expect, test } from "vitest";
import { AdmissionGate, TransferSlots } from "./admission.js";
import { FullBackoff } from "./full-backoff.js";

describe("the admission gate", () => {
  test("lets 1 000 nodes in within 1 000 / rate seconds when they come back after their delay", () => {
    const clock = new FakeClock();
    const gate = new AdmissionGate({ clock, ratePerSecond: 40, burst: 40 });
    const dueMs = new Array<number>(1_000).fill(0);
    const beganMs = clock.monotonicMs();
    let admitted = 0;
    let attempts = 0;
    while (admitted < dueMs.length) {
      for (const [i, due] of dueMs.entries()) {
        if (due > clock.monotonicMs() - beganMs) continue;
        attempts++;
        const response = gate.admit();
        if (response.kind === "admitted") {
          admitted++;
          dueMs[i] = Number.POSITIVE_INFINITY;
        } else dueMs[i] = clock.monotonicMs() - beganMs + response.retryAfterMs;
      }
      clock.advance(10);
    }
    const seconds = (clock.monotonicMs() - beganMs) / 1000;
    expect(seconds).toBeLessThan(30);
    // Hints that all name the same moment would make each node knock again and again.
    expect(attempts).toBeLessThan(3_000);
  });
});

describe("transfer slots", () => {
  test("are never held by more than there are, and go round in order", async () => {
    const slots = new TransferSlots(2);
    const order: number[] = [];
    const first = await slots.take();
    const second = await slots.take();
    const third = slots.take().then((giveBack) => {
      order.push(3);
      return giveBack;
    });
    const fourth = slots.take().then((giveBack) => {
      order.push(4);
      return giveBack;
    });
    first();
    first();
    await third;
    expect(order).toEqual([3]);
    second();
    await fourth;
    expect(order).toEqual([3, 4]);
  });
});

describe("the backoff of full snapshots", () => {
  test("allows one at once, then 5, 10, 20, 40, 60, 60 s apart, and forgets at a success", () => {
    const clock = new FakeClock();
    const backoff = new FullBackoff(clock);
    const waitedMs: number[] = [];
    for (let i = 0; i < 7; i++) {
      let waited = 0;
      while (!backoff.tryStart()) {
        clock.advance(1_000);
        waited += 1_000;
      }
      waitedMs.push(waited);
    }
    expect(waitedMs).toEqual([0, 5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
    backoff.succeeded();
    expect(backoff.tryStart()).toBe(true);
  });

  test("does not hold a broken connection against the node for more than the first delay", () => {
    const clock = new FakeClock();
    const backoff = new FullBackoff(clock);
    for (let i = 0; i < 5; i++) {
      expect(backoff.tryStart()).toBe(true);
      backoff.interrupted();
      clock.advance(5_000);
    }
  });
});
