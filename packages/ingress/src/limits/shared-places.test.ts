/** Which key gets a place of an integration when places are scarce. Time is given. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SharedPlaces } from "./shared-places.js";

const [greedy, modest, third] = [{}, {}, {}];

function take(places: SharedPlaces, key: object, max: number, nowMs: number): boolean {
  if (places.refuses(key, max, nowMs)) return false;
  places.take(key);
  return true;
}

describe("SharedPlaces", () => {
  it("gives one key all places while nobody else asks", () => {
    const places = new SharedPlaces();
    for (let i = 0; i < 10; i++) expect(take(places, greedy, 10, 0)).toBe(true);
    expect(take(places, greedy, 10, 0)).toBe(false);
    places.leave(greedy);
    expect(take(places, greedy, 10, 1)).toBe(true);
  });

  it("gives places that become free to the key that was refused, up to its share", () => {
    const places = new SharedPlaces();
    for (let i = 0; i < 10; i++) take(places, greedy, 10, 0);
    expect(take(places, modest, 10, 0)).toBe(false);
    for (let i = 0; i < 5; i++) {
      places.leave(greedy);
      expect(take(places, greedy, 10, 1)).toBe(false);
      expect(take(places, modest, 10, 1)).toBe(true);
    }
    places.leave(greedy);
    expect(take(places, greedy, 10, 1)).toBe(true);
  });

  it("gives all places to one key again when the others are gone", () => {
    const places = new SharedPlaces();
    for (let i = 0; i < 4; i++) take(places, greedy, 4, 0);
    expect(take(places, modest, 4, 0)).toBe(false);
    places.leave(greedy);
    expect(take(places, greedy, 4, 4_999)).toBe(false);
    expect(take(places, greedy, 4, 5_000)).toBe(true);
  });

  it("has a place for each of more keys than places, one after the other", () => {
    const places = new SharedPlaces();
    for (let i = 0; i < 2; i++) take(places, greedy, 2, 0);
    expect(take(places, modest, 2, 0)).toBe(false);
    expect(take(places, third, 2, 0)).toBe(false);
    places.leave(greedy);
    expect(take(places, greedy, 2, 1)).toBe(false);
    expect(take(places, modest, 2, 1)).toBe(true);
    places.leave(greedy);
    expect(take(places, modest, 2, 1)).toBe(false);
    expect(take(places, third, 2, 1)).toBe(true);
  });

  it("never gives more places than there are, and never refuses a key that is alone and below the limit", () => {
    const step = fc.record({
      key: fc.nat(3),
      isLeaving: fc.boolean(),
      afterMs: fc.constantFrom(0, 1, 2_000, 6_000),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 200 }), (max, steps) => {
        const places = new SharedPlaces();
        const keys = [{}, {}, {}, {}];
        const held = [0, 0, 0, 0];
        let nowMs = 0;
        for (const { key, isLeaving, afterMs } of steps) {
          nowMs += afterMs;
          const owner = keys[key] as object;
          if (isLeaving) {
            places.leave(owner);
            held[key] = Math.max(0, (held[key] as number) - 1);
          } else if (take(places, owner, max, nowMs)) held[key] = (held[key] as number) + 1;
          expect(held.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(max);
        }
        held.forEach((count, index) => {
          for (let i = 0; i < count; i++) places.leave(keys[index] as object);
        });
        for (let i = 0; i < max; i++) expect(take(places, greedy, max, nowMs + 5_000)).toBe(true);
      }),
    );
  });
});
