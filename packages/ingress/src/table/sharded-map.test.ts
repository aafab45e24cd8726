import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RecordStore } from "./record-store.js";
import { ShardedMap } from "./sharded-map.js";

/** What may happen between two values that are read. */
const step = fc.record({
  key: fc.integer({ min: 0, max: 400 }).map((n) => `key_${n}`),
  isDelete: fc.boolean(),
  readsBefore: fc.integer({ min: 0, max: 5 }),
});

function filled(count: number): ShardedMap<number> {
  const map = new ShardedMap<number>();
  for (let i = 0; i < count; i++) map.set(`key_${i}`, i);
  return map;
}

const sorted = (values: Iterable<number>): number[] => [...values].sort((a, b) => a - b);

describe("ShardedMap", () => {
  it("gives the values of a snapshot, whatever is changed while they are read", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const map = filled(300);
        const model = new Map(Array.from({ length: 300 }, (_, i) => [`key_${i}`, i]));
        const snapshot = map.snapshot();
        expect(snapshot.size).toBe(300);
        const reading = snapshot[Symbol.iterator]();
        const read: number[] = [];
        let next = 1_000;
        for (const { key, isDelete, readsBefore } of steps) {
          for (let i = 0; i < readsBefore; i++) {
            const { value, done } = reading.next();
            if (done !== true) read.push(value);
          }
          if (isDelete) {
            expect(map.delete(key)).toBe(model.delete(key));
          } else {
            map.set(key, next);
            model.set(key, next++);
          }
          expect(map.size).toBe(model.size);
          expect(map.get(key)).toBe(model.get(key));
        }
        for (let { value, done } = reading.next(); done !== true; { value, done } = reading.next())
          read.push(value);
        snapshot.close();
        expect(sorted(read)).toEqual(Array.from({ length: 300 }, (_, i) => i));
        expect(sorted(map.values())).toEqual(sorted(model.values()));
      }),
    );
  });

  it("keeps snapshots apart", () => {
    const map = filled(2);
    const first = map.snapshot();
    map.set("key_2", 2);
    const second = map.snapshot();
    map.delete("key_0");
    expect(sorted(second)).toEqual([0, 1, 2]);
    second.close();
    map.set("key_1", 11);
    expect(sorted(first)).toEqual([0, 1]);
    first.close();
    expect(sorted(map.snapshot())).toEqual([2, 11]);
  });
});

describe("RecordStore", () => {
  const record = (kind: string, id: string) => ({ kind, id, body: new Uint8Array([1]) });

  it("gives the records of a snapshot: later ones, also of a new kind, are not among them", () => {
    const store = new RecordStore();
    store.set(record("api", "a"));
    store.set(record("key", "k"));
    const snapshot = store.snapshot();
    store.set(record("integration", "i"));
    store.set(record("api", "b"));
    store.delete({ kind: "key", id: "k" });
    expect(snapshot.size).toBe(2);
    expect([...snapshot].map(({ kind, id }) => `${kind}/${id}`)).toEqual(["api/a", "key/k"]);
    snapshot.close();
    expect(store.snapshot().size).toBe(3);
  });
});
