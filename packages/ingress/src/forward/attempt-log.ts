/**
 * Where the attempts of one request went, how long each took, and why those that failed did: for the
 * message trail. Counts nothing and decides nothing.
 */
// Not the global: it is found by a getter at each use.
import { performance } from "node:perf_hooks";
import type { IngressErrorCode } from "@latchkey/core";
import type { OutgoingRequest } from "@latchkey/http1";

import type { RequestAttempt } from "../usage/request-samples.js";
import type { Target } from "./target.js";

/** The last ones are reported. */
const ATTEMPTS_MAX = 8;
const URL_CHARS_MAX = 200;
const UINT32_MAX = 0xffff_ffff;

export class AttemptLog {
  /** Of the attempt under way; null: there is none. */
  #target: Target | null = null;
  #request: OutgoingRequest | null = null;
  #startedAtMs = 0;
  /** 0: no response. */
  #respondedAtMs = 0;
  #status = 0;
  #over: RequestAttempt[] | null = null;
  readonly #arrivedAtMs: number;

  /** @param arrivedAtMs monotonic time of the request's arrival */
  constructor(arrivedAtMs: number) {
    this.#arrivedAtMs = arrivedAtMs;
  }

  /** An attempt begins; `sent` follows. */
  begin(target: Target): void {
    this.#target = target;
    this.#startedAtMs = performance.now();
    this.#respondedAtMs = 0;
    this.#status = 0;
  }

  sent(request: OutgoingRequest): void {
    this.#request = request;
  }

  /** The head of the response is here. */
  responded(status: number): void {
    this.#status = status;
    this.#respondedAtMs = performance.now();
  }

  /** The attempt is over, and the request may go on with another one. @param code null: it did not fail */
  end(code: IngressErrorCode | null): void {
    if (this.#target === null) return;
    this.#over ??= [];
    this.#over.push(this.#attemptOf(this.#target, code));
    if (this.#over.length > ATTEMPTS_MAX) this.#over.shift();
    this.#target = null;
  }

  /** In order, once the request is over. */
  attempts(): RequestAttempt[] {
    this.end(null);
    return this.#over ?? [];
  }

  #attemptOf({ text }: Target, code: IngressErrorCode | null): RequestAttempt {
    const query = text.indexOf("?");
    const url = query < 0 ? text : text.slice(0, query);
    const startedAtMs = this.#startedAtMs;
    return {
      url: url.slice(0, URL_CHARS_MAX),
      startedUs: toUs(startedAtMs - this.#arrivedAtMs),
      waitUs: toUs(this.#request?.waitedMs ?? 0),
      connectUs: toUs(this.#request?.connectMs ?? 0),
      firstByteUs: this.#respondedAtMs === 0 ? 0 : Math.max(1, toUs(this.#respondedAtMs - startedAtMs)),
      durationUs: toUs(performance.now() - startedAtMs),
      status: this.#status,
      errorCode: code ?? "",
    };
  }
}

function toUs(ms: number): number {
  return Math.min(Math.max(0, Math.round(ms * 1_000)), UINT32_MAX);
}
