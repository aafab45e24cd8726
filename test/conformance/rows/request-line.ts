// The request line and what stands before it: one method, one target, one version, single spaces, CRLF.
import {
  AUTH,
  closedSilently,
  get,
  passed,
  refused,
  rowsOf,
  SMUGGLED,
  seen,
  seenGet,
} from "../support/build.js";
import type { Outcome } from "../support/row.js";

const { letter, policy } = rowsOf("request-line");

const REST = `Host: a.example\r\n${AUTH}\r\n\r\n`;

function line(text: string): string {
  return `${text}\r\n${REST}`;
}

/** Refused with a status, or closed at once: what is no request needs no response. */
const noRequest: readonly Outcome[] = [refused([400, 505]), closedSilently];

const malformed: readonly (readonly [name: string, text: string, why: string])[] = [
  ["line-leading-space", " GET /t HTTP/1.1", "white space before the method"],
  ["line-leading-tab", "\tGET /t HTTP/1.1", "a tab before the method"],
  ["line-no-target", "GET HTTP/1.1", "no target"],
  ["line-method-only", "GET", "neither target nor version"],
  ["line-extra-word", "GET /t x HTTP/1.1", "four words: a target has no space"],
  ["line-version-twice", "GET /t HTTP/1.1 HTTP/1.1", "two versions"],
  ["line-nul-in-target", "GET /t\x00 HTTP/1.1", "NUL in the target"],
  ["line-del-in-target", "GET /t\x7f HTTP/1.1", "DEL in the target"],
  ["line-control-in-target", "GET /t\x01 HTTP/1.1", "a control byte in the target"],
  ["line-tab-in-target", "GET /t\tx HTTP/1.1", "a tab in the target"],
];

const versions: readonly (readonly [name: string, version: string, why: string])[] = [
  ["version-lower-case", "http/1.1", "HTTP-name is case-sensitive"],
  ["version-mixed-case", "Http/1.1", "HTTP-name is case-sensitive"],
  ["version-no-minor", "HTTP/1", "one digit, a point, one digit"],
  ["version-two-digit-minor", "HTTP/1.10", "one digit only"],
  ["version-two-digit-major", "HTTP/01.1", "one digit only"],
  ["version-three-parts", "HTTP/1.1.1", "two parts only"],
  ["version-comma", "HTTP/1,1", "a point, not a comma"],
  ["version-letter", "HTTP/1.x", "digits only"],
  ["version-garbage-behind", "HTTP/1.1x", "nothing behind"],
  ["version-no-slash", "HTTP1.1", "a slash between name and number"],
  ["version-other-protocol", "HTTPS/1.1", "another name"],
  ["version-icy", "ICY/1.1", "another protocol"],
];

const unsupported: readonly (readonly [name: string, version: string])[] = [
  ["version-2-0", "HTTP/2.0"],
  ["version-3-0", "HTTP/3.0"],
  ["version-9-9", "HTTP/9.9"],
  ["version-0-9", "HTTP/0.9"],
];

export const requestLine = [
  ...malformed.map(([name, text, why]) =>
    letter({
      name,
      clause: "RFC 9112 §3",
      why,
      send: line(text),
      accept: noRequest,
    }),
  ),
  ...versions.map(([name, version, why]) =>
    letter({ name, clause: "RFC 9112 §2.3", why, send: line(`GET /t ${version}`), accept: noRequest }),
  ),
  ...unsupported.map(([name, version]) =>
    letter({
      name,
      clause: "RFC 9110 §15.6.6, RFC 9112 §2.3",
      why: "another major version is not this protocol",
      send: line(`GET /t ${version}`),
      accept: [refused([505, 400]), closedSilently],
    }),
  ),
  policy({
    name: "version-1-2",
    clause: "RFC 9110 §2.5",
    why: "a higher minor version is read as the highest known one, or refused",
    send: line("GET /t HTTP/1.2"),
    accept: [refused([505, 400]), passed(seenGet, "any")],
  }),
  policy({
    name: "line-two-spaces",
    clause: "RFC 9112 §3",
    why: "two spaces between the words: lenient parsing is allowed, refusing is safer",
    send: line("GET  /t HTTP/1.1"),
    accept: noRequest,
  }),
  policy({
    name: "line-tab-separator",
    clause: "RFC 9112 §3",
    why: "a tab in place of a space",
    send: line("GET\t/t\tHTTP/1.1"),
    accept: noRequest,
  }),
  policy({
    name: "line-vt-separator",
    clause: "RFC 9112 §3",
    why: "a vertical tab in place of a space",
    send: line("GET\x0b/t\x0bHTTP/1.1"),
    accept: noRequest,
  }),
  policy({
    name: "line-trailing-space",
    clause: "RFC 9112 §3",
    why: "a space behind the version",
    send: line("GET /t HTTP/1.1 "),
    accept: noRequest,
  }),
  policy({
    name: "line-bare-lf-everywhere",
    clause: "RFC 9112 §2.2",
    why: "a single LF may be taken for a line end; who refuses it cannot disagree with the next hop",
    send: get().replaceAll("\r\n", "\n"),
    accept: noRequest,
  }),
  policy({
    name: "line-bare-lf",
    clause: "RFC 9112 §2.2",
    why: "only the request line ends with a single LF",
    send: `GET /t HTTP/1.1\n${REST}`,
    accept: noRequest,
  }),
  letter({
    name: "line-bare-cr",
    clause: "RFC 9112 §2.2",
    why: "a CR without LF must not pass as a line end",
    send: [`GET /t HTTP/1.1\rHost: a.example\r${AUTH}\r\r`, { halfClose: true }],
    accept: noRequest,
  }),
  letter({
    name: "line-bare-cr-behind-version",
    clause: "RFC 9112 §2.2",
    why: "CR CR LF holds a bare CR",
    send: `GET /t HTTP/1.1\r\r\n${REST}`,
    accept: noRequest,
  }),
  policy({
    name: "line-empty-line-before",
    clause: "RFC 9112 §2.2",
    why: "one empty line before a request should be ignored",
    send: `\r\n${get()}`,
    accept: passed(seenGet),
  }),
  policy({
    name: "line-empty-lines-endless",
    clause: "RFC 9112 §2.2",
    why: "but not without end",
    send: "\r\n".repeat(20_000) + get(),
    accept: noRequest,
  }),
  letter({
    name: "line-http-0-9-simple",
    clause: "RFC 9112 §2.3",
    why: "a request without version is HTTP/0.9, which is not served",
    send: ["GET /t\r\n", { halfClose: true }],
    accept: noRequest,
  }),
  letter({
    name: "line-http-0-9-with-headers",
    clause: "RFC 9112 §2.3",
    why: "nor with headers behind it",
    send: line("GET /t"),
    accept: noRequest,
  }),
  letter({
    name: "line-http-2-preface",
    clause: "RFC 9113 §3.4, RFC 9112 §2.3",
    why: "the preface of HTTP/2 is no request; its body must not become one",
    send: `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00${SMUGGLED}`,
    accept: noRequest,
  }),
  letter({
    name: "line-http-2-preface-1-1",
    clause: "RFC 9113 §3.4",
    why: "nor when it claims to be HTTP/1.1",
    send: `PRI * HTTP/1.1\r\n${REST}SM\r\n\r\n`,
    accept: [refused([400, 404, 405, 501], "any"), ...noRequest],
  }),
  letter({
    name: "line-tls-hello",
    clause: "RFC 9112 §3",
    why: "a TLS greeting on a plain port",
    send: `\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03${"\x5a".repeat(32)}\r\n\r\n${SMUGGLED}`,
    accept: noRequest,
  }),
  letter({
    name: "line-garbage",
    clause: "RFC 9112 §3",
    why: "bytes that are nothing",
    send: `\xff\xfe\x00\x01\x02\xf0\x9f\x92\xa9\r\n\r\n${SMUGGLED}`,
    accept: noRequest,
  }),
  letter({
    name: "line-status-line",
    clause: "RFC 9112 §2.1",
    why: "a response is no request",
    send: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    accept: noRequest,
  }),
  letter({
    name: "line-bytewise",
    clause: "RFC 9112 §2.1",
    why: "a head that comes in single bytes is the same head",
    send: [{ sendBytewise: get("Cx-A: 1") }],
    accept: passed(seen("GET", "/t", "", [["cx-a", "1"]])),
    visibleToHandler: true,
  }),
  letter({
    name: "line-split-in-target",
    clause: "RFC 9112 §2.1",
    why: "nor does it matter where a segment ends",
    send: ["GET /", `t HTTP/1.1\r\n${REST}`],
    accept: passed(seenGet),
    visibleToHandler: true,
  }),
];
