// Requests whose start is taken from the cache are equal to written ones: over real sockets, requests that
// resemble each other, each written by a pool that has written the others and by one that has written nothing.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Fields } from "../codec/fields.js";
import { fetchOnce } from "../testing/collect.js";
import { seededPick } from "../testing/corpus.js";
import { RawOrigin } from "../testing/raw-origin.js";
import { LastRequestStart } from "./request-start.js";
import type { UpstreamRequest } from "./upstream-client.js";
import { Http1Pool } from "./upstream-pool.js";

const RUNS = 600;

describe("requests that resemble each other", () => {
  let received = "";
  let origin: RawOrigin;
  beforeAll(async () => {
    origin = await RawOrigin.start((connection) => {
      received += connection.received;
      connection.received = "";
      connection.socket.write("HTTP/1.1 204 No Content\r\n\r\n");
    });
  });
  afterAll(() => origin[Symbol.asyncDispose]());

  const newPool = (): Http1Pool => new Http1Pool({ host: "127.0.0.1", port: origin.port });

  /** What arrives of a request, and how it ended. */
  async function sent(
    pool: Http1Pool,
    request: Partial<UpstreamRequest>,
  ): Promise<readonly [string, string]> {
    received = "";
    const { error, status } = await fetchOnce(pool, request);
    return [received, error?.code ?? String(status)];
  }

  it("are written as by a pool that has written nothing before", async () => {
    const pick = seededPick(13);
    const seasoned = newPool();
    const lists = [["x-a", "1"], ["x-a", "2", "x-b", "\ttab\xe9"], [], ["bad name", "1"], ["x-c", "a\nb"]];
    const fields = lists.map((list) => new Fields(list));
    let request: Partial<UpstreamRequest> = {};
    for (let run = 0; run < RUNS; run++) {
      // Each for a while, or changed in one place.
      if (run % 6 === 0) {
        request = {
          method: ["GET", "POST", "DELETE"][pick(3)]!,
          path: ["/", "/a?b=c", "/a b", "/a\r\nx: y"][pick(8) < 6 ? pick(2) : pick(4)]!,
          sharedHeaders: [fields[pick(8) < 7 ? pick(3) : pick(5)]!, fields[pick(3)]!].slice(pick(2)),
        };
      }
      const more = fields[pick(9) < 8 ? pick(3) : pick(5)]!;
      const headers = pick(9) === 0 ? ["x-own", "1\r\nx-injected: 1"] : ["x-own", String(pick(3))];
      const changed = pick(5) === 0 ? { ...request, method: "PUT" } : request;
      const fresh = newPool();
      const sharedHeaders = (changed.sharedHeaders ?? []).map(({ list }) => new Fields(list));
      const expected = await sent(fresh, {
        ...changed,
        headers,
        sharedHeaders,
        fields: new Fields(more.list),
      });
      fresh.destroy();
      const got = await sent(seasoned, { ...changed, headers, fields: more });
      expect({ changed, headers, more, got }).toEqual({
        changed,
        headers,
        more,
        got: expected,
      });
    }
    seasoned.destroy();
  });

  it("carry no injected line, however often the start was right", async () => {
    const pool = newPool();
    const sharedHeaders = [new Fields(["x-shared", "s"])];
    for (let i = 0; i < 5; i++) {
      expect(await sent(pool, { sharedHeaders, headers: ["x-own", "o"] })).toEqual([
        `GET / HTTP/1.1\r\nhost: 127.0.0.1:${origin.port}\r\nx-shared: s\r\nx-own: o\r\n\r\n`,
        "204",
      ]);
      for (const value of ["o\r\nx: y", "o\ny", "\0", "o\r"])
        expect(await sent(pool, { sharedHeaders, headers: ["x-own", value] })).toEqual([
          "",
          "request_refused",
        ]);
    }
    pool.destroy();
  });
});

describe("the last start", () => {
  const sharedHeaders = [new Fields(["x-a", "1"])];
  sharedHeaders[0]!.derived = "\r\nx-a: 1";
  /** Whether it was found. */
  const ask = (last: LastRequestStart, path: string): boolean => {
    const found = last.find("GET", path, sharedHeaders) !== null;
    if (!found) last.keep("GET", path, sharedHeaders, `GET ${path} HTTP/1.1\r\nhost: a\r\nx-a: 1`, 3);
    return found;
  };

  it("is found while few others come between, and soon again after many that were new", () => {
    const last = new LastRequestStart();
    expect([1, 2, 3].map(() => ask(last, "/a"))).toEqual([false, true, true]);
    for (let round = 0; round < 20; round++)
      expect(["/b", "/b", "/a", "/a"].map((path) => ask(last, path))).toEqual([false, true, false, true]);
    for (let i = 0; i < 1_000; i++) expect(ask(last, `/new/${i}`)).toBe(false);
    let missed = 0;
    while (!ask(last, "/a")) missed++;
    expect(missed).toBeLessThan(33);
    expect([1, 2, 3].map(() => ask(last, "/a"))).toEqual([true, true, true]);
  });
});
