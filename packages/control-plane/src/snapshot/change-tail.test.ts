/** The tail gives each lagging stream the way it needs, merged, or says that it cannot. */
import type { Revision } from "@latchkey/snapshot";
import { describe, expect, test } from "vitest";
import { ChangeTail, type ResourceState, type Step } from "./change-tail.js";

function revision(number: number): Revision {
  return { epoch: 1, number };
}

function state(id: string, body: string | null, revocation = false): ResourceState {
  const ref = { kind: "key", id };
  return { ref, record: body === null ? null : { ...ref, body: Buffer.from(body) }, revocation };
}

function step(from: number, to: number, ...states: readonly ResourceState[]): Step {
  const revocation = states.some((one) => one.revocation);
  return { from: revision(from), to: revision(to), states, digest: Buffer.alloc(32, to), revocation };
}

function shown(states: readonly ResourceState[] | undefined): string[] | undefined {
  return states?.map(
    ({ ref, record, revocation }) =>
      `${ref.id}=${record === null ? "gone" : Buffer.from(record.body).toString()}${revocation ? "!" : ""}`,
  );
}

describe("the tail of changes", () => {
  test("holds one state a resource, the last, and remembers that one of them revoked", () => {
    const tail = new ChangeTail({ bytesMax: 1e6, statesMax: 100 });
    tail.push(step(0, 1, state("a", "on"), state("b", "on")));
    tail.push(step(1, 4, state("a", "off", true)));
    tail.push(step(4, 5, state("a", "renamed"), state("c", null)));
    expect(shown(tail.since(revision(0))?.states)).toEqual(["a=renamed!", "b=on", "c=gone"]);
    expect(tail.since(revision(0))).toMatchObject({ to: revision(5), digest: Buffer.alloc(32, 5) });
    expect(shown(tail.since(revision(4))?.states)).toEqual(["a=renamed", "c=gone"]);
    // Another process's revision in the middle of a step: the whole step says what is.
    expect(shown(tail.since(revision(2))?.states)).toEqual(["a=renamed!", "c=gone"]);
    expect(tail.since(revision(5))).toBeNull();
    expect(tail.since({ epoch: 2, number: 1 })).toBeNull();
    expect([0, 1, 3, 4, 5].map((number) => tail.hasRevocationSince(revision(number)))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(tail.digestAt(revision(4))).toEqual(Buffer.alloc(32, 4));
    expect(tail.digestAt(revision(2))).toBeUndefined();
  });

  test("gives the way in pieces, each of which ends at a revision that was", () => {
    const tail = new ChangeTail({ bytesMax: 1e6, statesMax: 100 });
    for (let i = 0; i < 10; i++) tail.push(step(i, i + 1, state(`r${i}`, "x".repeat(1_000))));
    let at = revision(0);
    const pieces: number[] = [];
    for (;;) {
      const piece = tail.since(at, 3_000);
      if (piece === null) break;
      expect(piece.digest).toEqual(Buffer.alloc(32, piece.to.number));
      pieces.push(piece.to.number);
      at = piece.to;
    }
    expect(pieces).toEqual([3, 6, 9, 10]);
  });

  test("is bounded, and does not pretend to reach further back than it does", () => {
    const tail = new ChangeTail({ bytesMax: 10_000, statesMax: 1_000 });
    for (let i = 0; i < 100; i++) tail.push(step(i, i + 1, state(`r${i}`, "x".repeat(1_000))));
    expect(tail.since(revision(0))).toBeNull();
    expect(tail.since(revision(90))).toBeNull();
    expect(tail.since(revision(95))?.states).toHaveLength(5);
    // One that alone is too large stays: every stream needs it next.
    tail.push(step(100, 101, state("large", "x".repeat(50_000))));
    expect(tail.since(revision(100))?.states).toHaveLength(1);
    expect(tail.since(revision(99))).toBeNull();
  });
});
