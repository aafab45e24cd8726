import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { named, splits, TEST_RULES } from "../testing/read-messages.js";
import { BodyDecoder } from "./body-decoder.js";
import type { FaultCode } from "./fault.js";

const bytes = (text: string): Buffer => Buffer.from(text, "latin1");

interface Decoded {
  readonly content: string;
  readonly done: boolean;
  readonly fault: FaultCode | null;
  readonly rest: number;
}

function decodeChunked(pieces: readonly Uint8Array[], limits = TEST_RULES): Decoded {
  const decoder = new BodyDecoder(limits);
  decoder.startChunked();
  let content = "";
  let rest = 0;
  for (const piece of pieces) {
    if (decoder.done || decoder.fault !== null) {
      rest += piece.length;
      continue;
    }
    const copy = Buffer.from(piece);
    const after = decoder.decode(copy, 0, copy.length);
    content += copy.toString("latin1", decoder.from, decoder.to);
    rest += copy.length - after;
  }
  return { content, done: decoder.done, fault: decoder.fault, rest };
}

const ACCEPTED: readonly (readonly [string, string])[] = [
  ["0\r\n\r\n", ""],
  ["3\r\nabc\r\n0\r\n\r\n", "abc"],
  ["A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789"],
  ["0000000000000003\r\nabc\r\n000\r\n\r\n", "abc"],
  ["1;a\r\nx\r\n1;a=b\r\ny\r\n1 ; a = b ;c\r\nz\r\n0;last\r\n\r\n", "xyz"],
  ['1;a="b;\\" x"\r\nz\r\n0\r\n\r\n', "z"],
  ["1\r\n\r\r\n1\r\n\n\r\n0\r\n\r\n", "\r\n"],
  ["0\r\nTrailer: v\r\nEmpty:\r\n\r\n", ""],
];

const REFUSED: readonly (readonly [FaultCode, string])[] = [
  ["chunk_size_malformed", "\r\n"],
  ["chunk_size_malformed", "g\r\n"],
  ["chunk_size_malformed", "0x3\r\nabc\r\n"],
  ["chunk_size_malformed", "-1\r\n"],
  ["chunk_size_malformed", "+3\r\n"],
  ["chunk_size_malformed", " 3\r\nabc\r\n"],
  ["chunk_size_malformed", "3_\r\nabc\r\n"],
  ["chunk_size_malformed", ";a\r\n"],
  ["chunk_size_overflow", "ffffffffffffffff\r\n"],
  ["chunk_size_overflow", "10000000000000003\r\n"],
  ["chunk_size_overflow", "00000000000000003\r\n"],
  ["line_bare_lf", "3\nabc\r\n"],
  ["line_bare_cr", "3\r3\r\n"],
  ["chunk_end_malformed", "3\r\nabcX\n0\r\n\r\n"],
  ["chunk_end_malformed", "3\r\nabcXX"],
  ["chunk_end_malformed", "3\r\nabcd\r\n"],
  ["chunk_end_malformed", "3\r\nabc\n0\r\n"],
  ["chunk_end_malformed", "3\r\nabc\rX"],
  ["chunk_extension_malformed", "3 \r\nabc"],
  ["chunk_extension_malformed", "3 x\r\nabc"],
  ["chunk_extension_malformed", "3;\r\nabc"],
  ["chunk_extension_malformed", "3;a=\r\nabc"],
  ["chunk_extension_malformed", "3;a=b \r\nabc"],
  ["chunk_extension_malformed", "3;a b\r\nabc"],
  ["chunk_extension_malformed", '3;a="b\r\nabc'],
  ["chunk_extension_malformed", '3;a="b"c\r\nabc'],
  ["chunk_extension_malformed", "3;a\n\r\nabc"],
  ["chunk_extension_malformed", "3;a=\x00\r\nabc"],
  ["chunk_extension_too_large", `1;${"a".repeat(4_096)}\r\nx`],
  ["chunk_extension_too_large", `${"1;aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\nx\r\n".repeat(200)}0\r\n\r\n`],
  ["trailer_malformed", "0\r\nContent-Length: 7\r\n\r\n"],
  ["trailer_malformed", "0\r\nx: y\r\ntransfer-Encoding: chunked\r\n\r\n"],
  ["trailer_malformed", "0\r\nConnection: close\r\n\r\n"],
  ["trailer_malformed", "0\r\nX\r\n\r\n"],
  ["trailer_malformed", "0\r\nX : a\r\n\r\n"],
  ["trailer_malformed", "0\r\nX: a\r\n b\r\n\r\n"],
  ["trailer_malformed", "0\r\nX: \x00\r\n\r\n"],
  ["trailer_malformed", "0\r\nGET / HTTP/1.1\r\n\r\n"],
  ["line_bare_lf", "0\r\nX: a\n\r\n"],
  ["line_bare_lf", "0\r\n\n"],
  ["line_bare_cr", "0\r\n\rX"],
  ["trailer_too_large", `0\r\nX: ${"a".repeat(8_192)}`],
  ["trailer_too_large", `0\r\n${"X: a\r\n".repeat(2_000)}`],
];

describe("chunked content", () => {
  it.each(ACCEPTED)("decodes %j", (raw, content) => {
    const whole = decodeChunked([bytes(raw)]);
    expect(whole).toEqual({ content, done: true, fault: null, rest: 0 });
    for (const pieces of splits(bytes(raw))) expect(decodeChunked(pieces)).toEqual(whole);
  });

  it.each(named(REFUSED))("refuses with %s: %s", (fault, _name, raw) => {
    expect(decodeChunked([bytes(raw)])).toMatchObject({ fault, done: false });
    for (const pieces of raw.length > 500 ? [] : splits(bytes(raw))) {
      expect(decodeChunked(pieces)).toMatchObject({ fault, done: false });
    }
  });

  it("gives back any content, however it was cut into chunks and pieces, and nothing after it", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 40 }),
        fc.uint8Array({ maxLength: 20 }),
        (chunks, cuts, after) => {
          const framed = Buffer.concat([
            ...chunks.flatMap((chunk) => [bytes(`${chunk.length.toString(16)}\r\n`), chunk, bytes("\r\n")]),
            bytes("0\r\n\r\n"),
            after,
          ]);
          const pieces: Uint8Array[] = [];
          for (let at = 0, i = 0; at < framed.length; i++) {
            const to = at + cuts[i % cuts.length]!;
            pieces.push(framed.subarray(at, to));
            at = to;
          }
          expect(decodeChunked(pieces)).toEqual({
            content: Buffer.concat(chunks).toString("latin1"),
            done: true,
            fault: null,
            rest: after.length,
          });
        },
      ),
    );
  });

  it("joins the small chunks of one read into one piece", () => {
    const raw = bytes("1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n");
    const decoder = new BodyDecoder(TEST_RULES);
    decoder.startChunked();
    expect(decoder.decode(raw, 0, raw.length)).toBe(raw.length);
    expect(raw.toString("latin1", decoder.from, decoder.to)).toBe("abc");
  });

  it("refuses content over the limit before it arrives", () => {
    const limits = { ...TEST_RULES, bodyBytesMax: 4 };
    expect(decodeChunked([bytes("5\r\n")], limits).fault).toBe("body_too_large");
    expect(decodeChunked([bytes("3\r\nabc\r\n2\r\n")], limits)).toMatchObject({
      content: "abc",
      fault: "body_too_large",
    });
    expect(decodeChunked([bytes("4\r\nabcd\r\n0\r\n\r\n")], limits).done).toBe(true);
    const fixed = new BodyDecoder(limits);
    fixed.startFixed(5);
    expect(fixed.fault).toBe("body_too_large");
    const endless = new BodyDecoder(limits);
    endless.startUntilClose();
    endless.decode(bytes("abcde"), 0, 5);
    expect(endless.fault).toBe("body_too_large");
  });
});
