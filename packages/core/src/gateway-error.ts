/** One error class for everything the ingress responds with by itself: a code for the public, a detail for the log. */
import { type ErrorSpec, errorSpec, type IngressErrorCode } from "./error-codes.js";

export interface GatewayErrorOptions {
  /** Public sentence about this very case (no inside, no secrets). */
  readonly detail?: string;
  /** For the log only. */
  readonly internal?: string;
  readonly cause?: unknown;
}

export class GatewayError extends Error {
  override readonly name = "GatewayError";
  readonly code: IngressErrorCode;
  readonly detail: string | undefined;
  readonly internal: string | undefined;

  constructor(code: IngressErrorCode, options: GatewayErrorOptions = {}) {
    super(`${code}: ${options.internal ?? errorSpec(code).title}`, { cause: options.cause });
    this.code = code;
    this.detail = options.detail;
    this.internal = options.internal;
  }

  get spec(): ErrorSpec {
    return errorSpec(this.code);
  }
}
