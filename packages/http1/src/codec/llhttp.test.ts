// Differential tests against llhttp, the parser of node:http and undici. See testing/agree.ts for the promise.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { requestDisagreement, responseDisagreement } from "../testing/agree.js";
import { mutate, type Pick, REQUEST_SEEDS, RESPONSE_SEEDS } from "../testing/corpus.js";
import { fuzz } from "../testing/fuzz.js";
import { llhttpRequests, llhttpResponse } from "../testing/llhttp.js";
import { readRequests, readResponse } from "../testing/read-messages.js";

const bytes = (text: string): Buffer => Buffer.from(text, "latin1");
const RUNS = 1_500;

/** fast-check drives the choices, so that it can shrink a counterexample. */
const picks: fc.Arbitrary<Pick> = fc.array(fc.nat(), { minLength: 8, maxLength: 40 }).map((numbers) => {
  let at = 0;
  return (below) => numbers[at++ % numbers.length]! % below;
});

describe("agreement with llhttp", () => {
  it("sees the requests and responses of the corpus (the oracle works)", async () => {
    for (const seed of REQUEST_SEEDS) {
      const ours = readRequests([bytes(seed)]);
      expect(ours.fault).toBeNull();
      const oracle = await llhttpRequests(bytes(seed));
      expect(oracle.messages.length).toBe(ours.messages.length);
      expect(await requestDisagreement(bytes(seed))).toBeNull();
    }
    for (const seed of RESPONSE_SEEDS) {
      expect(readResponse([bytes(seed)]).messages[0]?.complete).toBe(true);
      expect((await llhttpResponse(bytes(seed), "GET"))?.complete).toBe(true);
      expect(await responseDisagreement(bytes(seed), "GET")).toBeNull();
    }
  });

  it("notices when a parser reads something else", async () => {
    const oracle = await llhttpRequests(bytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    expect(oracle.messages).toEqual([
      { method: "GET", url: "/", headers: ["host", "a"], body: "", complete: true },
    ]);
    expect((await llhttpRequests(bytes("GET / HTTP/1.1\r\nHost : a\r\n\r\n"))).refused).toBe(true);
  });

  it("accepts no mutated request that llhttp refuses or reads in another way", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...REQUEST_SEEDS), picks, async (seed, pick) => {
        const raw = mutate(seed, pick);
        expect([raw, await requestDisagreement(bytes(raw))]).toEqual([raw, null]);
      }),
      { numRuns: RUNS },
    );
  });

  it("accepts no mutated response that llhttp refuses or reads in another way", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...RESPONSE_SEEDS),
        fc.constantFrom("GET", "POST", "HEAD"),
        picks,
        async (seed, method, pick) => {
          const raw = mutate(seed, pick);
          expect([raw, await responseDisagreement(bytes(raw), method)]).toEqual([raw, null]);
        },
      ),
      { numRuns: RUNS },
    );
  });

  it("keeps the promises of the fuzz run, in short", async () => {
    const result = await fuzz(20_261_124, (runs) => runs < 6_000);
    expect(result.failure).toBeNull();
    expect(result.places).toBeGreaterThan(100);
  });
});
