// The pool against undici over real sockets: the same raw responses, cut at random places. Whatever the pool delivers,
// undici delivers too; undici may deliver what the pool refuses.

import { Client } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { llhttpStricter } from "../testing/agree.js";
import { fetchOnce } from "../testing/collect.js";
import { cut, mutate, RESPONSE_SEEDS, seededPick } from "../testing/corpus.js";
import { RawOrigin } from "../testing/raw-origin.js";
import { readResponse } from "../testing/read-messages.js";
import { Http1Pool } from "./upstream-pool.js";

const RUNS = 400;
/** The response of the current run; set before each request. */
let pieces: Buffer[] = [];
let origin: RawOrigin;

beforeAll(async () => {
  origin = await RawOrigin.start(({ socket, received }) => {
    if (!received.endsWith("\r\n\r\n")) return;
    socket.setNoDelay(true);
    for (const piece of pieces) socket.write(piece);
    socket.end();
  });
});
afterAll(() => origin[Symbol.asyncDispose]());

interface Outcome {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: string;
}

async function byPool(): Promise<Outcome | null> {
  const pool = new Http1Pool({ host: "127.0.0.1", port: origin.port });
  const got = await fetchOnce(pool);
  pool.destroy();
  return got.error === null ? { status: got.status, headers: got.headers, body: got.body } : null;
}

function byUndici(): Promise<Outcome | null> {
  return new Promise((resolve) => {
    const client = new Client(`http://127.0.0.1:${origin.port}`, { maxHeaderSize: 65_536 });
    let status = 0;
    let headers: string[] = [];
    let body = "";
    const done = (outcome: Outcome | null): void => {
      resolve(outcome);
      void client.destroy();
    };
    client.dispatch(
      { method: "GET", path: "/" },
      {
        onRequestStart() {},
        onResponseStart(controller, code) {
          status = code;
          const raw = (controller as unknown as { rawHeaders: Buffer[] }).rawHeaders;
          headers = raw.map((item, i) =>
            i % 2 === 0 ? item.toString("latin1").toLowerCase() : item.toString("latin1"),
          );
        },
        onResponseData(_controller, chunk) {
          body += chunk.toString("latin1");
        },
        onResponseEnd: () => done({ status, headers, body }),
        onResponseError: () => done(null),
      },
    );
  });
}

describe("agreement with undici", () => {
  it("delivers no mutated response that undici refuses or reads in another way", async () => {
    const pick = seededPick(7);
    let delivered = 0;
    for (let run = 0; run < RUNS; run++) {
      const seed = RESPONSE_SEEDS[run % RESPONSE_SEEDS.length]!;
      // Every third response is left as it is, so that acceptance is tested as much as refusal.
      const raw = run % 3 === 0 ? seed : mutate(seed, pick);
      const bytes = Buffer.from(raw, "latin1");
      pieces = cut(bytes, pick);
      const ours = await byPool();
      if (ours === null || llhttpStricter(bytes)) continue;
      // undici 7.30 fails a 304 that says the length of what was not sent, as RFC 9110 §8.6 lets it.
      // (A 204 must not have one, and gets the same treatment there.)
      if ((ours.status === 304 || ours.status === 204) && ours.headers.includes("content-length")) continue;
      // undici drops the connection on a 100 it did not ask for; RFC 9110 §15.2 says to ignore it.
      if (/HTTP\/1\.[01] 100/.test(raw)) continue;
      delivered++;
      // Bytes behind a response make undici fail it; here only the connection is dropped.
      pieces = cut(bytes.subarray(0, readResponse([bytes]).taken), pick);
      expect({ raw, theirs: await byUndici() }).toEqual({ raw, theirs: ours });
    }
    expect(delivered).toBeGreaterThan(RUNS / 5);
  });
});
