// Requests that are taken from a connection's caches are equal to parsed ones.

import { describe, expect, it } from "vitest";
import { mutate, REQUEST_SEEDS, seededPick } from "../testing/corpus.js";
import { readRequests, TEST_RULES } from "../testing/read-messages.js";
import { HEAD_REFUSED } from "./head-parser.js";
import { RequestParser } from "./request-parser.js";

const RUNS = 4_000;
describe("requests that resemble each other", () => {
  it("are read as by a parser that has read nothing before", () => {
    const pick = seededPick(12);
    const complete = REQUEST_SEEDS.filter(
      (seed) => readRequests([Buffer.from(seed, "latin1")]).fault === null,
    );
    expect(complete.length).toBeGreaterThan(5);
    for (let run = 0; run < RUNS; run++) {
      const seed = complete[pick(complete.length)]!;
      const raw = pick(3) === 0 ? seed.replace(" /", " /another") : mutate(seed, pick);
      const before = readRequests([Buffer.from(seed, "latin1")]);
      const alone = readRequests([Buffer.from(raw, "latin1")]);
      const all = Buffer.from(seed.repeat(3) + raw, "latin1");
      const cut = seed.length * 3 + pick(raw.length + 1);
      for (const pieces of [[all], [all.subarray(0, cut), all.subarray(cut)]]) {
        const { messages, fault } = readRequests(pieces);
        const expected = [...before.messages, ...before.messages, ...before.messages, ...alone.messages];
        expect({ raw, messages, fault }).toEqual({ raw, messages: expected, fault: alone.fault });
      }
    }
  });

  it("share their lines, and all that the lines say", () => {
    const parser = new RequestParser(TEST_RULES);
    const parsed: unknown[] = [];
    const lists = new Set<readonly string[]>();
    for (const path of ["/1", "/2?q", "/3", "/4", "http://b.example/5"]) {
      const raw = `POST ${path} HTTP/1.1\r\nHost: a.example\r\nConnection: close, X-B\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab`;
      const bytes = Buffer.from(raw, "latin1");
      expect(parser.parse(bytes, 0, bytes.length)).toBe(bytes.length - 2);
      const { contentLength, chunked, connectionClose, connectionNames, expectContinue, host } = parser;
      parsed.push([contentLength, chunked, connectionClose, connectionNames, expectContinue, host]);
      lists.add(parser.headers);
      parser.reset();
    }
    const usual = [2, false, true, ["x-b"], true, "a.example"];
    expect(parsed).toEqual([usual, usual, usual, usual, [...usual.slice(0, 5), "b.example"]]);
    expect(lists.size).toBe(2); // the first is not kept
  });

  it("have their own request line, in front of any header block", () => {
    const parser = new RequestParser(TEST_RULES);
    const read = (line: string, key: number): readonly string[] => {
      const bytes = Buffer.from(`${line}\r\nHost: a\r\nX-Key: ${key}\r\n\r\n`, "latin1");
      parser.reset();
      expect(parser.parse(bytes, 0, bytes.length)).toBe(bytes.length);
      expect(parser.headers.at(-1)).toBe(String(key));
      return [parser.method, parser.path, parser.query, parser.host];
    };
    const lines = [
      ["PUT /a/b?key=1&x HTTP/1.1", ["PUT", "/a/b", "key=1&x", "a"]],
      ["PUT /a/b?key=2&x HTTP/1.1", ["PUT", "/a/b", "key=2&x", "a"]],
      ["GET /a/b HTTP/1.1", ["GET", "/a/b", "", "a"]],
      ["GET /a/b? HTTP/1.1", ["GET", "/a/b", "", "a"]],
      ["GET http://b.example/a HTTP/1.1", ["GET", "/a", "", "b.example"]],
      ["OPTIONS * HTTP/1.1", ["OPTIONS", "*", "", "a"]],
      ["GET /a/b HTTP/1.0", ["GET", "/a/b", "", "a"]],
      ["\r\nGET /a/b HTTP/1.1", ["GET", "/a/b", "", "a"]],
    ] as const;
    let key = 0;
    for (const [line, expected] of lines)
      for (let i = 0; i < 4; i++) expect(read(line, key++)).toEqual(expected);
    const pick = seededPick(14);
    for (let run = 0; run < RUNS; run++) {
      const [line, expected] = lines[pick(3) === 0 ? pick(lines.length) : run % 2]!;
      expect(read(line, key++)).toEqual(expected);
    }
  });

  it("are not let in without a Host because the last one had one", () => {
    const parser = new RequestParser(TEST_RULES);
    const parse = (raw: string): number => {
      parser.reset();
      return parser.parse(Buffer.from(raw, "latin1"), 0, raw.length);
    };
    const good = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
    for (let i = 0; i < 3; i++) expect(parse(good)).toBe(good.length);
    expect(parse("GET /a HTTP/1.1\r\nX: a\r\n\r\n")).toBe(HEAD_REFUSED);
    expect(parser.fault).toBe("host_missing");
    expect(parser.method).toBe("GET");
  });

  it("are read anew in HTTP/1.0, where some lines mean something else", () => {
    const parser = new RequestParser(TEST_RULES);
    const read = (version: string): boolean => {
      const bytes = Buffer.from(`GET / HTTP/${version}\r\nHost: a\r\nExpect: 100-continue\r\n\r\n`, "latin1");
      parser.reset();
      expect(parser.parse(bytes, 0, bytes.length)).toBe(bytes.length);
      return parser.expectContinue;
    };
    expect(["1.1", "1.1", "1.1", "1.0", "1.0", "1.1"].map(read)).toEqual([
      true,
      true,
      true,
      false,
      false,
      true,
    ]);
  });
});
