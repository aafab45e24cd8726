// The four forms of a request target, and what a server must make of each.
import { AUTH, closedSilently, head, passed, refused, rowsOf, seen, seenGet } from "../support/build.js";
import type { Outcome } from "../support/row.js";

const { letter, policy } = rowsOf("targets");

/** The client's own response to `*`: anything final that did not reach an integration. */
const respondedHere: Outcome = {
  responses: [{ ...refused(200).responses[0]!, status: [200, 204, 404, 405, 501] }],
  fate: "any",
  upstream: [],
  incomplete: null,
};

const notOrigin: readonly (readonly [name: string, target: string, why: string])[] = [
  ["target-no-slash", "t", "a path begins with a slash"],
  ["target-authority-on-get", "a.example:80", "authority-form belongs to CONNECT"],
  ["target-asterisk-on-get", "*", "asterisk-form belongs to OPTIONS"],
  ["target-asterisk-path", "*/t", "an asterisk and more is no form"],
  ["target-query-only", "?x=1", "a query without path"],
  ["target-dot", "./t", "a relative path"],
  ["target-scheme-only", "http:", "a scheme without anything"],
  ["target-no-authority", "http:///t", "an http URI with an empty host is invalid"],
  ["target-fragment", "/t#x", "a fragment is never sent"],
];

export const targets = [
  letter({
    name: "target-absolute",
    clause: "RFC 9112 §3.2.2",
    why: "a server MUST accept absolute-form",
    send: head("GET http://a.example/t"),
    accept: [passed(seenGet), passed(seen("GET", "http://a.example/t"))],
  }),
  letter({
    name: "target-absolute-query",
    clause: "RFC 9112 §3.2.2",
    why: "with query and port",
    send: head("GET http://a.example:80/t?a=1&b=2"),
    accept: [
      passed(seen("GET", "/t?a=1&b=2")),
      passed(seen("GET", "http://a.example:80/t?a=1&b=2")),
      passed(seen("GET", "http://a.example/t?a=1&b=2")),
    ],
  }),
  letter({
    name: "target-absolute-no-path",
    clause: "RFC 9112 §3.2.1",
    why: "an empty path is sent on as /",
    send: head("GET http://a.example"),
    accept: [passed(seen("GET", "/")), passed(seen("GET", "http://a.example"))],
  }),
  letter({
    name: "target-absolute-no-path-query",
    clause: "RFC 9112 §3.2.1",
    why: "also with a query",
    send: head("GET http://a.example?x=1"),
    accept: [passed(seen("GET", "/?x=1")), passed(seen("GET", "http://a.example?x=1"))],
  }),
  letter({
    name: "target-absolute-upper-case",
    clause: "RFC 3986 §3.1",
    why: "schemes have no case",
    send: head("GET HTTP://A.example/t"),
    accept: [passed(seenGet), passed(seen("GET", "HTTP://A.example/t"))],
  }),
  letter({
    name: "target-absolute-other-host",
    clause: "RFC 9112 §3.2.2",
    why: "the target's authority wins over Host, which is ignored",
    send: `GET http://a.example/t HTTP/1.1\r\nHost: evil.example\r\n${AUTH}\r\n\r\n`,
    accept: [passed(seenGet), refused(400), passed(seen("GET", "http://a.example/t"))],
  }),
  policy({
    name: "target-absolute-https",
    clause: "RFC 9110 §4.2.2, §7.4",
    why: "https over a plain connection is misdirected or accepted (TLS may have ended before)",
    send: head("GET https://a.example/t"),
    accept: [passed(seenGet), refused([400, 421], "any"), passed(seen("GET", "https://a.example/t"))],
  }),
  policy({
    name: "target-absolute-other-scheme",
    clause: "RFC 9110 §7.4",
    why: "no other scheme is served here",
    send: head("GET ftp://a.example/t"),
    accept: [refused([400, 421], "any")],
  }),
  policy({
    name: "target-absolute-userinfo",
    clause: "RFC 9110 §4.2.4",
    why: "user information in a target is treated as an error",
    send: head("GET http://user:secret@a.example/t"),
    accept: refused(400, "any"),
  }),
  ...notOrigin.map(([name, target, why]) =>
    letter({
      name,
      clause: name === "target-fragment" ? "RFC 9112 §3.2" : "RFC 9112 §3.2.1",
      why,
      send: head(`GET ${target}`),
      accept: [refused(400), refused([400, 404, 405], "any"), closedSilently],
    }),
  ),
  letter({
    name: "target-asterisk-options",
    clause: "RFC 9112 §3.2.4",
    why: "OPTIONS * asks the server itself and is no path of an API",
    send: head("OPTIONS *"),
    accept: [respondedHere, refused([400], "any"), passed(seen("OPTIONS", "*"), "any")],
  }),
  letter({
    name: "target-empty-query",
    clause: "RFC 3986 §3.4",
    why: "an empty query arrives as it is or not at all",
    send: head("GET /t?"),
    accept: [passed(seenGet), passed(seen("GET", "/t?"))],
    visibleToHandler: true,
  }),
  letter({
    name: "target-query-exact",
    clause: "RFC 9110 §7.7, RFC 3986 §3.4",
    why: "a query is passed on byte for byte",
    send: head("GET /t?a=%2F%2e%00&b=//&&=&c=?&d=%C3%A6"),
    accept: passed(seen("GET", "/t?a=%2F%2e%00&b=//&&=&c=?&d=%C3%A6")),
    visibleToHandler: true,
  }),
];
