// Field lines: names are tokens, values hold no controls, and what is good arrives byte for byte.
import { AUTH, passed, refused, rowsOf, SMUGGLED, seen, seenGet, untilOrSoon } from "../support/build.js";
import type { Outcome } from "../support/row.js";

const { letter, policy } = rowsOf("headers");

/** Lines that are no field lines. */
const malformed: readonly (readonly [name: string, text: string, clause: string, why: string])[] = [
  ["name-space-before-colon", "Cx-A : 1", "RFC 9112 §5.1", "400 is a MUST"],
  ["name-tab-before-colon", "Cx-A\t: 1", "RFC 9112 §5.1", "the same with a tab"],
  ["name-space-inside", "Cx A: 1", "RFC 9110 §5.1", "a name is a token"],
  ["name-empty", ": 1", "RFC 9110 §5.1", "a name has at least one character"],
  ["name-no-colon", "Cx-A", "RFC 9112 §5", "a line without colon is no field line"],
  ["name-nul", "Cx-\x00A: 1", "RFC 9110 §5.1", "NUL in a name"],
  ["name-control", "Cx-\x01A: 1", "RFC 9110 §5.1", "a control byte in a name"],
  ["name-del", "Cx-\x7fA: 1", "RFC 9110 §5.1", "DEL in a name"],
  ["name-bare-cr", "Cx-\rA: 1", "RFC 9112 §2.2", "CR in a name"],
  ["name-high-byte", "Cx-\xe9: 1", "RFC 9110 §5.1", "a letter outside ASCII in a name"],
  ["name-paren", "Cx(A): 1", "RFC 9110 §5.6.2", "a delimiter in a name"],
  ["name-at", "Cx@A: 1", "RFC 9110 §5.6.2", "a delimiter in a name"],
  ["name-slash", "Cx/A: 1", "RFC 9110 §5.6.2", "a delimiter in a name"],
  ["name-quote", 'Cx"A: 1', "RFC 9110 §5.6.2", "a delimiter in a name"],
  ["name-brace", "Cx{A}: 1", "RFC 9110 §5.6.2", "a delimiter in a name"],
  ["value-nul", "Cx-A: 1\x002", "RFC 9110 §5.5", "NUL in a value is refused, or replaced by a space"],
  ["value-bare-cr", "Cx-A: 1\r2", "RFC 9110 §5.5", "CR in a value is refused, or replaced by a space"],
  ["value-cr-smuggles", "Cx-A: 1\rConnxio-Api-Key: lk_x", "RFC 9112 §2.2", "CR is no line end"],
  ["value-cr-at-end", "Cx-A: 1\r", "RFC 9112 §2.2", "CR CR LF"],
  ["request-in-headers", "GET /smuggled HTTP/1.1", "RFC 9112 §5", "a request line among the headers"],
];

/** NUL and CR within a value may be replaced by SP instead. */
const replaceable = new Map([
  ["value-nul", "1 2"],
  ["value-bare-cr", "1 2"],
  ["value-cr-at-end", "1"],
  ["value-cr-smuggles", "1 Connxio-Api-Key: lk_x"],
]);

/** RFC 9112 §5.1 leaves no choice; the others would change what is said. */
const mustBeRefused = new Set([
  "name-space-before-colon",
  "name-tab-before-colon",
  "name-bare-cr",
  "name-nul",
]);

function withLine(text: string): string {
  return `GET /t HTTP/1.1\r\nHost: a.example\r\n${text}\r\n${AUTH}\r\n\r\n`;
}

function malformedOutcomes(name: string): readonly Outcome[] {
  const value = replaceable.get(name);
  if (mustBeRefused.has(name)) return [refused(400)];
  // Leaving the line out is as safe: the next hop does not see it.
  if (value === undefined) return [refused(400), passed(seenGet)];
  return [refused(400), passed(seen("GET", "/t", "", [["cx-a", value]]))];
}

/** Refused, or unfolded: one or more spaces in place of the fold (HAProxy keeps a tab that was in it). */
function unfolded(rest: string): readonly Outcome[] {
  const gaps = [" ", "  ", "   ", "  \t"];
  return [refused(400), ...gaps.map((gap) => passed(seen("GET", "/t", "", [["cx-a", `1${gap}${rest}`]])))];
}

function exact(name: string, value: string, clause: string, why: string, sent = value) {
  return letter({
    name,
    clause,
    why,
    send: withLine(`Cx-A:${sent}`),
    accept: passed(seen("GET", "/t", "", [["cx-a", value]])),
    // A handler cannot tell a value that was cut from a short one.
    visibleToHandler: isAscii(value),
  });
}

function isAscii(text: string): boolean {
  return Buffer.from(text, "latin1").every((byte) => byte < 0x80);
}

export const headers = [
  ...malformed.map(([name, text, clause, why]) =>
    letter({ name, clause, why, send: withLine(text), accept: malformedOutcomes(name) }),
  ),
  letter({
    name: "name-empty-hides-length",
    clause: "RFC 9110 §5.1, RFC 9112 §6.3",
    why: "a line without a name must not hide the length behind it: the body is no request",
    send: [
      `POST /t HTTP/1.1\r\nHost: a.example\r\n${AUTH}\r\n: 1\r\nContent-Length: ${SMUGGLED.length}\r\n\r\n`,
      // Who has seen no length responds at once, and then to the body.
      untilOrSoon({ responses: 1 }),
      SMUGGLED,
      untilOrSoon({ responses: 2 }),
    ],
    accept: [refused(400), passed(seen("POST", "/t", SMUGGLED))],
  }),
  policy({
    name: "value-control",
    clause: "RFC 9110 §5.5",
    why: "other control bytes are invalid too; they are refused",
    send: withLine("Cx-A: 1\x012"),
    accept: refused(400),
  }),
  policy({
    name: "value-escape",
    clause: "RFC 9110 §5.5",
    why: "ESC in a value would reach the terminal of who reads the log",
    send: withLine("Cx-A: \x1b[2J"),
    accept: refused(400),
  }),
  policy({
    name: "value-del",
    clause: "RFC 9110 §5.5",
    why: "DEL is a control byte",
    send: withLine("Cx-A: 1\x7f2"),
    accept: refused(400),
  }),
  policy({
    name: "value-bare-lf",
    clause: "RFC 9112 §2.2",
    why: "a single LF could end a line; here it is refused",
    send: withLine("Cx-A: 1\nCx-B: 2"),
    accept: refused(400),
  }),
  policy({
    name: "end-bare-lf",
    clause: "RFC 9112 §2.2",
    why: "CRLF LF: the empty line is a single LF",
    send: `GET /t HTTP/1.1\r\nHost: a.example\r\n${AUTH}\r\n\n`,
    accept: refused(400),
  }),
  policy({
    name: "end-lf-crlf",
    clause: "RFC 9112 §2.2",
    why: "LF CRLF: the last field line ends with a single LF",
    send: `GET /t HTTP/1.1\r\nHost: a.example\r\n${AUTH}\n\r\n`,
    accept: refused(400),
  }),
  letter({
    name: "end-cr-cr-lf",
    clause: "RFC 9112 §2.2",
    why: "an empty line that holds a CR is none",
    send: `GET /t HTTP/1.1\r\nHost: a.example\r\n${AUTH}\r\n\r\r\n`,
    accept: refused(400),
  }),
  letter({
    name: "fold-space",
    clause: "RFC 9112 §5.2",
    why: "a folded line is refused, or unfolded into one",
    send: withLine("Cx-A: 1\r\n 2"),
    accept: unfolded("2"),
  }),
  letter({
    name: "fold-tab",
    clause: "RFC 9112 §5.2",
    why: "the same with a tab",
    send: withLine("Cx-A: 1\r\n\t2"),
    accept: unfolded("2"),
  }),
  letter({
    name: "fold-hides-framing",
    clause: "RFC 9112 §5.2",
    why: "a folded Content-Length belongs to the line before and frames nothing",
    send: `${withLine(`Cx-A: 1\r\n Content-Length: ${SMUGGLED.length}`)}`,
    accept: unfolded(`Content-Length: ${SMUGGLED.length}`),
  }),
  letter({
    name: "fold-first-line",
    clause: "RFC 9112 §2.2",
    why: "white space before the first field line: refused, or the line is ignored",
    send: `GET /t HTTP/1.1\r\n Cx-A: 1\r\nHost: a.example\r\n${AUTH}\r\n\r\n`,
    accept: [refused(400), passed(seenGet)],
  }),
  exact(
    "value-obs-text",
    "caf\xe9 \xff\x80",
    "RFC 9110 §5.5",
    "bytes above 127 are opaque and arrive as they are",
    " caf\xe9 \xff\x80",
  ),
  exact(
    "value-utf-8",
    "\xc3\xa6\xe2\x82\xac\xf0\x9f\x92\xa9",
    "RFC 9110 §5.5",
    "UTF-8 arrives byte for byte",
  ),
  exact("value-tab-inside", "a\tb", "RFC 9110 §5.5", "a tab within a value is allowed"),
  exact(
    "value-white-space-around",
    "a  b",
    "RFC 9110 §5.5",
    "white space around goes, within stays",
    " \t a  b \t ",
  ),
  exact("value-no-space", "a", "RFC 9112 §5", "no white space is needed"),
  exact("value-colon", ":a:b:", "RFC 9112 §5", "only the first colon counts", " :a:b:"),
  exact("value-long", "v".repeat(3_000), "RFC 9110 §5.4", "three thousand bytes of value"),
  letter({
    name: "value-empty",
    clause: "RFC 9110 §5.5",
    why: "an empty value is a value",
    send: withLine("Cx-A:"),
    accept: [passed(seen("GET", "/t", "", [["cx-a", ""]])), passed(seenGet)],
    visibleToHandler: true,
  }),
  letter({
    name: "name-tchar",
    clause: "RFC 9110 §5.6.2",
    why: "every character of a token may be in a name",
    send: withLine("Cx-!#$%&'*+.^`|~9: 1"),
    accept: [passed(seen("GET", "/t", "", [["cx-!#$%&'*+.^`|~9", "1"]])), passed(seenGet)],
  }),
  letter({
    name: "name-proto",
    clause: "RFC 9110 §5.1",
    why: "__proto__, constructor and toString are names as any other",
    send: withLine("__proto__: 1\r\nconstructor: 2\r\ntoString: 3\r\nhasOwnProperty: 4"),
    accept: passed(seen("GET", "/t", "", [], ["__proto__", "constructor", "tostring", "hasownproperty"])),
  }),
  letter({
    name: "repeated-in-order",
    clause: "RFC 9110 §5.3",
    why: "lines of one name keep their order",
    send: withLine("Cx-A: 1\r\nCx-B: x\r\nCX-A: 2\r\ncx-a: 3"),
    accept: passed(
      seen("GET", "/t", "", [
        ["cx-a", "1"],
        ["cx-a", "2"],
        ["cx-a", "3"],
        ["cx-b", "x"],
      ]),
    ),
    visibleToHandler: true,
  }),
  letter({
    name: "value-nul-in-key",
    clause: "RFC 9110 §5.5",
    why: "a key with a control byte inside is no key",
    send: `GET /t HTTP/1.1\r\nHost: a.example\r\n${AUTH}\x00\r\n\r\n`,
    accept: [refused(400), refused(401, "any")],
  }),
  letter({
    name: "head-split-in-crlf",
    clause: "RFC 9112 §2.1",
    why: "a segment may end between CR and LF",
    send: ["GET /t HTTP/1.1\r", `\nHost: a.example\r\n${AUTH}\r`, "\n\r", "\n"],
    accept: passed(seenGet),
    visibleToHandler: true,
  }),
  letter({
    name: "head-split-in-name",
    clause: "RFC 9112 §2.1",
    why: "or within a name, or before the colon",
    send: [`GET /t HTTP/1.1\r\nHost: a.example\r\n${AUTH}\r\nCx`, "-A", ": ", "1\r\n\r\n"],
    accept: passed(seen("GET", "/t", "", [["cx-a", "1"]])),
    visibleToHandler: true,
  }),
];
