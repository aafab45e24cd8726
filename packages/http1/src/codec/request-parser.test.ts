import { describe, expect, it } from "vitest";
import { named, type ReadRequest, readRequests, splits, TEST_RULES } from "../testing/read-messages.js";
import { describeFault, FAULTS, type FaultCode } from "./fault.js";

const bytes = (text: string): Buffer => Buffer.from(text, "latin1");
const H = "Host: a.example\r\n";

/** Raw request → what must be read from it. */
const ACCEPTED: readonly (readonly [string, string, Partial<ReadRequest>])[] = [
  ["origin-form", `GET /a/b HTTP/1.1\r\n${H}\r\n`, { method: "GET", path: "/a/b", query: "", body: "" }],
  ["query", `GET /a?b=c?d HTTP/1.1\r\n${H}\r\n`, { path: "/a", query: "b=c?d" }],
  [
    "what clients send without encoding",
    `GET /a"<>[]^\`{|}?{"a":1}<b>[c]^\`\\|? HTTP/1.1\r\n${H}\r\n`,
    { path: '/a"<>[]^`{|}', query: '{"a":1}<b>[c]^`\\|?' },
  ],
  ["empty query", `GET /a? HTTP/1.1\r\n${H}\r\n`, { path: "/a", query: "" }],
  ["path left as it is", `GET //%2e%2E/%2F;x/..%00 HTTP/1.1\r\n${H}\r\n`, { path: "//%2e%2E/%2F;x/..%00" }],
  [
    "absolute-form",
    `GET http://b.example:81/x?y HTTP/1.1\r\n${H}\r\n`,
    { path: "/x", query: "y", host: "b.example:81" },
  ],
  [
    "absolute-form, upper case",
    `GET HTTP://b.example HTTP/1.1\r\n${H}\r\n`,
    { path: "/", host: "b.example" },
  ],
  ["absolute-form, no path", `GET http://b.example?q HTTP/1.1\r\n${H}\r\n`, { path: "/", query: "q" }],
  ["absolute-form, OPTIONS", `OPTIONS http://b.example HTTP/1.1\r\n${H}\r\n`, { path: "*" }],
  ["asterisk-form", `OPTIONS * HTTP/1.1\r\n${H}\r\n`, { path: "*" }],
  ["unknown method", `BREW /pot HTTP/1.1\r\n${H}\r\n`, { method: "BREW" }],
  ["method case kept", `get / HTTP/1.1\r\n${H}\r\n`, { method: "get" }],
  ["one empty line before", `\r\nGET / HTTP/1.1\r\n${H}\r\n`, { method: "GET", path: "/" }],
  ["HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", { minorVersion: 0, host: "" }],
  ["IPv6 host", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", { host: "[::1]:80" }],
  ["host with empty port", "GET / HTTP/1.1\r\nHost: a:\r\n\r\n", { host: "a:" }],
  [
    "names lower-cased, values trimmed, empty values kept",
    `GET / HTTP/1.1\r\n${H}X-Some-Long-Name:\t v \t\r\nE:\r\n\r\n`,
    { headers: ["host", "a.example", "x-some-long-name", "v", "e", ""] },
  ],
  [
    "obs-text in a value",
    `GET / HTTP/1.1\r\n${H}X: \xe9\r\n\r\n`,
    { headers: ["host", "a.example", "x", "\xe9"] },
  ],
  ["content-length", `POST / HTTP/1.1\r\n${H}Content-Length: 005\r\n\r\nhello`, { body: "hello" }],
  [
    "chunked",
    `POST / HTTP/1.1\r\n${H}Transfer-Encoding: Chunked\r\n\r\n3\r\nhel\r\n2;a="\\"b";c=d\r\nlo\r\n00\r\nT: x\r\n\r\n`,
    { body: "hello" },
  ],
  ["expectation", `POST / HTTP/1.1\r\n${H}Expect: 100-Continue\r\nContent-Length: 0\r\n\r\n`, { body: "" }],
  ["expectation of HTTP/1.0 ignored", "GET / HTTP/1.0\r\nExpect: x\r\n\r\n", { minorVersion: 0 }],
];

/** Raw request → the fault. Everything after the first refused byte must not matter. */
const REFUSED: readonly (readonly [FaultCode, string])[] = [
  ["request_line_malformed", "GET /\r\n\r\n"],
  ["request_line_malformed", "GET\r\n"],
  ["request_line_malformed", " GET / HTTP/1.1\r\n"],
  ["request_line_malformed", "GET  / HTTP/1.1\r\n"],
  ["request_line_malformed", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
  ["line_bare_cr", "\r\rGET / HTTP/1.1\r\n"],
  ["request_line_malformed", "\r\n\r\nGET / HTTP/1.1\r\n"],
  ["method_malformed", "G(T / HTTP/1.1\r\n"],
  ["method_malformed", "GET\t/ HTTP/1.1\r\n"],
  ["method_refused", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"],
  ["method_refused", `${"A".repeat(33)} / HTTP/1.1\r\n`],
  ["target_malformed", `GET a HTTP/1.1\r\n${H}\r\n`],
  ["target_malformed", `GET * HTTP/1.1\r\n${H}\r\n`],
  ["target_malformed", `OPTIONS ** HTTP/1.1\r\n${H}\r\n`],
  ["target_malformed", `GET a.example:80 HTTP/1.1\r\n${H}\r\n`],
  ["target_malformed", `GET ftp://a.example/ HTTP/1.1\r\n${H}\r\n`],
  ["target_malformed", `GET http:///x HTTP/1.1\r\n${H}\r\n`],
  ["target_malformed", `GET http://u@a.example/ HTTP/1.1\r\n${H}\r\n`],
  ["target_malformed", `GET http://a.example:99999/ HTTP/1.1\r\n${H}\r\n`],
  ["path_unencoded", "GET /a#b HTTP/1.1\r\n"],
  ["path_unencoded", "GET /a\\b HTTP/1.1\r\n"],
  ["path_unencoded", "GET /\xc3\xa9 HTTP/1.1\r\n"],
  ["query_unencoded", "GET /a?b#c HTTP/1.1\r\n"],
  ["query_unencoded", "GET /a?\xe9 HTTP/1.1\r\n"],
  ["path_unencoded", "GET /a\x00b HTTP/1.1\r\n"],
  ["path_unencoded", "GET /a\tb HTTP/1.1\r\n"],
  ["target_too_long", `GET /${"a".repeat(8_192)} HTTP/1.1\r\n`],
  ["target_too_long", `GET /${"a".repeat(20_000)}`],
  ["version_malformed", "GET / HTTP/1.1 \r\n"],
  ["version_malformed", "GET /  HTTP/1.1\r\n"],
  ["version_malformed", "GET /a b HTTP/1.1\r\n"],
  ["version_malformed", "GET / http/1.1\r\n"],
  ["version_malformed", "GET / HTTP/11\r\n"],
  ["version_malformed", "GET / HTTP/1.10\r\n"],
  ["version_malformed", "GET / HTTPS/1.1\r\n"],
  ["version_unsupported", "GET / HTTP/1.2\r\n"],
  ["version_unsupported", "GET / HTTP/0.9\r\n"],
  ["version_unsupported", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["request_line_malformed", "GET / \r\n"],
  ["line_bare_cr", "GET / HTTP/1.1\rHost: a\r\r"],
  ["request_line_malformed", "GET / HTTP/1.1\nHost: a\n\n".replace("HTTP/1.1\n", "\n")],
  ["request_line_malformed", "GET / HTTP/1.1\nHost: a\n\n"],
  ["line_bare_lf", "GET / HTTP/1.1\r\nHost: a\n\r\n"],
  ["line_bare_lf", "GET / HTTP/1.1\r\nHost: a\r\n\n"],
  ["line_bare_lf", "GET / HTTP/1.1\r\nHost: a\r\nX\n"],
  ["line_bare_cr", "GET / HTTP/1.1\r\nHost: a\r\n\rX"],
  ["line_bare_cr", "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n"],
  ["field_folded", "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n"],
  ["field_folded", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"],
  ["field_space_before_colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n"],
  ["field_space_before_colon", `GET / HTTP/1.1\r\n${H}Content-Length\t: 5\r\n\r\n`],
  ["field_name_malformed", `GET / HTTP/1.1\r\n${H}X(: 5\r\n\r\n`],
  ["field_name_malformed", `GET / HTTP/1.1\r\n${H}\xe9: 5\r\n\r\n`],
  ["field_name_malformed", `GET / HTTP/1.1\r\n${H}X\x00: 5\r\n\r\n`],
  ["field_name_malformed", `GET / HTTP/1.1\r\n${H}: 5\r\n\r\n`],
  ["field_name_malformed", `GET / HTTP/1.1\r\n${H}X\r\n\r\n`],
  ["field_value_malformed", `GET / HTTP/1.1\r\n${H}X: a\x00b\r\n\r\n`],
  ["field_value_malformed", `GET / HTTP/1.1\r\n${H}X: \x7f\r\n\r\n`],
  ["field_value_malformed", `GET / HTTP/1.1\r\n${H}X: a\x0bb\r\n\r\n`],
  ["host_missing", "GET / HTTP/1.1\r\n\r\n"],
  ["host_missing", "GET http://a.example/ HTTP/1.1\r\n\r\n"],
  ["host_repeated", `GET / HTTP/1.1\r\n${H}${H}\r\n`],
  ["host_malformed", "GET / HTTP/1.1\r\nHost: \r\n\r\n"],
  ["host_malformed", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"],
  ["host_malformed", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n".replace("a, b", "a/b")],
  ["host_malformed", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"],
  ["host_malformed", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n"],
  ["host_malformed", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n"],
  ["host_malformed", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"],
  ["host_malformed", "GET / HTTP/1.1\r\nHost: a%zz\r\n\r\n"],
  ["connection_malformed", `GET / HTTP/1.1\r\n${H}Connection: a b\r\n\r\n`],
  ["connection_malformed", `GET / HTTP/1.1\r\n${H}Connection: close;x\r\n\r\n`],
  ["expectation_unsupported", `POST / HTTP/1.1\r\n${H}Expect: 200-ok\r\n\r\n`],
  ["expectation_unsupported", `POST / HTTP/1.1\r\n${H}Expect: 100-continue, x\r\n\r\n`],
  ["content_length_malformed", `POST / HTTP/1.1\r\n${H}Content-Length:\r\n\r\n`],
  ["content_length_malformed", `POST / HTTP/1.1\r\n${H}Content-Length: +5\r\n\r\n`],
  ["content_length_malformed", `POST / HTTP/1.1\r\n${H}Content-Length: -5\r\n\r\n`],
  ["content_length_malformed", `POST / HTTP/1.1\r\n${H}Content-Length: 0x5\r\n\r\n`],
  ["content_length_malformed", `POST / HTTP/1.1\r\n${H}Content-Length: 5 5\r\n\r\n`],
  ["content_length_malformed", `POST / HTTP/1.1\r\n${H}Content-Length: 5.0\r\n\r\n`],
  ["content_length_repeated", `POST / HTTP/1.1\r\n${H}Content-Length: 5, 5\r\n\r\n`],
  ["content_length_repeated", `POST / HTTP/1.1\r\n${H}Content-Length: 5\r\nContent-Length: 5\r\n\r\n`],
  ["content_length_repeated", `POST / HTTP/1.1\r\n${H}Content-Length: 0\r\ncontent-length: 5\r\n\r\n`],
  ["content_length_overflow", `POST / HTTP/1.1\r\n${H}Content-Length: 9007199254740993\r\n\r\n`],
  ["content_length_overflow", `POST / HTTP/1.1\r\n${H}Content-Length: 18446744073709551617\r\n\r\n`],
  ["framing_conflict", `POST / HTTP/1.1\r\n${H}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`],
  ["framing_conflict", `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n`],
  ["transfer_encoding_malformed", `POST / HTTP/1.1\r\n${H}Transfer-Encoding: xchunked\r\n\r\n`],
  ["transfer_encoding_malformed", `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked, gzip\r\n\r\n`],
  ["transfer_encoding_malformed", `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked, chunked\r\n\r\n`],
  ["transfer_encoding_malformed", `POST / HTTP/1.1\r\n${H}Transfer-Encoding: "chunked"\r\n\r\n`],
  ["transfer_encoding_malformed", `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked;q=1\r\n\r\n`],
  ["transfer_encoding_malformed", `POST / HTTP/1.1\r\n${H}Transfer-Encoding: ,chunked\r\n\r\n`],
  ["transfer_encoding_malformed", `POST / HTTP/1.1\r\n${H}Transfer-Encoding:\r\n\r\n`],
  ["transfer_encoding_malformed", `POST / HTTP/1.1\r\n${H}Transfer-Encoding: identity\r\n\r\n`],
  ["field_value_malformed", `POST / HTTP/1.1\r\n${H}Transfer-Encoding: \x0bchunked\r\n\r\n`],
  [
    "transfer_encoding_malformed",
    `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`,
  ],
  ["transfer_encoding_unsupported", `POST / HTTP/1.1\r\n${H}Transfer-Encoding: gzip, chunked\r\n\r\n`],
  ["transfer_encoding_in_http10", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"],
  ["head_too_large", `GET / HTTP/1.1\r\n${H}X: ${"a".repeat(16_384)}\r\n\r\n`],
  ["head_too_large", `GET / HTTP/1.1\r\n${H}${"X: a\r\n".repeat(50)}Y: ${"a".repeat(20_000)}`],
  ["fields_too_many", `GET / HTTP/1.1\r\n${H}${"X: a\r\n".repeat(100)}\r\n`],
  ["chunk_size_malformed", `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\ng\r\n`],
];

describe("request heads", () => {
  it.each(ACCEPTED)("accepts %s", (_name, raw, expected) => {
    const whole = readRequests([bytes(raw)]);
    expect(whole.fault).toBeNull();
    expect(whole.messages).toHaveLength(1);
    expect(whole.messages[0]).toMatchObject({ ...expected, complete: true });
    for (const pieces of splits(bytes(raw))) expect(readRequests(pieces)).toEqual(whole);
  });

  it.each(named(REFUSED))("refuses with %s: %s", (fault, _name, raw) => {
    expect(readRequests([bytes(raw)]).fault).toBe(fault);
    if (raw.length > 2_000) {
      // Every split of a long head would be quadratic: byte by byte shows the same.
      expect(readRequests(Array.from(bytes(raw), (byte) => Buffer.from([byte]))).fault).toBe(fault);
      return;
    }
    // A head that ends early may be refused one byte earlier with another reason, never be accepted.
    for (const pieces of splits(bytes(raw))) expect(readRequests(pieces).fault).toBe(fault);
  });

  it("reads pipelined requests one after the other", () => {
    const raw = bytes(
      `POST /1 HTTP/1.1\r\n${H}Content-Length: 2\r\n\r\nabGET /2 HTTP/1.1\r\n${H}\r\n` +
        `POST /3 HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n1\r\nc\r\n0\r\n\r\nGET /4 HTTP/1.1\r\n${H}\r\n`,
    );
    const whole = readRequests([raw]);
    expect(whole.messages.map((message) => message.path + message.body)).toEqual(["/1ab", "/2", "/3c", "/4"]);
    for (const pieces of splits(raw)) expect(readRequests(pieces)).toEqual(whole);
  });

  it("lists what Connection names, without its own options", async () => {
    const { RequestParser } = await import("./request-parser.js");
    const parser = new RequestParser(TEST_RULES);
    const raw = bytes(
      `GET / HTTP/1.1\r\n${H}Connection: X-A , ,close\r\nconnection: \tKeep-Alive,x-b\r\n\r\n`,
    );
    expect(parser.parse(raw, 0, raw.length)).toBe(raw.length);
    expect(parser.connectionNames).toEqual(["x-a", "x-b"]);
    expect([parser.connectionClose, parser.connectionKeepAlive]).toEqual([true, true]);
  });

  it("holds no more bytes of an unfinished head than the limit", () => {
    const endless = Buffer.alloc(1_000_000, "a");
    const reading = readRequests([bytes(`GET / HTTP/1.1\r\n${H}X: `), endless]);
    expect(reading.fault).toBe("head_too_large");
  });

  it("names a clause and a status for every fault", () => {
    for (const code of Object.keys(FAULTS) as FaultCode[]) {
      expect(FAULTS[code].status).toBeGreaterThanOrEqual(400);
      expect(describeFault(code)).toMatch(/^[a-z0-9_]+: .+ \(RFC \d{4} §[\d.]+\)$/);
    }
  });
});
