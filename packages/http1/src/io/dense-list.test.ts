import fc from "fast-check";
import { expect, it } from "vitest";
import { DenseList, type Placed } from "./dense-list.js";

it("holds what a set would hold, whatever comes and goes (property)", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(9))), (steps) => {
      const all: Placed[] = Array.from({ length: 10 }, () => ({ place: -1 }));
      const list = new DenseList<Placed>();
      const set = new Set<Placed>();
      for (const [isAdded, index] of steps) {
        const one = all[index] as Placed;
        if (isAdded) {
          list.add(one);
          set.add(one);
        } else {
          list.delete(one);
          set.delete(one);
        }
        expect(list.size).toBe(set.size);
        expect(new Set(list.toArray())).toEqual(set);
      }
    }),
  );
});
