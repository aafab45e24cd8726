import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeFrame, FrameReader } from "./frames.js";

describe("frames", () => {
  it("come out as they went in, however the bytes are split (property)", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 200 })),
        fc.integer({ min: 1, max: 50 }),
        (payloads, size) => {
          const bytes = Buffer.concat(payloads.map((payload, i) => encodeFrame(i % 5, payload)));
          const reader = new FrameReader();
          const got: Uint8Array[] = [];
          for (let at = 0; at < bytes.length; at += size)
            for (const frame of reader.push(bytes.subarray(at, at + size)))
              got.push(Buffer.from(frame.payload));
          expect(got.map((payload) => [...payload])).toEqual(payloads.map((payload) => [...payload]));
          expect(reader.end()).toBe("clean");
        },
      ),
    );
  });
});
