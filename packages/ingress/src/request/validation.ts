/**
 * A request against its operation: its head, then its body when it is whole. What would hold up other requests is
 * left to the pool. Only for routes that ask for it.
 */

import type { Fields } from "@latchkey/http1";
import type {
  RequestHead as CheckedHead,
  CheckPool,
  InlineVerdict,
  OperationChecker,
  PoolVerdict,
  ResponseHead,
} from "@latchkey/validation";
import type { FrontRequest } from "../http/front-request.js";
import type { CompiledRoute } from "../table/compiled-api.js";
import type { RequestScan } from "./request-scan.js";

/** The head as the validator wants it. */
export function checkedHead(
  request: FrontRequest,
  scan: RequestScan,
  query: string,
  route: CompiledRoute,
  parameterValues: readonly string[],
): CheckedHead {
  return {
    method: request.head.method,
    contentType: scan.contentType,
    contentEncoding: scan.contentEncoding,
    query,
    path: parameterValues.map((text, i) => [route.path.parameterNames[i] ?? "", text] as const),
    headers: request.head.fields.list,
    hasBody: request.head.bodyLength !== 0,
  };
}

/** The head of a response as the validator wants it. */
export function checkedResponseHead(status: number, fields: Fields, hasBody: boolean): ResponseHead {
  const { list } = fields;
  let contentType: string | null = null;
  let contentEncoding: string | null = null;
  for (let i = 0; i < list.length; i += 2) {
    const value = list[i + 1] as string;
    if (list[i] === "content-type") contentType = value;
    else if (list[i] === "content-encoding")
      contentEncoding = contentEncoding === null ? value : `${contentEncoding}, ${value}`;
  }
  return { status, contentType, contentEncoding, headers: list, hasBody };
}

/** Null: it fits. `unusable`: a schema is no schema. */
export type CheckVerdict = PoolVerdict;

export class RequestCheck {
  readonly #checker: OperationChecker | "unusable";
  readonly #head: CheckedHead;
  /** Each API and key has its own place in the pool's queue. */
  readonly #api: string;
  readonly #key: string;

  constructor(checker: OperationChecker | "unusable", head: CheckedHead, api: string, key: string) {
    this.#checker = checker;
    this.#head = head;
    this.#api = api;
    this.#key = key;
  }

  /** The content type comes first, since nothing can be said of a body that nobody reads. */
  headNow(): InlineVerdict | "unusable" {
    const validator = inlineOf(this.#checker);
    return validator === "unusable" ? "unusable" : validator.request.checkHead(this.#head);
  }

  /** After `headNow` said "later". */
  headLater(pool: CheckPool, isWanted: () => boolean): Promise<CheckVerdict> {
    if (this.#checker === "unusable") return Promise.resolve("unusable");
    return pool.check(this.#api, this.#key, this.#checker, this.#head, null, isWanted);
  }

  /** Whether the body has to be read whole and checked, instead of being streamed. */
  get needsBody(): boolean {
    const validator = inlineOf(this.#checker);
    return validator !== "unusable" && validator.request.needsBody(this.#head);
  }

  bodyNow(bytes: Uint8Array): InlineVerdict | "unusable" {
    const validator = inlineOf(this.#checker);
    return validator === "unusable" ? "unusable" : validator.request.checkBody(this.#head, bytes);
  }

  /** After `bodyNow` said "later". The bytes belong to the pool from then on. */
  bodyLater(pool: CheckPool, bytes: Uint8Array, isWanted: () => boolean): Promise<CheckVerdict> {
    if (this.#checker === "unusable") return Promise.resolve("unusable");
    return pool.check(this.#api, this.#key, this.#checker, this.#head, bytes, isWanted);
  }
}

export function inlineOf(checker: OperationChecker | "unusable"): OperationChecker["inline"] {
  return checker === "unusable" ? "unusable" : checker.inline;
}
