/**
 * Where the attempts of one request went, how long each took, and why those that failed did: for the
 * message trail. Counts nothing and decides nothing.
 */
import type { IngressErrorCode } from "@latchkey/core";
import type { OutgoingRequest } from "@latchkey/http1";

import type { RequestContext } from "../request/request-context.js";
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
  /** Since the request's arrival, as all times here. */
  #startedUs = 0;
  /** -1: no response. */
  #respondedUs = -1;
  #status = 0;
  #over: RequestAttempt[] | null = null;
  readonly #context: RequestContext;

  constructor(context: RequestContext) {
    this.#context = context;
  }

  /** An attempt was dispatched. @param startedUs before it was: its wait for a connection is part of it */
  begin(target: Target, request: OutgoingRequest, startedUs: number): void {
    this.#target = target;
    this.#request = request;
    this.#startedUs = startedUs;
    this.#respondedUs = -1;
    this.#status = 0;
  }

  /** The head of the response is here. */
  responded(status: number): void {
    this.#status = status;
    this.#respondedUs = this.#context.elapsedUs();
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
    const startedUs = this.#startedUs;
    return {
      url: url.slice(0, URL_CHARS_MAX),
      startedUs: uint32(startedUs),
      waitUs: uint32(Math.round((this.#request?.waitedMs ?? 0) * 1_000)),
      connectUs: uint32(Math.round((this.#request?.connectMs ?? 0) * 1_000)),
      firstByteUs: this.#respondedUs < 0 ? 0 : Math.max(1, uint32(this.#respondedUs - startedUs)),
      durationUs: uint32(this.#context.elapsedUs() - startedUs),
      status: this.#status,
      errorCode: code ?? "",
    };
  }
}

function uint32(us: number): number {
  return Math.min(Math.max(0, us), UINT32_MAX);
}
