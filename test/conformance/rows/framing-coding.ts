// Transfer-Encoding: which spellings mean chunked, and that everything else is refused rather than guessed.
import {
  AUTH,
  CHUNKED,
  chunked,
  passed,
  post,
  refused,
  rowsOf,
  SMUGGLED,
  seen,
  seenHello,
} from "../support/build.js";

const { letter, policy } = rowsOf("framing-coding");

const HELLO = "5\r\nhello\r\n0\r\n\r\n";
/** 501 is what RFC 9112 §6.1 suggests; any clear refusal is as safe. */
const notUnderstood = [501, 400, 422];

function coded(...lines: string[]): string {
  return `${post(...lines)}${HELLO}`;
}

/** Values that are not `chunked` and must not be taken for it, nor ignored. */
const foreign: readonly (readonly [name: string, lines: readonly string[], why: string])[] = [
  ["te-xchunked", ["Transfer-Encoding: xchunked"], "ends with chunked, is another coding"],
  ["te-chunkedx", ["Transfer-Encoding: chunkedx"], "begins with chunked, is another coding"],
  ["te-chunk", ["Transfer-Encoding: chunk"], "a beginning of chunked"],
  ["te-identity", ["Transfer-Encoding: identity"], "identity was taken out of HTTP in 2014"],
  ["te-gzip", ["Transfer-Encoding: gzip"], "the last coding of a request must be chunked"],
  ["te-chunked-gzip", ["Transfer-Encoding: chunked, gzip"], "chunked is not the last coding"],
  [
    "te-chunked-identity-lines",
    [CHUNKED, "Transfer-Encoding: identity"],
    "two lines are one list; the last is not chunked",
  ],
  [
    "te-identity-chunked-lines",
    ["Transfer-Encoding: identity", CHUNKED],
    "two lines are one list with an unknown coding",
  ],
  ["te-chunked-twice", ["Transfer-Encoding: chunked, chunked"], "chunked may be applied once"],
  ["te-chunked-twice-lines", [CHUNKED, CHUNKED], "chunked may be applied once, in lines too"],
  [
    "te-gzip-chunked",
    ["Transfer-Encoding: gzip, chunked"],
    "a coding that is not understood must not be stripped unread",
  ],
  ["te-quoted", ['Transfer-Encoding: "chunked"'], "a quoted string is no token"],
  ["te-vt-before", ["Transfer-Encoding: \x0bchunked"], "vertical tab is no white space"],
  ["te-nul-inside", ["Transfer-Encoding: chun\x00ked"], "NUL in the coding"],
  ["te-space-inside", ["Transfer-Encoding: chun ked"], "two tokens without a comma"],
  ["te-semicolon-only", ["Transfer-Encoding: chunked;"], "a parameter that is not there"],
  ["te-high-byte", ["Transfer-Encoding: chunked\xa0"], "a no-break space is no white space"],
  ["te-kelvin", ["Transfer-Encoding: chun\xe2\x84\xaaed"], "a letter that lower-cases to k in Unicode only"],
];

/** Read as chunked, what follows would be a next request by right. */
const endsWithChunked = new Set(["te-gzip-chunked", "te-identity-chunked-lines"]);
const invisible = new Set(["te-vt-before", "te-nul-inside"]);

export const framingCoding = [
  ...foreign.map(([name, lines, why]) =>
    letter({
      name,
      clause: "RFC 9112 §6.1, §6.3, §7",
      why,
      send: coded(...lines) + (endsWithChunked.has(name) ? "" : SMUGGLED),
      accept: refused(notUnderstood),
      visibleToHandler: !invisible.has(name),
    }),
  ),
  letter({
    name: "te-foreign-beside-cl",
    clause: "RFC 9112 §6.1, §6.3",
    why: "an unknown coding must not make the length count",
    send: `${post("Content-Length: 5", "Transfer-Encoding: xchunked")}hello${SMUGGLED}`,
    accept: refused(notUnderstood),
    visibleToHandler: true,
  }),
  letter({
    name: "te-empty-beside-cl",
    clause: "RFC 9112 §6.1, §6.3",
    why: "an empty coding beside a length is two framings all the same",
    send: `${post("Content-Length: 5", "Transfer-Encoding:")}hello`,
    accept: [refused(notUnderstood), passed(seenHello)],
    visibleToHandler: true,
  }),
  policy({
    name: "te-parameter",
    clause: "RFC 9112 §7.1",
    why: "chunked has no parameters; their presence is an error (SHOULD)",
    send: `${coded("Transfer-Encoding: chunked;q=1")}${SMUGGLED}`,
    accept: refused(notUnderstood),
    visibleToHandler: true,
  }),
  policy({
    name: "te-list-trailing-comma",
    clause: "RFC 9110 §5.6.1",
    why: "an empty list element may be ignored, but who refuses it cannot be misread",
    send: coded("Transfer-Encoding: chunked,"),
    accept: [refused(notUnderstood), passed(seenHello)],
    visibleToHandler: true,
  }),
  policy({
    name: "te-list-leading-comma",
    clause: "RFC 9110 §5.6.1",
    why: "the same at the beginning",
    send: coded("Transfer-Encoding: , chunked"),
    accept: [refused(notUnderstood), passed(seenHello)],
    visibleToHandler: true,
  }),
  letter({
    name: "te-upper-case",
    clause: "RFC 9112 §7",
    why: "coding names have no case",
    send: coded("Transfer-Encoding: CHUNKED"),
    accept: passed(seenHello),
  }),
  letter({
    name: "te-name-upper-case",
    clause: "RFC 9110 §5.1",
    why: "field names have no case",
    send: coded("TRANSFER-ENCODING: chunked"),
    accept: passed(seenHello),
    visibleToHandler: true,
  }),
  letter({
    name: "te-white-space-around",
    clause: "RFC 9110 §5.5",
    why: "white space around a value is not part of it",
    send: coded("Transfer-Encoding: \t chunked \t"),
    accept: passed(seenHello),
    visibleToHandler: true,
  }),
  letter({
    name: "te-no-space",
    clause: "RFC 9112 §5",
    why: "white space after the colon is optional",
    send: coded("Transfer-Encoding:chunked"),
    accept: passed(seenHello),
    visibleToHandler: true,
  }),
  letter({
    name: "te-space-before-colon",
    clause: "RFC 9112 §5.1",
    why: "400 is a MUST",
    send: `${coded("Transfer-Encoding : chunked")}${SMUGGLED}`,
    accept: refused(400),
  }),
  letter({
    name: "te-tab-before-colon",
    clause: "RFC 9112 §5.1",
    why: "the same with a tab",
    send: `${coded("Transfer-Encoding\t: chunked")}${SMUGGLED}`,
    accept: refused(400),
  }),
  letter({
    name: "te-folded",
    clause: "RFC 9112 §5.2",
    why: "a folded coding is refused or unfolded, never lost",
    send: coded("Transfer-Encoding:\r\n chunked"),
    accept: [refused(notUnderstood), passed(seenHello)],
  }),
  letter({
    name: "te-underscore-name",
    clause: "RFC 9110 §5.1",
    why: "Transfer_Encoding is another field and frames nothing",
    send: post("Transfer_Encoding: chunked"),
    accept: [passed(seen("POST", "/t", "", [], ["transfer_encoding"])), refused(400)],
  }),
  letter({
    name: "te-in-http-1-0",
    clause: "RFC 9112 §6.1",
    why: "a coding in HTTP/1.0 is faulty framing: close after this message at the latest",
    send: `POST /t HTTP/1.0\r\nHost: a.example\r\n${AUTH}\r\nConnection: keep-alive\r\n${CHUNKED}\r\n\r\n${HELLO}`,
    accept: [refused(notUnderstood), passed(seenHello, "closed")],
  }),
  letter({
    name: "te-in-http-1-0-beside-cl",
    clause: "RFC 9112 §6.1",
    why: "even if a Content-Length is there",
    send: `POST /t HTTP/1.0\r\nHost: a.example\r\n${AUTH}\r\nConnection: keep-alive\r\nContent-Length: 5\r\n${CHUNKED}\r\n\r\n${HELLO}`,
    accept: [refused(notUnderstood), passed(seenHello, "closed")],
  }),
  letter({
    name: "te-on-get",
    clause: "RFC 9112 §6",
    why: "a chunked body belongs to any method",
    send: `GET /t HTTP/1.1\r\nHost: a.example\r\n${AUTH}\r\n${CHUNKED}\r\n\r\n${HELLO}`,
    accept: [passed(seen("GET", "/t", "hello")), refused(400)],
    visibleToHandler: true,
  }),
  letter({
    name: "te-plain",
    clause: "RFC 9112 §7.1",
    why: "the ordinary case, framed anew for the next hop",
    send: chunked(HELLO),
    accept: passed(seenHello),
    visibleToHandler: true,
  }),
];
