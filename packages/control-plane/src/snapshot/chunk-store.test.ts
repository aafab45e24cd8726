/** Chunks brought forward hold exactly what chunks built from scratch hold, and stay within their bounds. */
import { digestOf, type ResourceRecord, resourceHash, resourceName, resourceSet } from "@latchkey/snapshot";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ResourceState } from "./change-tail.js";
import { CHUNK_BYTES_MAX, ChunkStore } from "./chunk-store.js";
import { ResourceHashes } from "./resource-hashes.js";
import { decodeChunkEntries } from "./wire.js";

const record = fc.record({
  kind: fc.constantFrom("api", "key"),
  id: fc.nat(40).map((i) => `id${i}`),
  body: fc.nat(120_000).map((size) => Buffer.alloc(size, size % 251)),
});
const state: fc.Arbitrary<ResourceState> = fc
  .tuple(record, fc.boolean())
  .map(([value, isGone]) => ({ ref: value, record: isGone ? null : value, revocation: false }));

function contents(store: ChunkStore): ResourceRecord[] {
  return store.chunks().flatMap((chunk) => {
    const records = decodeChunkEntries(chunk.entries);
    expect(records.length).toBe(chunk.resourceCount);
    return records;
  });
}

test("chunks that were brought forward hold what was said last, once, in chunks within bounds", () => {
  fc.assert(
    fc.property(
      fc.array(record, { maxLength: 40 }),
      fc.array(fc.array(state, { maxLength: 10 }), { maxLength: 8 }),
      (first, rounds) => {
        const store = new ChunkStore();
        const model = resourceSet([]);
        for (const value of first) {
          store.put(value);
          model.set(resourceName(value), value);
        }
        const older = store.chunks();
        const olderBytes = older.map(({ entries }) => Buffer.from(entries));
        for (const round of rounds) {
          // One state a resource, as the cache merges them.
          const merged = new Map(round.map((one) => [resourceName(one.ref), one]));
          for (const _ of store.apply([...merged.values()]));
          for (const [name, one] of merged) {
            if (one.record === null) model.delete(name);
            else model.set(name, one.record);
          }
        }
        const held = contents(store);
        expect(store.resourceCount).toBe(model.size);
        expect(held.map(resourceName).sort()).toEqual([...model.keys()].sort());
        expect(Buffer.from(digestOf(held))).toEqual(Buffer.from(digestOf(model.values())));
        for (const { entries, resourceCount } of store.chunks())
          if (resourceCount > 1) expect(entries.length).toBeLessThanOrEqual(CHUNK_BYTES_MAX);
        // A stream may still be sending the older ones.
        expect(older.every(({ entries }, i) => entries.equals(olderBytes[i] ?? Buffer.alloc(0)))).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});

test("bringing one resource forward leaves all other chunks as they are", () => {
  const store = new ChunkStore();
  for (let i = 0; i < 1_000; i++)
    store.put({ kind: "api", id: `id${i}`, body: Buffer.alloc(2_000, i % 251) });
  const before = store.chunks();
  const changed = { kind: "api", id: "id500", body: Buffer.from("new") };
  for (const _ of store.apply([{ ref: changed, record: changed, revocation: false }]));
  const shared = new Set(before.map(({ entries }) => entries));
  expect(before.length).toBeGreaterThan(5);
  expect(store.chunks().filter(({ entries }) => !shared.has(entries))).toHaveLength(1);
});

test("the running digest is the digest of what is there", () => {
  const small = fc.record({
    name: fc.nat(20).map((i) => `r${i}`),
    body: fc.option(fc.nat(5).map(String), { freq: 3 }),
  });
  fc.assert(
    fc.property(fc.array(small, { maxLength: 3_000 }), (steps) => {
      const hashes = new ResourceHashes();
      const model = new Map<string, ResourceRecord>();
      for (const { name, body } of steps) {
        const before = model.get(name);
        const value = body === null ? null : { kind: "api", id: name, body: Buffer.from(body) };
        const changed = hashes.set(name, value === null ? null : resourceHash(value));
        expect(changed).toBe(before?.body.toString() !== value?.body.toString());
        if (value === null) model.delete(name);
        else model.set(name, value);
      }
      expect(hashes.size).toBe(model.size);
      expect(Buffer.from(hashes.digest())).toEqual(Buffer.from(digestOf(model.values())));
    }),
    { numRuns: 50 },
  );
});
