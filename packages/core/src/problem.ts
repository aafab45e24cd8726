/** RFC 9457 problem details: the public half of an error as bytes. Never carries internal text. */
import { errorSpec, type IngressErrorCode } from "./error-codes.js";

/** Stable prefix of `type`; a URN, since no page is promised at a URL of ours (RFC 9457 §3.1.1). */
export const PROBLEM_TYPE_PREFIX = "urn:latchkey:problem:";

export const PROBLEM_CONTENT_TYPE = "application/problem+json";

/** One pointer into what the client sent, for 400 and 422. */
export interface ProblemItem {
  /** RFC 6901 pointer, prefixed by where: `body`, `query`, `path`, `header`, `cookie`. */
  readonly in: "body" | "query" | "path" | "header" | "cookie";
  readonly pointer: string;
  readonly detail: string;
}

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: IngressErrorCode;
  readonly detail?: string;
  readonly requestId?: string;
  readonly errors?: readonly ProblemItem[];
}

export interface ProblemOptions {
  readonly detail?: string | undefined;
  /** The InterchangeId of the request, so that a user can name it to the operator. */
  readonly requestId?: string | undefined;
  readonly errors?: readonly ProblemItem[] | undefined;
}

/** The problem of a code; `type` is `urn:latchkey:problem:<code>`. */
export function problemOf(code: IngressErrorCode, options: ProblemOptions = {}): Problem {
  const spec = errorSpec(code);
  return {
    type: PROBLEM_TYPE_PREFIX + code,
    title: spec.title,
    status: spec.status,
    code,
    ...(options.detail === undefined ? {} : { detail: options.detail }),
    ...(options.requestId === undefined ? {} : { requestId: options.requestId }),
    ...(options.errors === undefined ? {} : { errors: options.errors }),
  };
}
