import { describe, expect, it } from "vitest";
import { named, type ReadResponse, readResponse, splits, TEST_RULES } from "../testing/read-messages.js";
import type { FaultCode } from "./fault.js";

const bytes = (text: string): Buffer => Buffer.from(text, "latin1");

const ACCEPTED: readonly (readonly [string, string, Partial<ReadResponse>])[] = [
  [
    "content-length",
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab",
    { status: 200, statusText: "OK", body: "ab" },
  ],
  ["chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", { body: "ab" }],
  ["until close", "HTTP/1.1 200 OK\r\n\r\nab", { body: "ab" }],
  ["HTTP/1.0", "HTTP/1.0 404 Not Found\r\n\r\nab", { status: 404, statusText: "Not Found", body: "ab" }],
  ["empty reason", "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", { status: 200, statusText: "" }],
  [
    "reason and its space missing",
    "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
    { status: 200, statusText: "" },
  ],
  ["obs-text in the reason", "HTTP/1.1 200 \xe9\r\nContent-Length: 0\r\n\r\n", { statusText: "\xe9" }],
  ["204 with a length", "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n", { status: 204, body: "" }],
  ["304", "HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n", { status: 304, body: "" }],
  [
    "interim responses first",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
    { status: 200, headers: ["content-length", "1"], body: "a" },
  ],
];

const REFUSED: readonly (readonly [FaultCode, string])[] = [
  ["status_line_malformed", "HTTP/2.0 200 OK\r\n"],
  ["status_line_malformed", "HTTP/1.2 200 OK\r\n"],
  ["status_line_malformed", "ICY 200 OK\r\n"],
  ["status_line_malformed", "HTTP/1.1  200 OK\r\n"],
  ["status_line_malformed", "HTTP/1.1 2000 OK\r\n"],
  ["status_line_malformed", "HTTP/1.1 20 OK\r\n"],
  ["status_line_malformed", "HTTP/1.1 099 OK\r\n"],
  ["status_line_malformed", "HTTP/1.1 600 OK\r\n"],
  ["status_line_malformed", "\r\nHTTP/1.1 200 OK\r\n"],
  ["status_line_malformed", "HTTP/1.1 200 O\x00K\r\n"],
  ["line_bare_lf", "HTTP/1.1 200 OK\n\n"],
  ["line_bare_cr", "HTTP/1.1 200 OK\rX: y\r\n"],
  ["field_folded", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n"],
  ["field_space_before_colon", "HTTP/1.1 200 OK\r\nX : a\r\n\r\n"],
  ["field_value_malformed", "HTTP/1.1 200 OK\r\nX: a\x00\r\n\r\n"],
  ["framing_conflict", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"],
  ["content_length_repeated", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"],
  ["transfer_encoding_unsupported", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"],
  ["transfer_encoding_malformed", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"],
  ["transfer_encoding_in_http10", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"],
  ["head_too_large", `HTTP/1.1 200 OK\r\nX: ${"a".repeat(16_384)}`],
  ["upgrade_unasked", "HTTP/1.1 101 Switching Protocols\r\n\r\n"],
];

describe("responses", () => {
  it.each(ACCEPTED)("accepts %s", (_name, raw, expected) => {
    const whole = readResponse([bytes(raw)]);
    expect(whole.fault).toBeNull();
    expect(whole.messages[0]).toMatchObject({ ...expected, complete: true });
    for (const pieces of splits(bytes(raw))) expect(readResponse(pieces)).toEqual(whole);
  });

  it.each(named(REFUSED))("refuses with %s: %s", (fault, _name, raw) => {
    expect(readResponse([bytes(raw)]).fault).toBe(fault);
    for (const pieces of raw.length > 500 ? [] : splits(bytes(raw))) {
      expect(readResponse(pieces).fault).toBe(fault);
    }
  });

  it("has no body for HEAD, whatever the head says", () => {
    const reading = readResponse([bytes("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")], true);
    expect(reading.messages[0]).toMatchObject({ body: "", complete: true });
    expect(reading.taken).toBe("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n".length);
  });

  it("reads the Keep-Alive hint and nothing that only looks like it", async () => {
    const { ResponseParser } = await import("./response-parser.js");
    const seconds = (value: string): number => {
      const parser = new ResponseParser(TEST_RULES);
      const raw = bytes(`HTTP/1.1 200 OK\r\nKeep-Alive: ${value}\r\n\r\n`);
      parser.parse(raw, 0, raw.length);
      return parser.keepAliveSeconds;
    };
    expect([seconds("timeout=5"), seconds("max=9, timeout=12"), seconds("Timeout=0")]).toEqual([5, 12, 0]);
    expect([seconds("xtimeout=5"), seconds("timeout=-5"), seconds("timeout=5x")]).toEqual([-1, -1, -1]);
  });
});
