/** HOT. Refuses a request before anything is forwarded: writes the response and counts it, for the key if it is known. */
import type { IngressErrorCode } from "@latchkey/core";
import type { KeyLimitStep } from "../limits/key-limit-step.js";
import type { LimitRefusal } from "../limits/rate-limiter.js";
import type { KeyEntry } from "../table/key-entry.js";
import type { Accounting } from "./accounting.js";
import type { Rejecter, RejectOptions } from "./reject.js";
import type { RequestContext } from "./request-context.js";

export class Refusals {
  readonly #rejecter: Rejecter;
  readonly #accounting: Accounting;
  readonly #keyLimits: KeyLimitStep;

  constructor(rejecter: Rejecter, accounting: Accounting, keyLimits: KeyLimitStep) {
    this.#rejecter = rejecter;
    this.#accounting = accounting;
    this.#keyLimits = keyLimits;
  }

  /** @returns null: nobody gets the rest of the request */
  refuse(context: RequestContext, code: IngressErrorCode, options?: RejectOptions): null {
    const status = this.#rejecter.reject(context, code, options);
    this.#accounting.refused(context, code, status);
    return null;
  }

  /** Over the rate limit or the quota of its key. */
  refuseLimited(context: RequestContext, key: KeyEntry, refusal: LimitRefusal): null {
    const headers: string[] = ["retry-after", String(refusal.retryAfterSeconds)];
    this.#keyLimits.pushHeaders(headers, key);
    return this.refuse(context, refusal.code, { headers });
  }
}
