// Responses that no honest server gives. The client must get a response it can trust, a 502 or 504, or one that is
// visibly cut; and what an upstream adds must never become the response to another request.
import { get, own, response, rowsOf, seenGet } from "../support/build.js";
import type { Outcome, Reply, Response, Row, RowKind, Topic } from "../support/row.js";

/** The connection to the client may end with a broken response; what comes next on it must be right. */
function saw(one: Response, fate: Outcome["fate"] = "any"): Outcome {
  return { responses: [one], fate, upstream: [seenGet], incomplete: null };
}

const badGateway = saw(own(502));
const gatewayTimeout = saw(own([504, 502]));
/** The head had gone out already: the end must come too soon, and the connection with it. */
const cut = saw(response(200, "any", { isCut: true }), "closed");
const closed: Outcome = { responses: [], fate: "closed", upstream: [seenGet], incomplete: null };
/** Interim responses may be passed on, as long as they end. */
const throughInterims = text("hello", { interimsAllowed: [100, 103] });
const brokenInBody: readonly Outcome[] = [cut, badGateway, closed];
/** The head says already that the body cannot be read. */
const brokenInHead: readonly Outcome[] = [badGateway, cut, closed];

function text(body: string, rest: Partial<Response> = {}): Outcome {
  return saw(response(200, { text: body }, rest));
}

type Case = readonly [
  name: string,
  clause: string,
  why: string,
  bytes: string | readonly string[],
  accept: Outcome | readonly Outcome[],
  rest?: Partial<Reply> & { readonly shortTimeouts?: boolean },
];

function rowsFrom(topic: Topic, kind: RowKind, cases: readonly Case[]): Row[] {
  const make = rowsOf(topic)[kind];
  return cases.map(([name, clause, why, bytes, accept, rest = {}]) => {
    const { shortTimeouts, ...reply } = rest;
    return make({
      name: `up-${name}`,
      clause,
      why,
      send: get(),
      accept,
      replies: [{ bytes, ...reply }],
      shortTimeouts: shortTimeouts ?? false,
    });
  });
}

const OK = "HTTP/1.1 200 OK\r\n";
const CL5 = "Content-Length: 5\r\n";
const TE = "Transfer-Encoding: chunked\r\n";
const EVIL = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";

function plain(...lines: string[]): string {
  return `${OK}${lines.map((line) => `${line}\r\n`).join("")}${CL5}\r\nhello`;
}

function chunks(raw: string): string {
  return `${OK}${TE}\r\n${raw}`;
}

const framing = rowsFrom("upstream-framing", "letter", [
  [
    "cl-twice-different",
    "RFC 9112 §6.3",
    "two lengths: a gateway MUST response 502",
    `${OK}${CL5}Content-Length: 6\r\n\r\nhello!`,
    badGateway,
  ],
  [
    "cl-list-different",
    "RFC 9112 §6.3",
    "a list of two lengths",
    `${OK}Content-Length: 5, 6\r\n\r\nhello!`,
    badGateway,
  ],
  [
    "cl-letters",
    "RFC 9112 §6.3",
    "a length that is no number",
    `${OK}Content-Length: five\r\n\r\nhello`,
    badGateway,
  ],
  ["cl-minus", "RFC 9112 §6.3", "a negative length", `${OK}Content-Length: -5\r\n\r\nhello`, badGateway],
  ["cl-plus", "RFC 9112 §6.3", "a length with a sign", `${OK}Content-Length: +5\r\n\r\nhello`, badGateway],
  ["cl-hex", "RFC 9112 §6.3", "a length in hexadecimal", `${OK}Content-Length: 0x5\r\n\r\nhello`, badGateway],
  [
    "cl-empty",
    "RFC 9112 §6.3",
    "a length without digits",
    `${OK}Content-Length:\r\n\r\nhello`,
    badGateway,
    { after: "close" },
  ],
  [
    "cl-over-2-64",
    "RFC 9110 §8.6",
    "a length that overflows must not wrap to 5",
    `${OK}Content-Length: 18446744073709551621\r\n\r\nhello`,
    [badGateway, cut],
    { after: "close" },
  ],
  [
    "cl-twice-same",
    "RFC 9110 §8.6",
    "the same length twice: refused, or made one",
    `${OK}${CL5}${CL5}\r\nhello`,
    [badGateway, text("hello")],
  ],
  [
    "cl-beside-te",
    "RFC 9112 §6.3",
    "both framings: refused, or read as chunked without the length",
    `${OK}Content-Length: 3\r\n${TE}\r\n5\r\nhello\r\n0\r\n\r\n`,
    [badGateway, text("hello", { forbiddenHeaders: ["content-length"] })],
  ],
  [
    "te-twice",
    "RFC 9112 §6.1",
    "chunked twice",
    `${OK}Transfer-Encoding: chunked, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
    brokenInHead,
    { after: "close" },
  ],
  [
    "te-xchunked",
    "RFC 9112 §6.1, §7",
    "another coding than chunked",
    `${OK}Transfer-Encoding: xchunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
    brokenInHead,
    { after: "close" },
  ],
  [
    "te-gzip-chunked",
    "RFC 9112 §6.1",
    "a coding that is not understood",
    `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
    brokenInHead,
    { after: "close" },
  ],
  [
    "te-http-1-0",
    "RFC 9112 §6.1",
    "a coding in HTTP/1.0 is faulty framing",
    `HTTP/1.0 200 OK\r\n${TE}\r\n5\r\nhello\r\n0\r\n\r\n`,
    [badGateway, cut, text("hello")],
    { after: "close" },
  ],
  [
    "chunk-size-letter",
    "RFC 9112 §7.1",
    "a chunk size that is none",
    chunks("5g\r\nhello\r\n0\r\n\r\n"),
    brokenInBody,
  ],
  ["chunk-size-empty", "RFC 9112 §7.1", "no chunk size", chunks("\r\nhello\r\n0\r\n\r\n"), brokenInBody],
  [
    "chunk-size-minus",
    "RFC 9112 §7.1",
    "a negative chunk size",
    chunks("-5\r\nhello\r\n0\r\n\r\n"),
    brokenInBody,
  ],
  [
    "chunk-size-0x",
    "RFC 9112 §7.1",
    "a prefix before the size",
    chunks("0x5\r\nhello\r\n0\r\n\r\n"),
    brokenInBody,
  ],
  [
    "chunk-size-2-64",
    "RFC 9112 §7.1",
    "a chunk size that overflows",
    chunks("10000000000000005\r\nhello\r\n0\r\n\r\n"),
    brokenInBody,
    { after: "close" },
  ],
  [
    "chunk-data-longer",
    "RFC 9112 §7.1",
    "more data than the size",
    chunks("5\r\nhello!\r\n0\r\n\r\n"),
    brokenInBody,
  ],
  ["chunk-no-crlf", "RFC 9112 §7.1", "no CRLF after the data", chunks("5\r\nhelloXX0\r\n\r\n"), brokenInBody],
  [
    "chunk-size-bare-lf",
    "RFC 9112 §7.1",
    "a chunk line that ends with a single LF",
    chunks("5\nhello\r\n0\r\n\r\n"),
    brokenInBody,
  ],
  [
    "trailer-no-colon",
    "RFC 9112 §7.1.2",
    "a trailer that is no field line",
    chunks("5\r\nhello\r\n0\r\nHTTP/1.1 200 OK\r\n\r\n"),
    brokenInBody,
  ],
  [
    "body-short",
    "RFC 9112 §8",
    "less than the length, then the end: the client must be able to tell",
    `${OK}Content-Length: 10\r\n\r\nhello`,
    brokenInBody,
    { after: "close" },
  ],
  [
    "body-short-reset",
    "RFC 9112 §8",
    "the same with a reset",
    [`${OK}Content-Length: 10\r\n\r\nhello`],
    brokenInBody,
    { after: "reset" },
  ],
  [
    "chunks-no-last",
    "RFC 9112 §8",
    "chunks without a last one",
    chunks("5\r\nhello\r\n"),
    brokenInBody,
    { after: "close" },
  ],
  [
    "chunks-cut",
    "RFC 9112 §8",
    "an end within a chunk",
    chunks("a\r\nhello"),
    brokenInBody,
    { after: "close" },
  ],
  [
    "body-long",
    "RFC 9112 §6.3",
    "more than the length: the rest is nobody's response",
    `${OK}${CL5}\r\nhello, and more`,
    [text("hello"), ...brokenInBody],
  ],
  [
    "response-behind",
    "RFC 9112 §6.3, §9.2",
    "a second response behind the first must not become the response to the next request",
    `${OK}${CL5}\r\nhello${EVIL}`,
    [text("hello"), ...brokenInBody],
  ],
  [
    "response-behind-later",
    "RFC 9112 §9.2",
    "the same in a later segment",
    [`${OK}${CL5}\r\nhello`, EVIL],
    [text("hello"), ...brokenInBody],
  ],
  [
    "response-behind-chunks",
    "RFC 9112 §6.3, §9.2",
    "the same behind a chunked response",
    `${chunks("5\r\nhello\r\n0\r\n\r\n")}${EVIL}`,
    [text("hello"), ...brokenInBody],
  ],
  [
    "response-behind-204",
    "RFC 9112 §6.3, §9.2",
    "what follows a 204 is not its body, and nobody's response",
    `HTTP/1.1 204 No Content\r\n\r\n${EVIL}`,
    [saw(response(204, "none")), badGateway, closed],
  ],
  [
    "response-behind-304",
    "RFC 9112 §6.3, §9.2",
    "nor what follows a 304",
    `HTTP/1.1 304 Not Modified\r\n${CL5}\r\nhello${EVIL}`,
    [saw(response(304, "none")), badGateway, closed],
  ],
  [
    "204-with-length",
    "RFC 9110 §8.6",
    "a 204 with a length and a body: neither may reach the client",
    `HTTP/1.1 204 No Content\r\n${CL5}\r\nhello`,
    [saw(response(204, "none")), badGateway, closed],
  ],
  [
    "204-chunked",
    "RFC 9112 §6.1",
    "nor a 204 in chunks",
    `HTTP/1.1 204 No Content\r\n${TE}\r\n5\r\nhello\r\n0\r\n\r\n`,
    [saw(response(204, "none")), badGateway, closed],
  ],
]);

const heads = rowsFrom("upstream-head", "letter", [
  ["status-line-garbage", "RFC 9112 §4", "no status line", "HELLO WORLD\r\n\r\n", [badGateway, closed]],
  [
    "status-line-0-9",
    "RFC 9112 §2.3",
    "an HTTP/0.9 response",
    "<html>hello</html>",
    [badGateway, closed],
    { after: "close" },
  ],
  [
    "status-two-digits",
    "RFC 9112 §4",
    "a status of two digits",
    `HTTP/1.1 99 Odd\r\n${CL5}\r\nhello`,
    [badGateway, closed],
  ],
  [
    "status-four-digits",
    "RFC 9112 §4",
    "a status of four digits",
    `HTTP/1.1 2000 Odd\r\n${CL5}\r\nhello`,
    [badGateway, closed],
  ],
  [
    "status-letters",
    "RFC 9112 §4",
    "a status that is no number",
    `HTTP/1.1 abc OK\r\n${CL5}\r\nhello`,
    [badGateway, closed],
  ],
  [
    "status-zero",
    "RFC 9110 §15",
    "a status below 100",
    `HTTP/1.1 000 Odd\r\n${CL5}\r\nhello`,
    [badGateway, closed],
  ],
  [
    "version-2",
    "RFC 9112 §2.3",
    "another major version",
    `HTTP/2.0 200 OK\r\n${CL5}\r\nhello`,
    [badGateway, closed],
  ],
  ["version-icy", "RFC 9112 §2.3", "another protocol", `ICY 200 OK\r\n${CL5}\r\nhello`, [badGateway, closed]],
  [
    "101-unasked",
    "RFC 9110 §15.2.2",
    "a switch of protocols that nobody asked for",
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nraw bytes",
    [badGateway, closed],
  ],
  ["value-nul", "RFC 9110 §5.5", "NUL in a value", plain("X-A: a\x00b"), [badGateway, text("hello")]],
  [
    "value-bare-cr",
    "RFC 9110 §5.5",
    "CR in a value would end a line for some",
    plain("X-A: a\rX-Evil: b"),
    [badGateway, text("hello", { forbiddenHeaders: ["x-evil"] })],
  ],
  [
    "name-space",
    "RFC 9112 §5.1",
    "white space before the colon is removed, or the response refused",
    plain("X-A : b"),
    [badGateway, text("hello")],
  ],
  ["name-empty", "RFC 9110 §5.1", "an empty name", plain(": b"), [badGateway, text("hello")]],
  [
    "name-delimiter",
    "RFC 9110 §5.6.2",
    "a delimiter in a name",
    plain("X(A): b"),
    [badGateway, text("hello")],
  ],
  ["name-no-colon", "RFC 9112 §5", "a line without colon", plain("X-A"), [badGateway, text("hello")]],
  [
    "folded",
    "RFC 9112 §5.2",
    "a folded line is unfolded, or the response refused",
    plain("X-A: b\r\n c"),
    [badGateway, text("hello")],
  ],
  [
    "folded-length",
    "RFC 9112 §5.2",
    "a folded length is `5 0`, which is none",
    `${OK}Content-Length: 5\r\n 0\r\n\r\nhello`,
    [badGateway],
  ],
  [
    "hop-by-hop",
    "RFC 9110 §7.6.1",
    "what Connection names does not cross",
    plain("Connection: X-Secret, keep-alive", "X-Secret: 1"),
    text("hello", { forbiddenHeaders: ["x-secret"] }),
  ],
]);

const headPolicies = rowsFrom("upstream-head", "policy", [
  ["value-bare-lf", "RFC 9112 §2.2", "a single LF ends no line", plain("X-A: a\nX-Evil: b"), badGateway],
  ["value-control", "RFC 9110 §5.5", "a control byte in a value", plain("X-A: a\x01b"), badGateway],
  [
    "hop-by-hop-unnamed",
    "RFC 9110 §7.6.1",
    "Keep-Alive, Proxy-Connection, Upgrade and Trailer do not cross either",
    plain("Keep-Alive: timeout=100", "Proxy-Connection: x", "Upgrade: h2c", "Trailer: X-B"),
    text("hello", { forbiddenHeaders: ["proxy-connection", "upgrade"] }),
  ],
  [
    "reason-control",
    "RFC 9112 §4",
    "a control byte in the reason phrase",
    `HTTP/1.1 200 O\x01K\r\n${CL5}\r\nhello`,
    [badGateway, text("hello")],
  ],
  [
    "status-999",
    "RFC 9110 §15",
    "a status outside the five classes",
    `HTTP/1.1 999 Odd\r\n${CL5}\r\nhello`,
    [badGateway, saw(response(999, { text: "hello" }))],
  ],
  [
    "header-endless",
    "RFC 9110 §5.4",
    "headers without end",
    [OK, ...Array.from({ length: 100 }, () => `X-A: ${"v".repeat(4_000)}\r\n`)],
    badGateway,
  ],
  [
    "header-too-large",
    "RFC 9110 §5.4",
    "one header of 400 kB",
    plain(`X-A: ${"v".repeat(400_000)}`),
    badGateway,
  ],
  [
    "headers-too-many",
    "RFC 9110 §5.4",
    "ten thousand headers",
    plain(...Array.from({ length: 10_000 }, (_, index) => `X-${index}: v`)),
    badGateway,
  ],
  [
    "100-flood",
    "RFC 9110 §15.2",
    "ten thousand interim responses: refused, or dropped",
    [...Array.from({ length: 100 }, () => "HTTP/1.1 100 Continue\r\n\r\n".repeat(100)), plain()],
    [badGateway, throughInterims],
  ],
  [
    "103-flood",
    "RFC 9110 §15.2",
    "interim responses with headers, more than a head may have",
    [
      ...Array.from(
        { length: 100 },
        () => `HTTP/1.1 103 Early Hints\r\nLink: <${"a".repeat(4_000)}>\r\n\r\n`,
      ),
      plain(),
    ],
    [badGateway, throughInterims],
  ],
  [
    "head-drips",
    "RFC 9110 §15.6.5",
    "a head that comes byte by byte and never ends",
    OK,
    gatewayTimeout,
    { drip: { text: "x", everyMs: 50 }, shortTimeouts: true },
  ],
  ["head-never", "RFC 9110 §15.6.5", "no response at all", "", gatewayTimeout, { shortTimeouts: true }],
  [
    "100-drips",
    "RFC 9110 §15.6.5",
    "interim responses without end are no response",
    "",
    [gatewayTimeout, badGateway],
    { drip: { text: "HTTP/1.1 100 Continue\r\n\r\n", everyMs: 50 }, shortTimeouts: true },
  ],
]);

const connections = rowsFrom("upstream-connection", "letter", [
  [
    "close-before-head",
    "RFC 9110 §15.6.3",
    "the end in place of a response",
    "",
    [badGateway, saw(own([503, 504]))],
    { after: "close" },
  ],
  [
    "reset-before-head",
    "RFC 9110 §15.6.3",
    "a reset in place of a response",
    "",
    [badGateway, saw(own([503, 504]))],
    { after: "reset" },
  ],
  [
    "close-in-head",
    "RFC 9112 §8",
    "the end within the head",
    `${OK}Content-Le`,
    [badGateway, closed],
    { after: "close" },
  ],
  [
    "close-after-response",
    "RFC 9112 §9.6",
    "an end without `Connection: close` after a whole response",
    plain(),
    text("hello"),
    { after: "close" },
  ],
  [
    "reset-after-response",
    "RFC 9112 §9.6",
    "a reset after a whole response",
    plain(),
    [text("hello"), badGateway, cut, closed],
    { after: "reset" },
  ],
  [
    "close-said-but-open",
    "RFC 9112 §9.6",
    "`Connection: close` on a connection that stays open: it must not be used again",
    plain("Connection: close"),
    text("hello"),
  ],
]);

const connectionPolicies = rowsFrom("upstream-connection", "policy", [
  [
    "body-stalls",
    "RFC 9112 §8",
    "a body that stops in the middle is cut in time",
    `${OK}Content-Length: 10\r\n\r\nhello`,
    brokenInBody,
    { shortTimeouts: true },
  ],
  [
    "chunks-stall",
    "RFC 9112 §8",
    "so is one in chunks",
    chunks("5\r\nhello\r\n"),
    brokenInBody,
    { shortTimeouts: true },
  ],
]);

export const hostileUpstream: readonly Row[] = [
  ...framing,
  ...heads,
  ...headPolicies,
  ...connections,
  ...connectionPolicies,
];
