/** Agrees with the slow and obvious way, and takes long chains. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { namesInCycles } from "./schema-cycles.js";

const name = fc.constantFrom("a", "b", "c", "d", "e", "f");

it("finds the names that can reach themselves, and no others", () => {
  fc.assert(
    fc.property(fc.dictionary(name, fc.array(name, { maxLength: 3 }), { maxKeys: 6 }), (object) => {
      const uses = new Map(Object.entries(object));
      const reaches = (from: string, seen = new Set<string>()): ReadonlySet<string> => {
        for (const to of uses.get(from) ?? []) {
          if (seen.has(to)) continue;
          seen.add(to);
          reaches(to, seen);
        }
        return seen;
      };
      const slow = [...uses.keys()].filter((one) => reaches(one).has(one));
      expect([...namesInCycles(uses)].sort()).toEqual(slow.sort());
    }),
    { numRuns: 1000 },
  );
});

it("takes a chain of 100,000", () => {
  const uses = new Map(
    Array.from({ length: 100_000 }, (_, n) => [`${n}`, [`${(n + 1) % 100_000}`]] as const),
  );
  expect(namesInCycles(uses).size).toBe(100_000);
});
