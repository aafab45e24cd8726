import { describe, expect, it } from "vitest";
import { connectionCame, readLater, turnTimeMs } from "./event-loop-batch.js";

/** The check phase of the next turn, behind that of the code under test. */
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

function readers(count: number): { readonly read: number[] } {
  const read: number[] = [];
  for (let i = 0; i < count; i++) readLater({ onTurn: () => read.push(i) });
  return { read };
}

describe("readLater", () => {
  it("has all read in one turn", async () => {
    const { read } = readers(100);
    await nextTurn();
    expect(read.length).toBe(100);
  });

  it("has few read, in order, in a turn in which a connection came, and the rest in the next", async () => {
    const { read } = readers(100);
    connectionCame();
    await nextTurn();
    expect(read).toEqual([0, 1, 2, 3]);
    connectionCame();
    await nextTurn();
    expect(read.length).toBe(8);
    const later = readers(1);
    await nextTurn();
    expect(read).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(later.read).toEqual([0]);
  });
});

describe("turnTimeMs", () => {
  it("is one for all that is read in a turn, and goes on outside of it", async () => {
    const times: number[] = [];
    const before = performance.now();
    const spend = (): void => {
      const from = performance.now();
      while (performance.now() === from);
    };
    for (let i = 0; i < 3; i++)
      readLater({
        onTurn: () => {
          times.push(turnTimeMs());
          spend();
        },
      });
    await nextTurn();
    expect(new Set(times).size).toBe(1);
    expect(times[0]).toBeGreaterThanOrEqual(before);
    const outside = turnTimeMs();
    spend();
    expect(turnTimeMs()).toBeGreaterThan(outside);
    expect(outside).toBeGreaterThan(times[0]!);
  });
});
