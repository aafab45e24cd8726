import fc from "fast-check";
import { expect, it } from "vitest";
import { closeFrame, FrameBoundary } from "./frame-boundary.js";

const frames = fc.record({
  length: fc.oneof(fc.constantFrom(0, 1, 125, 126, 127, 65_535, 65_536), fc.nat(300)),
  isMasked: fc.boolean(),
});

function frame({ length, isMasked }: { length: number; isMasked: boolean }): Buffer {
  const mask = isMasked ? 0x80 : 0;
  const head = [0x82];
  if (length < 126) head.push(mask | length);
  else if (length < 65_536) head.push(mask | 126, length >> 8, length & 0xff);
  else head.push(mask | 127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 0xff, length & 0xff);
  // A payload that looks like heads.
  return Buffer.concat([Buffer.from(head), Buffer.alloc(isMasked ? 4 : 0, 0x88), Buffer.alloc(length, 0x81)]);
}

it("finds the first boundary of each piece, however a stream is cut", () => {
  fc.assert(
    fc.property(
      fc.array(frames, { minLength: 1, maxLength: 6 }),
      fc.array(fc.nat(2_000), { maxLength: 20 }),
      (made, sizes) => {
        const pieces = made.map(frame);
        const stream = Buffer.concat(pieces);
        const boundaries = [0];
        for (const { length } of pieces) boundaries.push((boundaries.at(-1) ?? 0) + length);
        const followed = new FrameBoundary();
        let pos = 0;
        for (const size of [...sizes, stream.length]) {
          const end = Math.min(stream.length, pos + size + 1);
          if (end === pos) break;
          const first = boundaries.find((at) => at >= pos && at <= end);
          expect(followed.follow(stream.subarray(pos, end))).toBe(first === undefined ? -1 : first - pos);
          expect(followed.isHere).toBe(boundaries.includes(end));
          pos = end;
        }
      },
    ),
  );
});

it("writes close frames as servers and clients send them", () => {
  expect(closeFrame(1001, "bye", false).toString("hex")).toBe("880503e9627965");
  expect(closeFrame(1001, "bye", true).toString("hex")).toBe("88850000000003e9627965");
});
