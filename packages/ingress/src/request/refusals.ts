/** Refuses a request before anything is forwarded: writes the response and counts it, for the key if it is known. */
import type { IngressErrorCode } from "@latchkey/core";
import type { LimitRefusal } from "../limits/rate-limiter.js";
import type { Accounting } from "./accounting.js";
import type { Rejecter, RejectOptions } from "./reject.js";
import type { RequestContext } from "./request-context.js";

export class Refusals {
  readonly #rejecter: Rejecter;
  readonly #accounting: Accounting;

  constructor(rejecter: Rejecter, accounting: Accounting) {
    this.#rejecter = rejecter;
    this.#accounting = accounting;
  }

  /** @returns null: nobody gets the rest of the request */
  refuse(context: RequestContext, code: IngressErrorCode, options?: RejectOptions): null {
    const status = this.#rejecter.reject(context, code, options);
    this.#accounting.refused(context, code, status);
    return null;
  }

  /** Over a rate limit or a quota. */
  refuseLimited(context: RequestContext, refusal: LimitRefusal): null {
    const headers = ["retry-after", String(refusal.retryAfterSeconds)];
    return this.refuse(context, refusal.code, { headers });
  }
}
