import { afterEach, expect, it } from "vitest";
import { RequestParser } from "./request-parser.js";

const limits = {
  headBytesMax: 16_384,
  fieldsMax: 100,
  targetBytesMax: 8_192,
  allowConnect: false,
  allowTrace: false,
};

const original = Buffer.prototype.toString;
afterEach(() => {
  Buffer.prototype.toString = original;
});

// Values are slices of the text that their line was in: if each line made a text of all lines before it, a client could
// buy fifty times its bytes in memory.
it("turns each byte of a head that comes line by line into text once", () => {
  let textBytes = 0;
  Buffer.prototype.toString = function (
    this: Buffer,
    encoding?: BufferEncoding,
    start?: number,
    end?: number,
  ): string {
    textBytes += (end ?? this.length) - (start ?? 0);
    return original.call(this, encoding, start, end);
  };
  const lines = [
    "GET /path?query HTTP/1.1",
    "Host: a",
    ...Array.from({ length: 98 }, (_, i) => `X-${i}: ${"v".repeat(150)}`),
    "",
  ];
  const parser = new RequestParser(limits);
  let bytes = 0;
  for (const line of lines) {
    const piece = Buffer.from(`${line}\r\n`, "latin1");
    bytes += piece.length;
    const after = parser.parse(piece, 0, piece.length);
    expect(after).toBe(line === "" ? piece.length : -1);
  }
  expect(parser.headers).toHaveLength(2 * 99);
  expect(parser.headers.at(-1)).toBe("v".repeat(150));
  expect([parser.path, parser.query, parser.host]).toEqual(["/path", "query", "a"]);
  expect(textBytes).toBeLessThan(4 * bytes); // names, values, and the whole once more for its first line
});
