/**
 * How connections to each port begin: whole conversations as bytes, to be cut anywhere. Valid ones, refused ones, and such
 * as leave HTTP (upgrades, CONNECT) or never were HTTP.
 */

export type Pick = (below: number) => number;

/** A seeded source of numbers, so that a round that breaks something can be repeated (mulberry32). */
export function seededPick(seed: number): Pick {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const bytesOf = (length: number, pick: Pick): Buffer => Buffer.from(Array.from({ length }, () => pick(256)));

const text = (...lines: readonly string[]): Buffer => Buffer.from(lines.join("\r\n"), "latin1");

const CONNECTION_PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");
/** The beginning of a TLS 1.2 handshake. */
const CLIENT_HELLO = Buffer.concat([Buffer.from("16030100c8010000c40303", "hex"), Buffer.alloc(192, 7)]);

function upgrade(path: string, ...more: readonly string[]): Buffer {
  return text(
    `GET ${path} HTTP/1.1`,
    "Host: 127.0.0.1",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    ...more,
    "",
    "",
  );
}

/** One masked frame of a WebSocket client. */
function webSocketFrame(opcode: number, payload: string | Buffer): Buffer {
  const bytes = Buffer.from(payload);
  const head =
    bytes.length < 126
      ? Buffer.from([0x80 | opcode, 0x80 | bytes.length])
      : Buffer.from([0x80 | opcode, 0x80 | 126, bytes.length >> 8, bytes.length & 0xff]);
  return Buffer.concat([head, Buffer.alloc(4), bytes]); // a mask of zeros
}

function graphqlSocket(token: string, ...more: readonly string[]): Buffer {
  return Buffer.concat([
    upgrade("/graphql", "Sec-WebSocket-Protocol: graphql-transport-ws", ...more),
    webSocketFrame(1, `{"type":"connection_init","payload":{"authorization":"Bearer ${token}"}}`),
    webSocketFrame(1, '{"type":"ping"}'),
    webSocketFrame(
      1,
      '{"id":"1","type":"subscribe","payload":{"query":"subscription { revisionChanged { number } }"}}',
    ),
    webSocketFrame(9, "ping"),
    webSocketFrame(2, Buffer.alloc(200, 0xa5)),
    webSocketFrame(8, Buffer.from([0x03, 0xe8])),
    Buffer.from("ffffffffffffffff", "hex"),
  ]);
}

function graphqlRequest(token: string): Buffer {
  const body = '{"query":"{ apis(first: 1) { totalCount } }"}';
  return text(
    "POST /graphql HTTP/1.1",
    "Host: 127.0.0.1",
    `Authorization: Bearer ${token}`,
    "Content-Type: application/json",
    `Content-Length: ${body.length}`,
    "",
    body,
  );
}

/** A frame of HTTP/2. */
function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Header fields as literals without indexing (RFC 7541, section 6.2.2). */
function literals(fields: Readonly<Record<string, string>>): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of Object.entries(fields))
    parts.push(
      Buffer.from([0, name.length]),
      Buffer.from(name),
      Buffer.from([value.length]),
      Buffer.from(value),
    );
  return Buffer.concat(parts);
}

const END_HEADERS = 4;

function grpcOpening(token: string, pick: Pick): Buffer {
  const subscribe = literals({
    ":method": "POST",
    ":scheme": "http",
    ":path": "/latchkey.snapshot.v1.SnapshotService/Subscribe",
    ":authority": "127.0.0.1",
    "content-type": "application/grpc",
    te: "trailers",
    authorization: `Bearer ${token}`,
  });
  const frames = [
    frame(1, END_HEADERS, 1, subscribe),
    frame(0, 0, 1, Buffer.from([0, 0, 0, 0, 4, 1, 2, 3, 4])),
    frame(0, 0, 1, Buffer.from([0, 0xff, 0xff, 0xff, 0xff])),
    frame(6, 0, 0, Buffer.alloc(8)),
    frame(8, 0, 0, Buffer.from([0, 1, 0, 0])),
    frame(3, 0, 1, Buffer.from([0, 0, 0, 8])),
    frame(7, 0, 0, Buffer.alloc(8)),
    frame(1, END_HEADERS, 3, literals({ ":method": "GET", ":path": "/", ":scheme": "http" })),
    frame(9, 0, 1, subscribe),
    frame(pick(256), pick(256), pick(8), bytesOf(pick(64), pick)),
    // Of lengths that these frames cannot have.
    frame(8, 0, 0, Buffer.alloc(3)),
    frame(2, 0, 1, Buffer.alloc(10)),
    frame(6, 0, 0, Buffer.alloc(7)),
  ];
  const chosen = Array.from({ length: 1 + pick(6) }, () => frames[pick(frames.length)] as Buffer);
  return Buffer.concat([CONNECTION_PREFACE, frame(4, 0, 0), ...chosen]);
}

/** For a port that speaks HTTP/1.1. @param key that the port takes, if it takes any */
function httpOpenings(paths: readonly string[], key: string): readonly Buffer[] {
  const [path = "/"] = paths;
  const head = [`Host: 127.0.0.1`, `Connxio-Api-Key: ${key}`];
  return [
    ...paths.map((each) => text(`GET ${each} HTTP/1.1`, ...head, "", "")),
    text(`POST ${path} HTTP/1.1`, ...head, "Content-Length: 20", "", "x".repeat(20)),
    text(
      `POST ${path} HTTP/1.1`,
      ...head,
      "Transfer-Encoding: chunked",
      "",
      "5",
      "hello",
      "10;ext=1",
      "x".repeat(16),
      "0",
      "trailer: 1",
      "",
      "",
    ),
    text(`POST ${path} HTTP/1.1`, ...head, "Expect: 100-continue", "Content-Length: 5", "", "hello"),
    text(
      `GET ${path} HTTP/1.1`,
      ...head,
      "",
      `GET ${path} HTTP/1.1`,
      ...head,
      "",
      `HEAD ${path} HTTP/1.1`,
      ...head,
      "",
      "",
    ),
    text(`GET ${path} HTTP/1.0`, ...head, "", ""),
    text("OPTIONS * HTTP/1.1", ...head, "", ""),
    text("CONNECT example.com:443 HTTP/1.1", "Host: example.com:443", "", "after it"),
    text("TRACE / HTTP/1.1", ...head, "", ""),
    text(
      `POST ${path} HTTP/1.1`,
      ...head,
      "Content-Length: 5",
      "Transfer-Encoding: chunked",
      "",
      "0",
      "",
      "",
    ),
    text(`GET ${path} HTTP/1.1`, ...head, `X-Long: ${"y".repeat(20_000)}`, "", ""),
    upgrade(path),
    upgrade("/nowhere", "Origin: http://elsewhere.example"),
    upgrade(path, "Sec-WebSocket-Protocol: graphql-transport-ws"),
    text(
      `GET ${path} HTTP/1.1`,
      ...head,
      "Connection: Upgrade, HTTP2-Settings",
      "Upgrade: h2c",
      "HTTP2-Settings: AAMAAABkAAQAAP__",
      "",
      "",
    ),
    CONNECTION_PREFACE,
    CLIENT_HELLO,
  ];
}

export interface OpeningKind {
  readonly kind: "http" | "graphql" | "grpc";
  /** Of pages; the first one takes a POST. */
  readonly paths: readonly string[];
  /** An API key or a token that the port takes, so that connections come further than the door. */
  readonly secret: string;
}

/** Few, since an address that comes with many wrong ones is refused everything. */
const WRONG_SECRETS = 50;

export function openingOf({ kind, paths, secret }: OpeningKind, pick: Pick): Buffer {
  const key = pick(WRONG_SECRETS) === 0 ? "wrong" : secret;
  if (pick(12) === 0) return bytesOf(1 + pick(300), pick);
  if (kind === "grpc")
    return pick(5) === 0 ? (httpOpenings(paths, key)[pick(10)] as Buffer) : grpcOpening(key, pick);
  const openings = [
    ...httpOpenings(paths, key),
    ...(kind === "graphql"
      ? [
          graphqlSocket(key),
          graphqlRequest(key),
          graphqlSocket(key, "Origin: http://elsewhere.example"),
          graphqlSocket(key, "Sec-WebSocket-Extensions: x"),
        ]
      : []),
  ];
  const opening = openings[pick(openings.length)] as Buffer;
  return pick(6) === 0 ? spoilt(opening, pick) : opening;
}

/** With some bytes changed. */
function spoilt(bytes: Buffer, pick: Pick): Buffer {
  const copy = Buffer.from(bytes);
  for (let i = 0; i <= pick(4); i++) copy[pick(copy.length)] = pick(256);
  return copy;
}
