import { Heartbeat, SnapshotServiceService, SubscribeResponse } from "@latchkey/proto";
import { describe, expect, it } from "vitest";
import { EncodedChunk, readResponse } from "./encoded-chunk.js";

const resources = [
  { kind: "api", id: "api_1", body: Buffer.from([1, 2, 3]) },
  { kind: "key", id: "key_1", body: Buffer.alloc(0) },
];
const chunk = SnapshotServiceService.subscribe.responseSerialize({
  message: { $case: "snapshotChunk", value: { index: 300, resources } },
});
/** A field with a number that no message has. */
const unknownField = Buffer.from([0x7a, 2, 9, 9]);

describe("readResponse", () => {
  it("leaves a chunk as it came, to be read later", () => {
    const read = readResponse(chunk);
    if (!(read instanceof EncodedChunk)) expect.unreachable("it was decoded");
    expect(read.index).toBe(300);
    expect([...read.records()].map(({ body, ...rest }) => ({ ...rest, body: Buffer.from(body) }))).toEqual(
      resources,
    );
  });

  it("decodes everything else, also a chunk with more behind it", () => {
    const heartbeat = SubscribeResponse.encode({
      message: { $case: "heartbeat", value: Heartbeat.fromPartial({ serverTimeMs: 7n }) },
    }).finish();
    expect(readResponse(Buffer.from(heartbeat))).toMatchObject({ message: { $case: "heartbeat" } });
    expect(readResponse(Buffer.concat([chunk, unknownField]))).toMatchObject({
      message: { $case: "snapshotChunk", value: { index: 300, resources } },
    });
    expect(readResponse(Buffer.alloc(0))).toMatchObject({ message: undefined });
  });

  it("refuses a chunk that is cut, at once or when its records are read", () => {
    for (let length = 1; length < chunk.length; length++)
      expect(() => readResponse(chunk.subarray(0, length)), `${length} bytes`).toThrow(RangeError);
    const inner = Buffer.concat([chunk.subarray(0, 1), Buffer.from([3, 0x12, 9, 1])]); // a resource of 9 bytes in 1
    const read = readResponse(inner);
    if (!(read instanceof EncodedChunk)) expect.unreachable("it was decoded");
    expect(() => [...read.records()]).toThrow(RangeError);
  });
});
