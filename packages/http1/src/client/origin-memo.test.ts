// A warm memo changes nothing but the work: over real sockets, responses that resemble each other, each read by a pool
// that has read the others and by one that has read nothing.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ResponseHead } from "../codec/response-head.js";
import { wordBuffer } from "../codec/word-buffer.js";
import { fetchOnce } from "../testing/collect.js";
import { mutate, RESPONSE_SEEDS, seededPick } from "../testing/corpus.js";
import { RawOrigin } from "../testing/raw-origin.js";
import { OriginMemo } from "./origin-memo.js";
import { Http1Pool } from "./upstream-pool.js";

const RUNS = 1_500;
const HEAD = "HTTP/1.1 202 Accepted\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n";

function readOf(text: string): ReturnType<typeof wordBuffer> {
  const read = wordBuffer(2_048);
  read.bytes.write(text, "latin1");
  return read;
}

describe("the last head", () => {
  const head: ResponseHead = {
    status: 202,
    statusText: "Accepted",
    headers: [],
    contentLength: 2,
    chunked: false,
    persistent: true,
    keepAliveSeconds: -1,
  };

  it("is found at the start of the same bytes, whatever follows, and of no others", () => {
    for (const text of [
      HEAD,
      `${HEAD.slice(0, -4)}\r\nx: y\r\n\r\n`,
      `${HEAD.slice(0, -4)}\r\nx: yz\r\n\r\n`,
    ]) {
      const last = new OriginMemo();
      expect(last.isAtStartOf(readOf(text), text.length)).toBe(false);
      last.keep(readOf(text), text.length, head);
      expect(last.isAtStartOf(readOf(text), text.length)).toBe(true);
      expect(last.isAtStartOf(readOf(`${text}ok`), text.length + 2)).toBe(true);
      for (let end = 0; end < text.length; end++) expect(last.isAtStartOf(readOf(text), end)).toBe(false);
      for (let bit = 0; bit < text.length * 8; bit++) {
        const read = readOf(text);
        read.bytes[bit >> 3]! ^= 1 << (bit & 7);
        expect(last.isAtStartOf(read, text.length)).toBe(false);
      }
    }
  });

  it("keeps no head that is long, and few where each is new", () => {
    const last = new OriginMemo();
    last.keep(readOf("x".repeat(2_000)), 2_000, head);
    expect(last.length).toBe(0);
    let kept = 0;
    for (let i = 0; i < 1_000; i++) {
      const text = HEAD.replace("json", String(1_000 + i));
      last.keep(readOf(text), text.length, { ...head, contentLength: i });
      if (last.head?.contentLength === i) kept++;
    }
    expect(kept).toBeGreaterThan(10);
    expect(kept).toBeLessThan(100);
  });
});

describe("responses that resemble each other", () => {
  let response = Buffer.alloc(0);
  let origin: RawOrigin;
  beforeAll(async () => {
    origin = await RawOrigin.start(({ socket, received }) => {
      if (!received.endsWith("\r\n\r\n")) return;
      socket.end(response);
    });
  });
  afterAll(() => origin[Symbol.asyncDispose]());

  async function read(pool: Http1Pool, method: string): Promise<unknown> {
    const { status, statusText, headers, contentLength, body, error } = await fetchOnce(pool, { method });
    return { status, statusText, headers, contentLength, body, error: error?.code ?? null };
  }

  it("are read as by a pool that has read nothing before", async () => {
    const pick = seededPick(11);
    const seasoned = new Http1Pool({ host: "127.0.0.1", port: origin.port });
    let seed = HEAD;
    for (let run = 0; run < RUNS; run++) {
      // Each for a while: as it is, and changed in some place.
      if (run % 10 === 0) seed = RESPONSE_SEEDS[(run / 10) % RESPONSE_SEEDS.length]!;
      const raw = run % 2 === 0 ? seed : mutate(seed, pick);
      const method = run % 7 === 0 ? "HEAD" : "GET";
      response = Buffer.from(raw, "latin1");
      const fresh = new Http1Pool({ host: "127.0.0.1", port: origin.port });
      const expected = await read(fresh, method);
      fresh.destroy();
      expect({ raw, method, got: await read(seasoned, method) }).toEqual({ raw, method, got: expected });
    }
    seasoned.destroy();
  });

  it("share their lines when their heads are the same", async () => {
    const pool = new Http1Pool({ host: "127.0.0.1", port: origin.port });
    const lists = new Set<readonly string[]>();
    for (const body of ["ok", "no", "ok"]) {
      response = Buffer.from(HEAD + body, "latin1");
      const got = await fetchOnce(pool);
      expect([got.status, got.statusText, got.body]).toEqual([202, "Accepted", body]);
      lists.add(got.headers);
    }
    expect(lists.size).toBe(1);
    pool.destroy();
  });
});
