// Host: exactly one, and a valid one. Routing here is by key, but the next hop or a cache may route by Host.
import { AUTH, passed, refused, rowsOf, seenGet } from "../support/build.js";

const { letter, policy } = rowsOf("host");

function withHosts(...lines: string[]): string {
  return ["GET /t HTTP/1.1", ...lines, AUTH, "", ""].join("\r\n");
}

/** RFC 9112 §3.2: "A server MUST respond with a 400 … that contains … an invalid field value". */
const invalid: readonly (readonly [name: string, value: string, why: string])[] = [
  ["host-space-inside", "a.example b.example", "two words"],
  ["host-path", "a.example/x", "a path"],
  ["host-userinfo", "user@a.example", "user information"],
  ["host-url", "http://a.example", "a URL"],
  ["host-query", "a.example?x", "a query"],
  ["host-fragment", "a.example#x", "a fragment"],
  ["host-bad-port", "a.example:port", "a port that is no number"],
  ["host-two-ports", "a.example:1:2", "two ports"],
  ["host-open-bracket", "[::1", "an IPv6 address that does not end"],
  ["host-bad-ipv6", "[x::y]", "an IPv6 address that is none"],
  ["host-quote", '"a.example"', "quotes"],
  ["host-backslash", "a.example\\b", "a backslash"],
  ["host-caret", "a^example", "a character outside the grammar"],
  ["host-high-byte", "caf\xe9.example", "a byte outside ASCII"],
  ["host-tab-inside", "a.example\tb", "a tab"],
  ["host-bad-percent", "a%zz.example", "a percent sign without digits"],
];

export const host = [
  letter({
    name: "host-missing",
    clause: "RFC 9112 §3.2",
    why: "HTTP/1.1 without Host is given 400",
    send: withHosts(),
    accept: [refused(400, "closed"), refused(400, "any")],
    visibleToHandler: true,
  }),
  letter({
    name: "host-twice",
    clause: "RFC 9112 §3.2",
    why: "more than one Host line is given 400",
    send: withHosts("Host: a.example", "Host: b.example"),
    accept: [refused(400, "closed"), refused(400, "any")],
    visibleToHandler: true,
  }),
  letter({
    name: "host-twice-same",
    clause: "RFC 9112 §3.2",
    why: "even when both say the same",
    send: withHosts("Host: a.example", "host: a.example"),
    accept: [refused(400, "closed"), refused(400, "any")],
    visibleToHandler: true,
  }),
  letter({
    name: "host-space-before-colon",
    clause: "RFC 9112 §5.1",
    why: "400 is a MUST",
    send: withHosts("Host : a.example"),
    accept: refused(400),
  }),
  ...invalid.map(([name, value, why]) =>
    letter({
      name,
      clause: "RFC 9112 §3.2, RFC 3986 §3.2.2",
      why,
      send: withHosts(`Host: ${value}`),
      accept: [refused(400, "closed"), refused(400, "any")],
      visibleToHandler: true,
    }),
  ),
  letter({
    name: "host-nul",
    clause: "RFC 9110 §5.5",
    why: "NUL in the host",
    send: withHosts("Host: a\x00.example"),
    accept: refused(400),
  }),
  letter({
    name: "host-folded",
    clause: "RFC 9112 §5.2",
    why: "a folded Host is refused or unfolded, and then has a space",
    send: withHosts("Host: a.example\r\n b.example"),
    accept: refused(400),
  }),
  policy({
    name: "host-list",
    clause: "RFC 3986 §3.2.2",
    why: "a comma is allowed in a reg-name, but here it is a list of two hosts",
    send: withHosts("Host: a.example, b.example"),
    accept: [refused(400, "closed"), refused(400, "any")],
    visibleToHandler: true,
  }),
  policy({
    name: "host-port-too-large",
    clause: "RFC 3986 §3.2.3",
    why: "the grammar takes any number; no port is that large",
    send: withHosts("Host: a.example:99999"),
    accept: [refused(400, "any"), passed(seenGet)],
    visibleToHandler: true,
  }),
  policy({
    name: "host-empty",
    clause: "RFC 9110 §4.2.1, §7.2",
    why: "an empty Host is valid as a field; an http URI with an empty host is not",
    send: withHosts("Host:"),
    accept: [refused(400, "any"), passed(seenGet)],
    visibleToHandler: true,
  }),
  ...(
    [
      ["host-empty-port", "a.example:", "an empty port is allowed"],
      ["host-port", "a.example:8080", "a port"],
      ["host-ipv4", "192.0.2.1", "an IPv4 address"],
      ["host-ipv6", "[2001:db8::1]:80", "an IPv6 address with port"],
      ["host-upper-case", "A.EXAMPLE", "host names have no case"],
      ["host-underscore", "a_b.example", "an underscore"],
      ["host-trailing-dot", "a.example.", "a point at the end"],
    ] as const
  ).map(([name, value, why]) =>
    letter({
      name,
      clause: "RFC 3986 §3.2.2, §3.2.3",
      why: `${why} is valid`,
      send: withHosts(`Host: ${value}`),
      accept: passed(seenGet),
      visibleToHandler: true,
    }),
  ),
  letter({
    name: "host-last",
    clause: "RFC 9110 §7.2",
    why: "Host should be first but may be anywhere",
    send: ["GET /t HTTP/1.1", AUTH, "Cx-Probeless: 1", "Host: a.example", "", ""].join("\r\n"),
    accept: passed({ ...seenGet, headers: [["cx-probeless", "1"]] }),
    visibleToHandler: true,
  }),
];
