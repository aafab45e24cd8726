// The long form of the differential tests: `npm run fuzz -w packages/http1 [-- seconds [seed]]`.
// Mutates mutations, keeps those that reach somewhere new (another fault or message count), and stops at the
// first broken promise with the bytes that broke it.

import { requestDisagreement, responseDisagreement } from "./agree.js";
import { cut, mutate, type Pick, REQUEST_SEEDS, RESPONSE_SEEDS, seededPick } from "./corpus.js";
import { type Reading, readRequests, readResponse } from "./read-messages.js";

const POOL_MAX = 2_000;
const LENGTH_MAX = 4_000;

interface Target {
  readonly pool: string[];
  readonly seen: Set<string>;
  readonly read: (
    pieces: readonly Buffer[],
  ) => Reading<{ readonly complete: boolean; readonly body: string }>;
  readonly disagreement: (bytes: Buffer, pick: Pick) => Promise<string | null>;
}

/** What kind of place an input reached. */
function signature(reading: Reading<{ readonly complete: boolean; readonly body: string }>): string {
  const bodies = reading.messages.map(({ complete, body }) => `${complete}${Math.min(body.length, 9)}`);
  return `${reading.fault} ${bodies.join(" ")}`;
}

async function fuzzOnce(target: Target, pick: Pick): Promise<string | null> {
  // Ends in a line end: within an unfinished line a fault may be seen earlier or later, depending on the cuts.
  const raw = `${mutate(target.pool[pick(target.pool.length)]!, pick).slice(0, LENGTH_MAX)}\r\n`;
  const bytes = Buffer.from(raw, "latin1");
  const whole = target.read([bytes]);
  const pieces = target.read(cut(bytes, pick));
  const same =
    whole.fault === pieces.fault && JSON.stringify(whole.messages) === JSON.stringify(pieces.messages);
  if (!same) return `cut in pieces it reads otherwise: ${JSON.stringify(raw)}`;
  const found = signature(whole);
  if (!target.seen.has(found) && target.pool.length < POOL_MAX) {
    target.seen.add(found);
    target.pool.push(raw);
  }
  const disagreement = await target.disagreement(bytes, pick);
  return disagreement === null ? null : `${disagreement}: ${JSON.stringify(raw)}`;
}

export interface FuzzResult {
  readonly runs: number;
  readonly places: number;
  readonly failure: string | null;
}

/** Runs until `goOn` says no, or a promise is broken. */
export async function fuzz(seed: number, goOn: (runs: number) => boolean): Promise<FuzzResult> {
  const pick = seededPick(seed);
  const requests: Target = {
    pool: [...REQUEST_SEEDS],
    seen: new Set(),
    read: (pieces) => readRequests(pieces),
    disagreement: (bytes) => requestDisagreement(bytes),
  };
  const responses: Target = {
    pool: [...RESPONSE_SEEDS],
    seen: new Set(),
    read: (pieces) => readResponse(pieces),
    disagreement: (bytes, choose) => responseDisagreement(bytes, choose(4) === 0 ? "HEAD" : "GET"),
  };
  let runs = 0;
  let failure: string | null = null;
  while (failure === null && goOn(runs)) {
    failure = await fuzzOnce(runs % 2 === 0 ? requests : responses, pick);
    runs++;
  }
  return { runs, places: requests.seen.size + responses.seen.size, failure };
}

if (process.argv[1]?.endsWith("testing/fuzz.ts") === true) {
  const seconds = Number(process.argv[2] ?? 30);
  const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31);
  const end = Date.now() + seconds * 1_000;
  const result = await fuzz(seed, () => Date.now() < end);
  console.log(`seed ${seed}: ${result.runs} messages, ${result.places} places reached`);
  if (result.failure !== null) {
    console.error(result.failure);
    process.exitCode = 1;
  }
}
