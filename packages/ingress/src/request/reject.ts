/** The one place that turns an error code into a response: problem+json (RFC 9457), with a header that says who speaks. */
import { STATUS_CODES } from "node:http";
import {
  errorSpec,
  GATEWAY_ERROR_FIELD,
  type IngressErrorCode,
  ingressErrorCodes,
  PROBLEM_CONTENT_TYPE,
  PROBLEM_TYPE_PREFIX,
  type ProblemItem,
  problemOf,
} from "@latchkey/core";
import type { EngineRefusalCode } from "../fronts/engine-refusal-code.js";
import type { EngineRefusal, FrontRequest } from "../fronts/front-request.js";
import type { LimitStep } from "../limits/limit-step.js";
import type { RequestLimits } from "../limits/rate-limiter.js";
import { INTERCHANGE_ID } from "./interchange-id.js";
import type { Uuids } from "./uuids.js";

/** Most of what is refused for now passes within a moment; a rate limit or a quota says by itself when. */
const RETRY_AFTER_SECONDS = 1;
const RETRIED_SOON: ReadonlySet<IngressErrorCode> = new Set<IngressErrorCode>([
  "key.concurrency_limited",
  "subscription.concurrency_limited",
]);

export interface RejectOptions {
  readonly detail?: string | undefined;
  readonly errors?: readonly ProblemItem[] | undefined;
  /** Flat; added to the response. */
  readonly headers?: readonly string[] | undefined;
  /** The connection is not fit for another request. */
  readonly close?: boolean | undefined;
}

/** What a response needs to know of the request. */
export interface RejectedRequest {
  readonly request: FrontRequest;
  /** Characters that JSON needs no escape for. */
  readonly interchangeId: string;
  /** Flat; added to the response. */
  readonly corsLines: readonly string[];
  /** What it was counted against; null: nothing. */
  readonly limits: readonly RequestLimits[] | null;
  respondsItself(bodyBytes: number): void;
}

interface Prebuilt {
  readonly status: number;
  readonly statusText: string;
  readonly headers: string[];
  /** The body up to the request's id, which is a plain token. */
  readonly bodyStart: string;
}

const NO_OPTIONS: RejectOptions = {};
const BODY_END = '"}';

export class Rejecter {
  readonly #prebuilt = new Map<IngressErrorCode, Prebuilt>();
  readonly #uuids: Uuids;
  readonly #limits: LimitStep;

  /** @param keyHeader for the challenge of a 401 */
  constructor(keyHeader: string, uuids: Uuids, limits: LimitStep) {
    this.#uuids = uuids;
    this.#limits = limits;
    for (const code of ingressErrorCodes) this.#prebuilt.set(code, prebuild(code, keyHeader));
  }

  /** @returns the status */
  reject(rejected: RejectedRequest, code: IngressErrorCode, options: RejectOptions = NO_OPTIONS): number {
    const { request, interchangeId: requestId, corsLines, limits } = rejected;
    const { status, statusText, headers, bodyStart } = this.#prebuilt.get(code) as Prebuilt;
    const isPlain = options.detail === undefined && options.errors === undefined;
    const text = isPlain
      ? bodyStart + requestId + BODY_END
      : JSON.stringify(problemOf(code, { detail: options.detail, errors: options.errors, requestId }));
    const hasOwnHeaders = options.headers !== undefined || corsLines.length > 0 || limits !== null;
    const all = hasOwnHeaders ? headers.concat(options.headers ?? [], corsLines) : headers;
    if (limits !== null) this.#limits.pushHeaders(all, limits);
    request.setOwnLine(INTERCHANGE_ID, requestId);
    // What was made here is ASCII; a detail or a path in `errors` may be anything.
    const body = isPlain ? text : Buffer.from(text);
    rejected.respondsItself(body.length);
    request.respond(status, statusText, all, body, options.close === true);
    return status;
  }

  statusOf(code: IngressErrorCode): number {
    return (this.#prebuilt.get(code) as Prebuilt).status;
  }

  /** For engines that refuse before there is a request, and before a client's own id is read. */
  engineRefusal(code: EngineRefusalCode, detail?: string): EngineRefusal {
    const { status, statusText, headers } = this.#prebuilt.get(code) as Prebuilt;
    const requestId = this.#uuids.next();
    return {
      code,
      interchangeId: requestId,
      status,
      statusText,
      headers: [...headers, INTERCHANGE_ID, requestId],
      body: Buffer.from(JSON.stringify(problemOf(code, { detail, requestId }))),
    };
  }
}

function prebuild(code: IngressErrorCode, keyHeader: string): Prebuilt {
  const { status, title } = errorSpec(code);
  const headers = [
    "content-type",
    PROBLEM_CONTENT_TYPE,
    "cache-control",
    "no-store",
    GATEWAY_ERROR_FIELD,
    code,
  ];
  // RFC 9110 §15.5.2: a 401 names a challenge. The scheme has no registered name.
  if (status === 401)
    headers.push("www-authenticate", code === "token.invalid" ? "Bearer" : `ApiKey header="${keyHeader}"`);
  if (status === 503 || RETRIED_SOON.has(code)) headers.push("retry-after", String(RETRY_AFTER_SECONDS));
  const problem = JSON.stringify({ type: PROBLEM_TYPE_PREFIX + code, title, status, code, requestId: "" });
  return {
    status,
    statusText: STATUS_CODES[status] ?? "",
    headers,
    bodyStart: problem.slice(0, -BODY_END.length),
  };
}
