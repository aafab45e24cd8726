// The cached last bytes of a connection are found whole or not at all, and expire.

import { describe, expect, it } from "vitest";
import { LastBytes } from "./last-bytes.js";
import { wordBuffer } from "./word-buffer.js";

const shared = wordBuffer(65_536);

const LINES = "Host: a.example\r\nConnxio-Api-Key: lk_0123456789\r\nAccept: */*\r\n\r\n";

/** Keeps a text; the first of a connection never is. */
function keeping(text: string, last = new LastBytes(shared)): LastBytes {
  const bytes = Buffer.from(text, "latin1");
  for (let i = 0; i < 2; i++) last.keep(bytes, 0, bytes.length);
  return last;
}

describe("the last bytes", () => {
  it.each([
    ["the shared memory", shared.bytes],
    ["another buffer", Buffer.alloc(4_096)],
  ])("is found wherever it stands in %s, whatever follows, and nothing else is", (_name, bytes) => {
    for (const text of [LINES, `X: 1\r\n${LINES}`, `X: 12\r\n${LINES}`, `X: 123\r\n${LINES}`, "\r\n"]) {
      const last = keeping(text);
      for (let from = 400; from < 404; from++) {
        bytes.fill("z", 0, 1_024);
        bytes.write(text, from, "latin1");
        const end = from + text.length;
        expect(last.find(bytes, from, end)).toBe(end);
        expect(last.find(bytes, from, end + 100)).toBe(end);
        expect(last.find(bytes, from - 1, end)).toBe(-1);
        expect(last.find(bytes, from + 1, end + 1)).toBe(-1);
        for (let short = from; short < end; short++) expect(last.find(bytes, from, short)).toBe(-1);
        for (let bit = 0; bit < text.length * 8; bit++) {
          const at = from + (bit >> 3);
          bytes[at]! ^= 1 << (bit & 7);
          expect(last.find(bytes, from, end)).toBe(-1);
          bytes[at]! ^= 1 << (bit & 7);
        }
      }
    }
  });

  it("is not kept where it is long, the first, or has not come again for a while", () => {
    const bytes = Buffer.from(LINES, "latin1");
    const find = (last: LastBytes): number => last.find(bytes, 0, bytes.length);
    const first = new LastBytes();
    expect(first.keep(bytes, 0, bytes.length)).toBe(false);
    expect(find(first)).toBe(-1);
    const long = `X: ${"y".repeat(1_024)}\r\n${LINES}`;
    expect(keeping(long).find(Buffer.from(long), 0, long.length)).toBe(-1);

    const last = keeping(LINES);
    last.value = "it";
    for (let tick = 0; tick < 20; tick++) last.age();
    expect(find(last)).toBe(bytes.length);
    for (let tick = 0; tick < 20; tick++) last.age();
    expect(last.value).toBe("it");
    last.age();
    expect(find(last)).toBe(-1);
    expect(last.value).toBeNull();
  });

  it("is kept for few where each is new", () => {
    const last = new LastBytes(shared);
    let kept = 0;
    for (let i = 0; i < 1_000; i++) {
      const bytes = Buffer.from(LINES.replace("*/*", String(1_000 + i)), "latin1");
      const isKept = last.keep(bytes, 0, bytes.length);
      if (isKept) kept++;
    }
    expect(kept).toBeGreaterThan(10);
    expect(kept).toBeLessThan(100);
  });
});
