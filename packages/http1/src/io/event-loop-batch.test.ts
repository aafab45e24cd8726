import { beforeEach, describe, expect, it } from "vitest";
import { eventLoopBatch } from "./event-loop-batch.js";

/** The next check phase, behind that of the code under test. */
const nextBatch = () => new Promise<void>((resolve) => setImmediate(resolve));

function readers(count: number): { readonly read: number[] } {
  const read: number[] = [];
  for (let i = 0; i < count; i++) eventLoopBatch.readLater({ onBatch: () => read.push(i) });
  return { read };
}

// The batch is the process's: an earlier test may have accepted a connection since the last one.
beforeEach(async () => {
  readers(1);
  await nextBatch();
});

describe("readers", () => {
  it("are all called in one batch", async () => {
    const { read } = readers(100);
    await nextBatch();
    expect(read.length).toBe(100);
  });

  it("are called in order, few in an iteration that accepted a connection, and the rest later", async () => {
    const { read } = readers(100);
    eventLoopBatch.connectionAccepted();
    await nextBatch();
    expect(read).toEqual([0, 1, 2, 3]);
    eventLoopBatch.connectionAccepted();
    await nextBatch();
    expect(read.length).toBe(8);
    const later = readers(1);
    await nextBatch();
    expect(read).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(later.read).toEqual([0]);
  });
});

describe("timeMs", () => {
  it("is one for all readers of a batch, and goes on outside of it", async () => {
    const times: number[] = [];
    const before = performance.now();
    const spend = (): void => {
      const from = performance.now();
      while (performance.now() === from);
    };
    for (let i = 0; i < 3; i++)
      eventLoopBatch.readLater({
        onBatch: () => {
          times.push(eventLoopBatch.timeMs());
          spend();
        },
      });
    await nextBatch();
    expect(new Set(times).size).toBe(1);
    expect(times[0]).toBeGreaterThanOrEqual(before);
    const outside = eventLoopBatch.timeMs();
    spend();
    expect(eventLoopBatch.timeMs()).toBeGreaterThan(outside);
    expect(outside).toBeGreaterThan(times[0]!);
  });
});
