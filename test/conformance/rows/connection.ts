// Connection and the headers of one hop: they end here, whatever the client names, and persistence is decided here.
import {
  AUTH,
  get,
  passed,
  post,
  postHello,
  refused,
  rowsOf,
  SMUGGLED,
  seen,
  seenGet,
  seenHello,
} from "../support/build.js";

const { letter, policy } = rowsOf("connection");

function http10(...lines: string[]): string {
  return ["GET /t HTTP/1.0", "Host: a.example", AUTH, ...lines, "", ""].join("\r\n");
}

const closing: readonly (readonly [name: string, lines: readonly string[], why: string])[] = [
  ["close", ["Connection: close"], "the client asks for the end"],
  ["close-case", ["Connection: CLOSE"], "options have no case"],
  ["close-first-of-list", ["Connection: close, keep-alive"], "close in a list"],
  ["close-last-of-list", ["Connection: keep-alive,close"], "close at the end of a list, and it wins"],
  ["close-second-line", ["Connection: keep-alive", "Connection: close"], "close in a second line"],
  ["close-empty-elements", ["Connection: , ,close,"], "empty elements are ignored"],
];

export const connection = [
  ...closing.map(([name, lines, why]) =>
    letter({
      name: `connection-${name}`,
      clause: "RFC 9112 §9.3, §9.6",
      why,
      send: get(...lines),
      accept: passed(seenGet, "closed"),
      visibleToHandler: true,
    }),
  ),
  letter({
    name: "connection-close-then-request",
    clause: "RFC 9112 §9.6",
    why: "no further request on the connection may be processed",
    send: get("Connection: close") + SMUGGLED,
    accept: passed(seenGet, "closed"),
  }),
  letter({
    name: "connection-closed-is-no-close",
    clause: "RFC 9110 §7.6.1",
    why: "another option of five letters is not close",
    send: get("Connection: cx-bb"),
    accept: passed(seenGet),
  }),
  letter({
    name: "connection-http-1-0",
    clause: "RFC 9112 §9.3",
    why: "HTTP/1.0 closes unless asked to keep",
    send: http10(),
    accept: passed(seenGet, "closed"),
  }),
  letter({
    name: "connection-http-1-0-no-host",
    clause: "RFC 9112 §3.2",
    why: "HTTP/1.0 needs no Host",
    send: `GET /t HTTP/1.0\r\n${AUTH}\r\n\r\n`,
    accept: passed(seenGet, "closed"),
  }),
  letter({
    name: "connection-http-1-0-keep-alive",
    clause: "RFC 9112 §9.3",
    why: "keep-alive may be granted to HTTP/1.0, or not",
    send: http10("Connection: keep-alive"),
    accept: [passed(seenGet, "closed"), passed(seenGet, "kept")],
  }),
  letter({
    name: "connection-names-header",
    clause: "RFC 9110 §7.6.1",
    why: "what Connection names is for this hop only and must be taken out",
    send: get("Connection: Cx-Secret", "Cx-Secret: 1"),
    accept: passed(seenGet),
    visibleToHandler: true,
  }),
  letter({
    name: "connection-names-several",
    clause: "RFC 9110 §7.6.1",
    why: "in lists, in several lines, in any case, and nothing else goes",
    send: get(
      "Cx-A: 1",
      "Connection: keep-alive, CX-A",
      "Cx-B: 2",
      "Cx-C: 3",
      "Connection: , cx-b ,",
      "Cx-A: 4",
    ),
    accept: passed(seen("GET", "/t", "", [["cx-c", "3"]])),
    visibleToHandler: true,
  }),
  letter({
    name: "connection-names-content-length",
    clause: "RFC 9110 §7.6.1, RFC 9112 §6.3",
    why: "framing cannot be named away: the body stays the body",
    send: postHello("Connection: content-length"),
    accept: [refused(400, "any"), passed(seenHello)],
    visibleToHandler: true,
  }),
  letter({
    name: "connection-names-transfer-encoding",
    clause: "RFC 9110 §7.6.1, RFC 9112 §6.3",
    why: "nor can a coding",
    send: `${post("Connection: transfer-encoding", "Transfer-Encoding: chunked")}5\r\nhello\r\n0\r\n\r\n`,
    accept: [refused(400, "any"), passed(seenHello)],
    visibleToHandler: true,
  }),
  letter({
    name: "connection-names-host",
    clause: "RFC 9110 §7.6.1, §7.2",
    why: "the upstream gets one Host whatever is named",
    send: get("Connection: host, connxio-api-key"),
    accept: [refused(400, "any"), passed(seenGet)],
    visibleToHandler: true,
  }),
  policy({
    name: "connection-garbage",
    clause: "RFC 9110 §7.6.1",
    why: "an option that is no token: refused, or it names no header",
    send: get('Connection: "x, @, (', "Cx-A: 1"),
    accept: [refused(400), passed(seen("GET", "/t", "", [["cx-a", "1"]]))],
    visibleToHandler: true,
  }),
  policy({
    name: "connection-unnamed-hop-headers",
    clause: "RFC 9110 §7.6.1",
    why: "Keep-Alive, Proxy-Connection and TE are for one hop even when Connection does not name them",
    send: get("Keep-Alive: timeout=5", "Proxy-Connection: keep-alive", "TE: trailers"),
    accept: passed(seenGet),
    visibleToHandler: true,
  }),
  letter({
    name: "connection-te-named",
    clause: "RFC 9110 §10.1.4",
    why: "TE is for this hop; it must not be passed on",
    send: get("Connection: TE", "TE: trailers, gzip;q=0.5"),
    accept: passed(seenGet),
    visibleToHandler: true,
  }),
  letter({
    name: "connection-upgrade-websocket",
    clause: "RFC 9110 §7.8",
    why: "an upgrade may be ignored; what follows is the next request, no tunnel",
    send: get(
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ),
    accept: passed({ ...seenGet, optional: ["sec-websocket-version", "sec-websocket-key"] }),
    visibleToHandler: true,
  }),
  letter({
    name: "connection-upgrade-h2c",
    clause: "RFC 9110 §7.8, RFC 9113 §3.1",
    why: "an upgrade to cleartext HTTP/2 that is passed on opens a tunnel past the gateway",
    send: get(
      "Connection: Upgrade, HTTP2-Settings",
      "Upgrade: h2c",
      "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
    ),
    accept: passed(seenGet),
    visibleToHandler: true,
  }),
  policy({
    name: "connection-upgrade-not-named",
    clause: "RFC 9110 §7.8",
    why: "Upgrade is for one hop even when Connection forgets it",
    send: get("Upgrade: websocket"),
    accept: passed(seenGet),
    visibleToHandler: true,
  }),
  letter({
    name: "connection-upgrade-with-body",
    clause: "RFC 9110 §7.8",
    why: "an upgrade with a body: the body is read by its length",
    send: `${post("Connection: Upgrade", "Upgrade: h2c", `Content-Length: ${SMUGGLED.length}`)}${SMUGGLED}`,
    accept: passed(seen("POST", "/t", SMUGGLED)),
    visibleToHandler: true,
  }),
];
