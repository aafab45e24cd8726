/**
 * A request against its operation: its head, then its body when it is whole. What would hold up other requests is
 * left to the pool. Only for routes that ask for it.
 */
import type {
  RequestHead as CheckedHead,
  CheckPool,
  InlineVerdict,
  OperationChecker,
  PoolVerdict,
} from "@latchkey/validation";
import type { RequestContext } from "./request-context.js";

/** The head as the validator wants it. Of a request that has its route. */
export function checkedHead({ request, scan, query, route, parameterValues }: RequestContext): CheckedHead {
  const { head } = request;
  const names = route?.path.parameterNames ?? [];
  return {
    method: head.method,
    contentType: scan.contentType,
    contentEncoding: scan.contentEncoding,
    query: query.rest,
    path: parameterValues.map((text, i) => [names[i] ?? "", text] as const),
    headers: head.fields,
    hasBody: head.bodyLength !== 0,
  };
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
