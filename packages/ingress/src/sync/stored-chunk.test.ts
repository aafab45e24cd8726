import { SnapshotChunk } from "@latchkey/proto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { chunkIndex, chunkRecords } from "./stored-chunk.js";

const resource = fc.record({
  kind: fc.oneof(fc.constantFrom("api", "key", "integration"), fc.string({ unit: "grapheme" })),
  id: fc.string({ unit: "grapheme" }),
  body: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
});
const encoded = (index: number, resources: { kind: string; id: string; body: Buffer }[]) =>
  Buffer.from(SnapshotChunk.encode({ index, resources }).finish());
/** A field of each wire type that this version does not know. */
const unknownFields = Buffer.from([
  0x78, 0x80, 0x01, 0x7a, 2, 9, 9, 0x79, 1, 2, 3, 4, 5, 6, 7, 8, 0x7d, 1, 2, 3, 4,
]);

it("reads what the generated code writes, among fields it does not know (property)", () => {
  fc.assert(
    fc.property(fc.nat(), fc.array(resource), fc.boolean(), (index, resources, isNewer) => {
      const chunk = encoded(index, resources);
      const bytes = isNewer ? Buffer.concat([unknownFields, chunk, unknownFields]) : chunk;
      expect(chunkIndex(bytes)).toBe(index);
      const read = [...chunkRecords(bytes)].map((record) => ({ ...record, body: Buffer.from(record.body) }));
      expect(read).toEqual(resources);
    }),
  );
});

it("refuses a cut message and never reads past its end (property)", () => {
  fc.assert(
    fc.property(fc.array(resource, { minLength: 1 }), fc.nat(), (resources, seed) => {
      const whole = encoded(1, resources);
      const cut = whole.subarray(0, 1 + (seed % (whole.length - 1)));
      let read: number;
      try {
        read = [...chunkRecords(cut)].length;
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
        return;
      }
      expect(read).toBeLessThan(resources.length); // it was cut between two resources
    }),
  );
});
