/** Form, variety and evenness of the UUIDs that a gateway gives to messages. */
import { expect, it } from "vitest";
import { RandomPool } from "./random-pool.js";
import { Uuids } from "./uuids.js";

/** The dashes and the version. */
const FIXED = new Set([8, 13, 14, 18, 23]);
const VARIANT_AT = 19;
const uuids = new Uuids(new RandomPool());
const many = Array.from({ length: 10_000 }, () => uuids.next());

it("makes UUIDs of version 4, each another one", () => {
  for (const uuid of many)
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set(many).size).toBe(many.length);
});

it("uses every digit evenly at every place that is free", () => {
  for (let at = 0; at < 36; at++) {
    const counts = new Map<string, number>();
    for (const uuid of many) counts.set(uuid.charAt(at), (counts.get(uuid.charAt(at)) ?? 0) + 1);
    const expected = many.length / counts.size;
    expect(counts.size).toBe(FIXED.has(at) ? 1 : at === VARIANT_AT ? 4 : 16);
    // Eight standard deviations: by chance once in a million million runs.
    for (const count of counts.values())
      expect(Math.abs(count - expected)).toBeLessThan(8 * Math.sqrt(expected));
  }
});
