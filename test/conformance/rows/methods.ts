// Methods: any token is one, case counts, and CONNECT and TRACE are never passed on.
import {
  AUTH,
  closedSilently,
  fromUpstream,
  head,
  own,
  passed,
  refused,
  response,
  rowsOf,
  SMUGGLED,
  seen,
  seenGet,
} from "../support/build.js";
import type { Outcome } from "../support/row.js";

const { letter, policy } = rowsOf("methods");

const notServed = [405, 501, 400, 404];

const malformed: readonly (readonly [name: string, method: string, why: string])[] = [
  ["method-delimiters", "G(E)T", "a method is a token"],
  ["method-slash", "GET/", "a slash is no token character"],
  ["method-quote", 'G"ET', "nor is a quote"],
  ["method-nul", "G\x00ET", "nor is NUL"],
  ["method-high-byte", "G\xc9T", "nor is a letter outside ASCII"],
  ["method-empty", "", "a method has at least one character"],
];

function one(method: string, ...lines: string[]): string {
  return head(`${method} /t`, ...lines);
}

export const methods = [
  ...malformed.map(([name, method, why]) =>
    letter({ name, clause: "RFC 9110 §9.1, §5.6.2", why, send: one(method), accept: refused(400) }),
  ),
  letter({
    name: "method-lower-case",
    clause: "RFC 9110 §9.1",
    why: "methods have case: `get` is not GET",
    send: one("get"),
    accept: [passed(seen("get", "/t")), refused(notServed, "any")],
  }),
  letter({
    name: "method-mixed-case",
    clause: "RFC 9110 §9.1",
    why: "nor is `Post` POST",
    send: `${one("Post", "Content-Length: 5")}hello`,
    accept: [passed(seen("Post", "/t", "hello")), refused(notServed, "any")],
  }),
  letter({
    name: "method-unknown",
    clause: "RFC 9110 §9.1, §16.1.1",
    why: "an unknown method is passed on as it is, or not served",
    send: one("FROBNICATE"),
    accept: [passed(seen("FROBNICATE", "/t")), refused(notServed, "any")],
  }),
  letter({
    name: "method-token-characters",
    clause: "RFC 9110 §5.6.2",
    why: "every token character may be in a method",
    send: one("M-SEARCH!#$%&'*+.^_`|~9"),
    accept: [passed(seen("M-SEARCH!#$%&'*+.^_`|~9", "/t")), refused(notServed, "any")],
  }),
  letter({
    name: "method-long",
    clause: "RFC 9112 §3",
    why: "a method that is longer than any known is not served (501), or too large",
    send: one("A".repeat(5_000)),
    accept: [refused([501, 400, 405, 414, 431], "any"), passed(seen("A".repeat(5_000), "/t"))],
  }),
  letter({
    name: "method-delete-with-body",
    clause: "RFC 9110 §9.3.5",
    why: "a body of DELETE is framed as any other",
    send: `${one("DELETE", "Content-Length: 5")}hello`,
    accept: [passed(seen("DELETE", "/t", "hello")), refused(400)],
    visibleToHandler: true,
  }),
  letter({
    name: "method-head",
    clause: "RFC 9110 §9.3.2",
    why: "HEAD gets a response without body",
    send: one("HEAD"),
    accept: {
      responses: [response(200, "none")],
      fate: "kept",
      upstream: [seen("HEAD", "/t")],
      incomplete: null,
    },
    headResponses: [0],
    visibleToHandler: true,
  }),
  policy({
    name: "method-connect",
    clause: "RFC 9110 §9.3.6",
    why: "this is no tunnel: CONNECT is refused, and what follows is not a request",
    send: `CONNECT b.example:80 HTTP/1.1\r\nHost: b.example:80\r\n${AUTH}\r\n\r\n${SMUGGLED}`,
    accept: [refused(notServed), closedSilently],
  }),
  policy({
    name: "method-connect-path",
    clause: "RFC 9112 §3.2.3",
    why: "CONNECT takes authority-form only",
    send: one("CONNECT"),
    accept: [refused(notServed, "any"), closedSilently],
  }),
  policy({
    name: "method-connect-with-body",
    clause: "RFC 9110 §9.3.6",
    why: "a body of CONNECT has no meaning and is no request either",
    send: `CONNECT b.example:80 HTTP/1.1\r\nHost: b.example:80\r\n${AUTH}\r\nContent-Length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`,
    accept: [refused(notServed, "any"), closedSilently],
  }),
  policy({
    name: "method-trace",
    clause: "RFC 9110 §9.3.8",
    why: "TRACE would show the gateway's own headers to the client",
    send: one("TRACE"),
    accept: refused(notServed, "any"),
    visibleToHandler: true,
  }),
  policy({
    name: "method-trace-with-body",
    clause: "RFC 9110 §9.3.8",
    why: "a TRACE has no body",
    send: `${one("TRACE", "Content-Length: 5")}hello`,
    accept: refused(notServed, "any"),
    visibleToHandler: true,
  }),
  letter({
    name: "max-forwards-trace",
    clause: "RFC 9110 §7.6.2",
    why: "an intermediary must not forward a TRACE whose Max-Forwards is zero",
    send: one("TRACE", "Max-Forwards: 0"),
    accept: {
      responses: [response([200, ...notServed], "own")],
      fate: "any",
      upstream: [],
      incomplete: null,
    },
    visibleToHandler: true,
  }),
  letter({
    name: "max-forwards-options",
    clause: "RFC 9110 §7.6.2",
    why: "nor an OPTIONS",
    send: one("OPTIONS", "Max-Forwards: 0"),
    accept: { responses: [own([200, 204, ...notServed])], fate: "any", upstream: [], incomplete: null },
    visibleToHandler: true,
  }),
  letter({
    name: "max-forwards-get",
    clause: "RFC 9110 §7.6.2",
    why: "for other methods it may be ignored",
    send: one("GET", "Max-Forwards: 0"),
    accept: passed({ ...seenGet, optional: ["max-forwards"] }),
    visibleToHandler: true,
  }),
  letter({
    name: "method-options",
    clause: "RFC 9110 §9.3.7",
    why: "OPTIONS of a path is a request as any other, or the gateway responds",
    send: one("OPTIONS"),
    accept: [
      passed(seen("OPTIONS", "/t")),
      { responses: [own([200, 204])], fate: "kept", upstream: [], incomplete: null },
    ],
    visibleToHandler: true,
  }),
  letter({
    name: "method-override",
    clause: "RFC 9110 §9.1",
    why: "the method is the request line's, whatever X-HTTP-Method-Override says",
    send: one("GET", "X-HTTP-Method-Override: DELETE"),
    accept: {
      responses: [fromUpstream()],
      fate: "kept",
      upstream: [{ ...seenGet, optional: ["x-http-method-override"] }],
      incomplete: null,
    } satisfies Outcome,
    visibleToHandler: true,
  }),
];
