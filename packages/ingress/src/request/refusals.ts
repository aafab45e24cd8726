/** Refuses a request before anything is forwarded: writes the response and counts it, for the key if it is known. */
import type { IngressErrorCode } from "@latchkey/core";
import type { LimitStep } from "../limits/limit-step.js";
import type { LimitRefusal } from "../limits/rate-limiter.js";
import type { Accounting } from "./accounting.js";
import type { Rejecter, RejectOptions } from "./reject.js";
import type { RequestContext } from "./request-context.js";

export class Refusals {
  readonly #rejecter: Rejecter;
  readonly #accounting: Accounting;
  readonly #limits: LimitStep;

  constructor(rejecter: Rejecter, accounting: Accounting, limits: LimitStep) {
    this.#rejecter = rejecter;
    this.#accounting = accounting;
    this.#limits = limits;
  }

  /** @returns null: nobody gets the rest of the request */
  refuse(context: RequestContext, code: IngressErrorCode, options?: RejectOptions): null {
    const status = this.#rejecter.reject(context, code, options);
    this.#accounting.refused(context, code, status);
    return null;
  }

  /** Over a rate limit or a quota. */
  refuseLimited(context: RequestContext, refusal: LimitRefusal): null {
    const headers: string[] = ["retry-after", String(refusal.retryAfterSeconds)];
    this.#limits.pushHeaders(headers, context.limits);
    return this.refuse(context, refusal.code, { headers });
  }
}
