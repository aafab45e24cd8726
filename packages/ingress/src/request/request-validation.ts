/**
 * The requests of routes with validation: head and body against the operation before anything is forwarded. The head is
 * checked at once; a body that is checked is buffered first. What takes long runs in the pool.
 */
import type { IngressErrorCode } from "@latchkey/core";
import type { CheckPool } from "@latchkey/validation";
import type { Integration } from "../forward/integration.js";
import type { ProxiedRequest } from "../forward/proxied-request.js";
import type { RequestListener } from "../fronts/front-request.js";
import type { CompiledRoute } from "../table/compiled-api.js";
import type { BufferedBytes } from "./buffered-bytes.js";
import { BufferedRequest } from "./buffered-request.js";
import type { Deferrals } from "./deferrals.js";
import type { Refusals } from "./refusals.js";
import type { RejectOptions } from "./reject.js";
import { type CheckVerdict, checkedHead, RequestCheck } from "./request-check.js";

const NO_BYTES = new Uint8Array(0);

export interface RequestValidationParts {
  readonly pool: CheckPool;
  readonly bufferedBytes: BufferedBytes;
  /** Of a body that is checked. */
  readonly bodyBytesMax: number;
  readonly deferrals: Deferrals;
  readonly refusals: Refusals;
}

export class RequestValidation {
  readonly #parts: RequestValidationParts;

  constructor(parts: RequestValidationParts) {
    this.#parts = parts;
  }

  /** @returns who gets the rest of the request; null: it was refused */
  start(proxied: ProxiedRequest): RequestListener | null {
    const { context, integration, key } = proxied;
    const { request } = context;
    const route = context.route as CompiledRoute<Integration>;
    const checker = route.operation === null ? "unusable" : route.operation.checkerFor(integration.resource);
    const check = new RequestCheck(checker, checkedHead(context), route.apiId, key.id);
    const verdict = check.headNow();
    if (verdict !== "later") return this.#afterHead(proxied, check, verdict);
    let known: CheckVerdict = null;
    const done = check
      .headLater(this.#parts.pool, () => request.state === "open")
      .then((found) => {
        known = found;
      });
    return this.#parts.deferrals.until(
      done,
      request,
      () => this.#afterHead(proxied, check, known),
      (refusal) => proxied.onAborted(refusal),
    );
  }

  #afterHead(proxied: ProxiedRequest, check: RequestCheck, verdict: CheckVerdict): RequestListener | null {
    if (verdict !== null) return this.#refuseChecked(proxied, verdict);
    if (!check.needsBody) return proxied.start(false);
    const { bodyLength } = proxied.context.request.head;
    if (bodyLength === 0) {
      const found = check.bodyNow(NO_BYTES);
      return found === null || found === "later" ? proxied.start(true) : this.#refuseChecked(proxied, found);
    }
    if (bodyLength > this.#parts.bodyBytesMax) return this.#refuse(proxied, "request.body_too_large");
    return this.#bufferBody(proxied, check);
  }

  #bufferBody(proxied: ProxiedRequest, check: RequestCheck): RequestListener {
    const { pool, bufferedBytes, bodyBytesMax } = this.#parts;
    const { integration, context } = proxied;
    const proceed = (found: CheckVerdict): void => {
      if (found === null) {
        proxied.takeOverRoom(buffered.takeRoom());
        buffered.release(proxied.start(true));
      } else {
        this.#refuseChecked(proxied, found);
        buffered.release(null);
      }
    };
    proxied.gatewayTime.waits(context.elapsedUs());
    const buffered = BufferedRequest.whole(context.request, {
      bytesMax: Math.min(bodyBytesMax, context.requestBodyBytesMax),
      room: bufferedBytes,
      subscription: integration.subscription,
      owner: {
        onBufferAborted: (refusal) => proxied.onAborted(refusal),
        onBufferNoRoom: () => this.#refuse(proxied, "gateway.overloaded"),
        onBufferTooLarge: () => this.#refuse(proxied, "request.body_too_large"),
        onBufferComplete: (body) => {
          proxied.gatewayTime.goesOn();
          const found = check.bodyNow(body);
          if (found !== "later") {
            proceed(found);
            return;
          }
          const isWanted = () => !buffered.isOver;
          void check.bodyLater(pool, body, isWanted).then((later) => {
            if (isWanted()) proceed(later);
          });
        },
      },
    });
    return buffered;
  }

  #refuseChecked(proxied: ProxiedRequest, verdict: Exclude<CheckVerdict, null>): null {
    if (verdict === "unusable") return this.#refuse(proxied, "integration.unavailable");
    if (verdict === "overloaded") return this.#refuse(proxied, "gateway.overloaded");
    return this.#refuse(proxied, verdict.code, { errors: verdict.errors });
  }

  #refuse(proxied: ProxiedRequest, code: IngressErrorCode, options?: RejectOptions): null {
    proxied.dismiss();
    return this.#parts.refusals.refuse(proxied.context, code, options);
  }
}
