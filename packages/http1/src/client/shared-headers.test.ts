// Headers that were joined before are sent as those that were not: over real sockets, requests that resemble each other, each with
// headers that others were sent with and with new ones.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SharedHeaders } from "../codec/shared-headers.js";
import { fetchOnce } from "../testing/collect.js";
import { seededPick } from "../testing/corpus.js";
import { RawOrigin } from "../testing/raw-origin.js";
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

  it("are sent as with headers that were never sent before", async () => {
    const pick = seededPick(13);
    const seasoned = newPool();
    const lists = [["x-a", "1"], ["x-a", "2", "x-b", "\ttab\xe9"], [], ["bad name", "1"], ["x-c", "a\nb"]];
    const fields = lists.map((list) => new SharedHeaders(list));
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
      const sharedHeaders = [...(changed.sharedHeaders ?? []), more];
      const anew = sharedHeaders.map(({ list }) => new SharedHeaders(list));
      const expected = await sent(fresh, { ...changed, headers, sharedHeaders: anew });
      fresh.destroy();
      const got = await sent(seasoned, { ...changed, headers, sharedHeaders });
      expect({ changed, headers, more, got }).toEqual({
        changed,
        headers,
        more,
        got: expected,
      });
    }
    seasoned.destroy();
  });

  it("carry no injected line, however often the shared headers were right", async () => {
    const pool = newPool();
    const sharedHeaders = [new SharedHeaders(["x-shared", "s"])];
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
