// That the memory of a connection's last field section changes nothing but the work.

import { describe, expect, it } from "vitest";
import { arrivals } from "./arrivals.js";
import { type FieldSection, LastFieldSection } from "./field-section.js";
import { Fields } from "./fields.js";
import { RequestParser } from "./request-parser.js";
import { mutate, REQUEST_SEEDS, seededPick } from "./testing/corpus.js";
import { readRequests, TEST_RULES } from "./testing/read-messages.js";

const RUNS = 4_000;
const LINES = "Host: a.example\r\nConnxio-Api-Key: lk_0123456789\r\nAccept: */*\r\n\r\n";

const section = (contentLength = -1): FieldSection => ({
  fields: new Fields([]),
  contentLength,
  chunked: false,
  connectionClose: false,
  connectionKeepAlive: false,
  connectionNames: [],
  expectContinue: false,
  hostField: 0,
});

/** Keeps a section; the first of a connection never is. */
function keeping(text: string, last = new LastFieldSection()): LastFieldSection {
  const bytes = Buffer.from(text, "latin1");
  for (let i = 0; i < 2; i++) last.keep(bytes, 0, bytes.length, { toSection: () => section() });
  return last;
}

describe("the last field section", () => {
  it.each([
    ["what arrived", arrivals],
    ["another buffer", Buffer.alloc(4_096)],
  ])("is found wherever it stands in %s, whatever follows, and nothing else is", (_name, bytes) => {
    for (const text of [LINES, `X: 1\r\n${LINES}`, `X: 12\r\n${LINES}`, `X: 123\r\n${LINES}`, "\r\n"]) {
      const last = keeping(text);
      for (let from = 400; from < 404; from++) {
        bytes.fill("z", 0, 1_024);
        bytes.write(text, from, "latin1");
        const end = from + text.length;
        expect(last.find(bytes, from, end)).toBe(end);
        expect(last.find(bytes, from, end + 100)).toBe(end);
        expect(last.find(bytes, from - 1, end)).toBe(-1);
        expect(last.find(bytes, from + 1, end + 1)).toBe(-1);
        for (let short = from; short < end; short++) expect(last.find(bytes, from, short)).toBe(-1);
        for (let bit = 0; bit < text.length * 8; bit++) {
          const at = from + (bit >> 3);
          bytes[at]! ^= 1 << (bit & 7);
          expect(last.find(bytes, from, end)).toBe(-1);
          bytes[at]! ^= 1 << (bit & 7);
        }
      }
    }
  });

  it("is not kept where it is long, the first, or has not come again for a while", () => {
    const bytes = Buffer.from(LINES, "latin1");
    const find = (last: LastFieldSection): number => last.find(bytes, 0, bytes.length);
    const first = new LastFieldSection();
    first.keep(bytes, 0, bytes.length, { toSection: () => section() });
    expect(find(first)).toBe(-1);
    const long = `X: ${"y".repeat(1_024)}\r\n${LINES}`;
    expect(keeping(long).find(Buffer.from(long), 0, long.length)).toBe(-1);

    const last = keeping(LINES);
    for (let tick = 0; tick < 20; tick++) last.age();
    expect(find(last)).toBe(bytes.length);
    for (let tick = 0; tick < 21; tick++) last.age();
    expect(find(last)).toBe(-1);
    expect(last.section).toBeNull();
  });

  it("is kept for few where each is new", () => {
    const last = new LastFieldSection();
    let kept = 0;
    for (let i = 0; i < 1_000; i++) {
      const bytes = Buffer.from(LINES.replace("*/*", String(1_000 + i)), "latin1");
      last.keep(bytes, 0, bytes.length, { toSection: () => section(i) });
      if (last.section?.contentLength === i) kept++;
    }
    expect(kept).toBeGreaterThan(10);
    expect(kept).toBeLessThan(100);
  });
});

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
    const said: unknown[] = [];
    const lists = new Set<Fields>();
    for (const path of ["/1", "/2?q", "/3", "/4", "http://b.example/5"]) {
      const raw = `POST ${path} HTTP/1.1\r\nHost: a.example\r\nConnection: close, X-B\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab`;
      const bytes = Buffer.from(raw, "latin1");
      expect(parser.parse(bytes, 0, bytes.length)).toBe(bytes.length - 2);
      const { contentLength, chunked, connectionClose, connectionNames, expectContinue, host } = parser;
      said.push([contentLength, chunked, connectionClose, connectionNames, expectContinue, host]);
      lists.add(parser.fields);
      expect(parser.fields.list).toBe(parser.headers);
      parser.reset();
    }
    const usual = [2, false, true, ["x-b"], true, "a.example"];
    expect(said).toEqual([usual, usual, usual, usual, [...usual.slice(0, 5), "b.example"]]);
    expect(lists.size).toBe(2); // the first is not kept
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
