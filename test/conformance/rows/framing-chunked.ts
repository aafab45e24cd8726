// The chunk grammar: sizes, extensions, ends and trailers. What is not in the grammar ends the connection, and what
// was begun upstream must not complete there.
import {
  chunked,
  cutInBody,
  passed,
  refusedInBody,
  rowsOf,
  SMUGGLED,
  seen,
  seenHello,
} from "../support/build.js";
import type { Outcome } from "../support/row.js";

const { letter, policy } = rowsOf("framing-chunked");

const END = "0\r\n\r\n";

/** Refused with 400, or cut: by then a response may have begun. Nothing complete goes upstream. */
function broken(prefix = ""): readonly Outcome[] {
  return [refusedInBody([400], prefix), cutInBody(prefix)];
}

const badSizes: readonly (readonly [name: string, raw: string, why: string])[] = [
  ["chunk-size-letter", `5g\r\nhello\r\n${END}`, "g is no hexadecimal digit"],
  ["chunk-size-only-letter", `g\r\nhello\r\n${END}`, "no hexadecimal digit at all"],
  ["chunk-size-0x", `0x5\r\nhello\r\n${END}`, "no prefix"],
  ["chunk-size-plus", `+5\r\nhello\r\n${END}`, "no sign"],
  ["chunk-size-minus", `-5\r\nhello\r\n${END}`, "no negative size"],
  ["chunk-size-minus-zero", `-0\r\n\r\n`, "no negative zero"],
  ["chunk-size-empty", `\r\nhello\r\n${END}`, "at least one digit"],
  ["chunk-size-space-before", ` 5\r\nhello\r\n${END}`, "no white space before the size"],
  ["chunk-size-underscore", `1_0\r\nhellohellohelloh\r\n${END}`, "no separators"],
  ["chunk-size-point", `5.0\r\nhello\r\n${END}`, "no fraction"],
  ["chunk-size-comma", `5,5\r\nhello\r\n${END}`, "no list"],
  ["chunk-size-nul", `5\x00\r\nhello\r\n${END}`, "NUL behind the size"],
  ["chunk-size-colon", `5:1\r\nhello\r\n${END}`, "a colon begins no extension"],
  ["chunk-size-two", `5 5\r\nhello\r\n${END}`, "two numbers"],
];

/** Sizes beyond a counter. Who can count so far may wait for the bytes; who wraps to 5 smuggles. */
const overflowing: readonly (readonly [name: string, size: string, why: string])[] = [
  ["chunk-size-2-32", "100000005", "must not wrap to 5 in 32 bits"],
  ["chunk-size-2-63", "8000000000000005", "beyond a signed counter"],
  ["chunk-size-2-64", "10000000000000005", "beyond 64 bits: must not wrap to 5"],
  ["chunk-size-all-f", "FFFFFFFFFFFFFFFF", "minus one in 64 bits"],
  ["chunk-size-huge", "F".repeat(40), "forty digits"],
];
const OVERFLOWING_REST = `hello\r\n${END}${SMUGGLED}`;

const badEnds: readonly (readonly [name: string, raw: string, prefix: string, why: string])[] = [
  ["chunk-size-bare-lf", `5\nhello\r\n${END}`, "", "a chunk line ends with CRLF"],
  ["chunk-size-bare-cr", `5\rhello\r\n${END}`, "", "CR alone is no line end"],
  ["chunk-size-cr-cr-lf", `5\r\r\nhello\r\n${END}`, "", "two CR are not one"],
  ["chunk-data-no-crlf", `5\r\nhelloXX${END}`, "hello", "the CRLF after the data is checked"],
  ["chunk-data-bare-lf", `5\r\nhello\n${END}`, "hello", "the data ends with CRLF"],
  ["chunk-data-bare-cr", `5\r\nhello\r${END}`, "hello", "CR alone is no end"],
  ["chunk-data-lf-cr", `5\r\nhello\n\r${END}`, "hello", "the wrong way round"],
  ["chunk-data-longer", `5\r\nhello!\r\n${END}`, "hello", "one byte more than the size"],
  ["chunk-data-shorter", `5\r\nhell\r\n${END}`, "hell\r", "one byte less than the size"],
  [
    "chunk-end-missing-line",
    `5\r\nhello\r\n0\r\n${SMUGGLED}`,
    "hello",
    "a request in place of the last empty line is no trailer",
  ],
  ["chunk-end-bare-lf", `5\r\nhello\r\n0\r\n\n`, "hello", "the last line ends with CRLF"],
  ["chunk-last-bare-lf", `5\r\nhello\r\n0\n\r\n`, "hello", "so does the last chunk"],
];

const badTrailers: readonly (readonly [name: string, trailer: string, why: string])[] = [
  ["trailer-no-colon", "GET /smuggled HTTP/1.1", "a trailer is a field line"],
  ["trailer-space-before-colon", "A : b", "no white space before the colon"],
  ["trailer-empty-name", ": b", "a name is a token"],
  ["trailer-control", "A: b\x01", "control bytes are in no field value"],
  ["trailer-nul", "A: b\x00c", "nor is NUL"],
  ["trailer-bare-cr", "A: b\rC: d", "nor is CR"],
  ["trailer-folded", "A: b\r\n c", "folding is refused or read as one line"],
];

/** Trailers may be discarded (RFC 9112 §7.1.2), and who discards a field's value need not look at it. */
const isDiscardable = new Set(["trailer-empty-name", "trailer-control", "trailer-nul", "trailer-bare-cr"]);

const badExtensions: readonly (readonly [name: string, extension: string, why: string])[] = [
  ["chunk-ext-bare-lf", ";a\nb", "a line end within an extension hides what follows"],
  ["chunk-ext-bare-cr", ";a\rb", "so does CR"],
  ["chunk-ext-nul", ";a\x00", "NUL is in no extension"],
  ["chunk-ext-control", ";a=\x01", "nor is a control byte"],
  ["chunk-ext-open-quote", ';a="b', "a quoted string must end"],
];

export const framingChunked = [
  ...badSizes.map(([name, raw, why]) =>
    letter({
      name,
      clause: "RFC 9112 §7.1",
      why,
      send: chunked(raw),
      accept: broken(),
    }),
  ),
  ...overflowing.map(([name, size, why]) =>
    letter({
      name,
      clause: "RFC 9112 §7.1",
      why,
      send: [chunked(`${size}\r\n${OVERFLOWING_REST}`), { halfClose: true }],
      accept: [refusedInBody([400, 413], OVERFLOWING_REST), cutInBody(OVERFLOWING_REST)],
    }),
  ),
  ...badEnds.map(([name, raw, prefix, why]) =>
    letter({ name, clause: "RFC 9112 §7.1", why, send: chunked(raw), accept: broken(prefix) }),
  ),
  ...badTrailers.map(([name, trailer, why]) =>
    (isDiscardable.has(name) ? policy : letter)({
      name,
      clause: name === "trailer-folded" ? "RFC 9112 §5.2, §7.1.2" : "RFC 9112 §7.1.2",
      why,
      send: `${chunked(`5\r\nhello\r\n0\r\n${trailer}\r\n\r\n`)}`,
      accept: name === "trailer-folded" ? [...broken("hello"), passed(seenHello)] : broken("hello"),
    }),
  ),
  ...badExtensions.map(([name, extension, why]) =>
    letter({
      name,
      clause: "RFC 9112 §7.1.1",
      why,
      send: chunked(`5${extension}\r\nhello\r\n${END}`),
      accept: broken(),
    }),
  ),
  letter({
    name: "chunk-ext",
    clause: "RFC 9112 §7.1.1",
    why: "an extension that is not understood is ignored, and not counted as size",
    send: chunked(`5;a=b\r\nhello\r\n${END}`),
    accept: passed(seenHello),
  }),
  letter({
    name: "chunk-ext-no-value",
    clause: "RFC 9112 §7.1.1",
    why: "an extension may have no value",
    send: chunked(`5;abc\r\nhello\r\n0;def\r\n\r\n`),
    accept: passed(seenHello),
  }),
  letter({
    name: "chunk-ext-quoted",
    clause: "RFC 9112 §7.1.1",
    why: "a quoted value, with an escaped quote and a semicolon",
    send: chunked(`5;a="b\\";c"\r\nhello\r\n${END}`),
    accept: passed(seenHello),
  }),
  letter({
    name: "chunk-ext-white-space",
    clause: "RFC 9112 §7.1.1, RFC 9110 §5.6.3",
    why: "bad white space around an extension must be parsed",
    send: chunked(`5 ; a = b\r\nhello\r\n${END}`),
    accept: [passed(seenHello), ...broken()],
  }),
  policy({
    name: "chunk-size-space-behind",
    clause: "RFC 9112 §7.1",
    why: "white space before the CRLF is in no grammar; it is refused",
    send: chunked(`5 \r\nhello\r\n${END}`),
    accept: broken(),
  }),
  policy({
    name: "chunk-ext-endless",
    clause: "RFC 9112 §7.1.1",
    why: "the total length of extensions is limited",
    send: chunked(`5;${"a".repeat(40_000)}\r\nhello\r\n${END}`),
    accept: [refusedInBody([400, 413]), cutInBody()],
  }),
  policy({
    name: "chunk-ext-flood",
    clause: "RFC 9112 §7.1.1",
    why: "so is their sum over many chunks",
    send: chunked(`${`1;${"a".repeat(1_000)}\r\nx\r\n`.repeat(200)}${END}`),
    accept: [refusedInBody([400, 413], "x".repeat(200)), cutInBody("x".repeat(200))],
  }),
  letter({
    name: "chunk-size-upper-case",
    clause: "RFC 9112 §7.1",
    why: "hexadecimal digits have no case",
    send: chunked(`A\r\nhellohello\r\na\r\nworldworld\r\n${END}`),
    accept: passed(seen("POST", "/t", "hellohelloworldworld")),
  }),
  letter({
    name: "chunk-size-leading-zeros",
    clause: "RFC 9112 §7.1",
    why: "1*HEXDIG: zeros in front count nothing",
    send: chunked(`0005\r\nhello\r\n000\r\n\r\n`),
    accept: [passed(seenHello), ...broken()],
  }),
  letter({
    name: "chunk-size-many-zeros",
    clause: "RFC 9112 §7.1",
    why: "thirty zeros in front are five or refused, never an overflow",
    send: chunked(`${"0".repeat(30)}5\r\nhello\r\n${END}`),
    accept: [...broken(), passed(seenHello)],
  }),
  letter({
    name: "chunk-many",
    clause: "RFC 9112 §7.1",
    why: "five hundred chunks of one byte",
    send: chunked(`${"1\r\nx\r\n".repeat(500)}${END}`),
    accept: passed(seen("POST", "/t", "x".repeat(500))),
  }),
  letter({
    name: "chunk-data-is-request",
    clause: "RFC 9112 §7.1",
    why: "data that looks like an end and a request is data",
    send: chunked(`${(END.length + SMUGGLED.length).toString(16)}\r\n${END}${SMUGGLED}\r\n${END}`),
    accept: passed(seen("POST", "/t", END + SMUGGLED)),
  }),
  letter({
    name: "chunk-empty-body",
    clause: "RFC 9112 §7.1",
    why: "only the last chunk: an empty body",
    send: chunked(END),
    accept: passed(seen("POST", "/t")),
  }),
  letter({
    name: "chunk-after-last",
    clause: "RFC 9112 §7.1",
    why: "after the last chunk comes the next message, not one more chunk",
    send: chunked(`5\r\nhello\r\n${END}5\r\nworld\r\n${END}`),
    accept: {
      responses: [...passed(seenHello).responses, ...refusedInBody(400).responses],
      fate: "closed",
      upstream: [seenHello],
      incomplete: null,
    },
  }),
  letter({
    name: "chunk-bytewise",
    clause: "RFC 9112 §2.1, §7.1",
    why: "the same in single bytes, with extension and trailer",
    send: [{ sendBytewise: chunked("3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nCx-T: v\r\n\r\n") }],
    accept: passed(seenHello),
  }),
  letter({
    name: "chunk-cut-by-half-close",
    clause: "RFC 9112 §8",
    why: "a body without its last chunk is incomplete and must not pass as a whole one",
    send: [chunked("5\r\nhello\r\n"), { halfClose: true }],
    accept: [refusedInBody(400, "hello"), cutInBody("hello")],
    visibleToHandler: true,
  }),
  letter({
    name: "chunk-cut-in-last",
    clause: "RFC 9112 §8",
    why: "`0` CRLF without the last CRLF is incomplete",
    send: [chunked("5\r\nhello\r\n0\r\n"), { halfClose: true }],
    accept: [refusedInBody(400, "hello"), cutInBody("hello")],
  }),
  letter({
    name: "trailer",
    clause: "RFC 9110 §6.5.1",
    why: "a trailer is not merged into the headers",
    send: chunked("5\r\nhello\r\n0\r\nCx-Late: yes\r\nCx-Later: yes\r\n\r\n"),
    accept: passed(seenHello),
  }),
  letter({
    name: "trailer-content-length",
    clause: "RFC 9110 §6.5.1",
    why: "a trailer frames nothing",
    send: chunked(`5\r\nhello\r\n0\r\nContent-Length: ${SMUGGLED.length}\r\nTransfer-Encoding: x\r\n\r\n`),
    accept: [...broken("hello"), passed(seenHello)],
  }),
  letter({
    name: "trailer-host-and-key",
    clause: "RFC 9110 §6.5.1",
    why: "a trailer neither routes nor authenticates",
    send: chunked("5\r\nhello\r\n0\r\nHost: b.example\r\nConnxio-Api-Key: lk_other\r\n\r\n"),
    accept: [...broken("hello"), passed(seenHello)],
  }),
  policy({
    name: "trailer-endless",
    clause: "RFC 9112 §7.1.2",
    why: "the trailer section is limited as the header section is",
    send: chunked(`5\r\nhello\r\n0\r\n${`Cx-T: ${"v".repeat(1_000)}\r\n`.repeat(100)}\r\n`),
    accept: [refusedInBody([400, 413, 431], "hello"), cutInBody("hello")],
  }),
];
