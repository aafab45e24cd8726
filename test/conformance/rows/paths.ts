// Paths that two readers may read differently. Latchkey refuses what is ambiguous and passes the rest on as it came:
// a gateway that decodes, merges or resolves decides on one path and forwards another.
import { head, passed, refused, rowsOf, seen } from "../support/build.js";
import type { Outcome } from "../support/row.js";

const { letter, policy } = rowsOf("paths");

function asIs(path: string): Outcome {
  return passed(seen("GET", path));
}

/** Refused with 400 by the table of path rules. */
const ambiguous: readonly (readonly [name: string, path: string, why: string])[] = [
  ["path-dot-dot", "/a/../t", "a dot segment: the path it stands for must be sent"],
  ["path-dot", "/a/./t", "a dot segment of one point"],
  ["path-dot-dot-end", "/a/..", "a dot segment at the end"],
  ["path-dot-dot-encoded", "/a/%2e%2e/t", "the same in escapes"],
  ["path-dot-dot-half-encoded", "/a/.%2E/t", "the same half in escapes"],
  ["path-dot-dot-parameter", "/a/..;x/t", "some servers cut `;x` off and then go up"],
  ["path-nul", "/t%00", "an encoded NUL ends a C string"],
  ["path-encoded-crlf", "/t%0d%0aCx-A:%201", "an encoded line end, to be decoded later"],
  ["path-encoded-tab", "/t%09", "an encoded control byte"],
  ["path-bad-escape", "/t%zz", "no hexadecimal digits behind the percent sign"],
  ["path-short-escape", "/t%4", "one digit instead of two"],
  ["path-percent-end", "/t%", "a percent sign at the end"],
  ["path-bad-utf-8", "/t%ff%fe", "bytes that are no UTF-8"],
  ["path-overlong-slash", "/a%c0%af..%c0%aft", "an overlong slash"],
  ["path-overlong-nul", "/t%c0%80", "an overlong NUL"],
  ["path-surrogate", "/t%ed%a0%80", "half a surrogate pair"],
  ["path-backslash", "/a\\..\\t", "a backslash, which some read as a slash"],
  ["path-backslash-first", "/\\evil.example/t", "a backslash that makes an authority of what follows"],
];

/** Passed on byte for byte. */
const plain: readonly (readonly [name: string, path: string, clause: string, why: string])[] = [
  ["path-encoded-slash", "/a%2Fb", "RFC 3986 §2.2", "an encoded slash is data, not a separator"],
  ["path-encoded-slash-lower", "/a%2fb", "RFC 3986 §2.2", "in lower case too"],
  ["path-encoded-percent", "/a%252e%252e/b", "RFC 3986 §2.4", "a percent sign is decoded once at most"],
  ["path-encoded-question", "/a%3Fx=1", "RFC 3986 §2.2", "an encoded question mark begins no query"],
  ["path-encoded-hash", "/a%23b", "RFC 3986 §2.2", "an encoded hash begins no fragment"],
  ["path-semicolon", "/a;x=1/b;y", "RFC 3986 §3.3", "parameters of a segment are data"],
  ["path-double-slash-inside", "/a//b", "RFC 3986 §3.3", "an empty segment is not merged away"],
  ["path-trailing-slash", "/a/", "RFC 3986 §3.3", "a slash at the end stays"],
  ["path-sub-delims", "/a!$&'()*+,=:@b", "RFC 3986 §3.3", "characters of a segment need no escape"],
  ["path-tilde", "/~a", "RFC 3986 §2.3", "a tilde is unreserved"],
  ["path-three-dots", "/.../a", "RFC 3986 §3.3", "three points are a name"],
  ["path-dot-name", "/.well-known/a..b", "RFC 3986 §3.3", "points within a name"],
  ["path-utf-8", "/%C3%A6%e2%82%ac", "RFC 3986 §2.5", "UTF-8 in escapes, upper and lower case"],
  ["path-encoded-unreserved", "/%61%62", "RFC 3986 §6.2.2.2", "an escape of a plain letter means the letter"],
];

export const paths = [
  ...ambiguous.map(([name, path, why]) =>
    policy({
      name,
      clause: name.includes("dot") ? "RFC 3986 §5.2.4, §6.2.2.3" : "RFC 3986 §2.1, §3.3",
      why,
      send: head(`GET ${path}`),
      accept: refused(400, "any"),
      visibleToHandler: true,
    }),
  ),
  ...plain.map(([name, path, clause, why]) =>
    letter({
      name,
      clause,
      why,
      send: head(`GET ${path}`),
      accept: asIs(path),
      visibleToHandler: true,
    }),
  ),
  policy({
    name: "path-double-slash-first",
    clause: "RFC 3986 §3.3, §4.2",
    why: "`//host` is a path here, and never an authority",
    send: head("GET //evil.example/t"),
    accept: [refused([400, 404], "any"), asIs("//evil.example/t")],
    visibleToHandler: true,
  }),
  letter({
    name: "path-raw-high-byte",
    clause: "RFC 3986 §2",
    why: "a byte above 127 must be sent as an escape",
    send: head("GET /caf\xe9"),
    accept: refused(400, "any"),
  }),
  policy({
    name: "path-raw-quote",
    clause: "RFC 3986 §2, RFC 9112 §3.2",
    why: 'characters such as " < > need an escape; browsers forget it, so their meaning is kept',
    send: head('GET /a"<b>'),
    accept: [passed(seen("GET", "/a%22%3Cb%3E")), passed(seen("GET", '/a"<b>')), refused(400, "any")],
    visibleToHandler: true,
  }),
];
