// Responses with broken heads, and heads that only a policy decides about.
import { own, response } from "../support/build.js";
import { badGateway, CL5, closed, OK, plain, rowsFrom, saw, text } from "../support/hostile-upstream.js";

const gatewayTimeout = saw(own([504, 502]));

/** Interim responses may be passed on, as long as they end. */
const throughInterims = text("hello", { interimsAllowed: [100, 103] });

export const heads = rowsFrom("upstream-head", "letter", [
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

export const headPolicies = rowsFrom("upstream-head", "policy", [
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
