/**
 * One response against its route's operation, where the route asks for it: its head at once, a JSON body when it is
 * whole. Collects the body within what all waiting bodies may hold together; never touches the response.
 */
import type {
  CheckPool,
  OperationChecker,
  ResponseHead,
  ResponseIssue,
  ResponseVerdict,
} from "@latchkey/validation";
import type { InFlight } from "../limits/in-flight.js";
import type { BufferedBytes } from "../request/buffered-bytes.js";
import { inlineOf } from "../request/request-check.js";

/** The head of a response as the validator wants it. */
export function checkedResponseHead(status: number, list: readonly string[], hasBody: boolean): ResponseHead {
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

/** None: it fits. `unusable`: a schema is no schema. `overloaded`: too many checks wait. */
export type ResponseOutcome = readonly ResponseIssue[] | "unusable" | "overloaded";

export interface ResponseCheckParts {
  readonly checker: OperationChecker | "unusable";
  readonly head: ResponseHead;
  readonly pool: CheckPool;
  readonly apiId: string;
  readonly keyId: string;
  readonly room: BufferedBytes;
  /** Whose the room is. */
  readonly subscription: InFlight;
  readonly bytesMax: number;
}

export class ResponseCheck {
  readonly #parts: ResponseCheckParts;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #isDropped = false;

  constructor(parts: ResponseCheckParts) {
    this.#parts = parts;
  }

  /** What is wrong with status, content type and headers. */
  headNow(): ResponseVerdict | "unusable" {
    const { checker, head } = this.#parts;
    const validator = inlineOf(checker);
    return validator === "unusable" ? "unusable" : validator.response.checkHead(head);
  }

  /** Whether the body has to be read whole. */
  get needsBody(): boolean {
    const { checker, head } = this.#parts;
    const validator = inlineOf(checker);
    return validator !== "unusable" && validator.response.needsBody(head);
  }

  /** Keeps a copy. `too_large` and `no_room`: it did not. */
  keep(chunk: Uint8Array): "kept" | "too_large" | "no_room" {
    const { bytesMax, room, subscription } = this.#parts;
    if (this.#bytes + chunk.length > bytesMax) return "too_large";
    if (!room.take(subscription, chunk.length)) return "no_room";
    this.#bytes += chunk.length;
    this.#pieces.push(Uint8Array.prototype.slice.call(chunk));
    return "kept";
  }

  get body(): readonly Uint8Array[] {
    return this.#pieces;
  }

  get bodyBytes(): number {
    return this.#bytes;
  }

  /** The head, where `headNow` said "later", and the body. @param isWanted false: nobody waits for it any more */
  async outcome(isHeadLater: boolean, isWanted: () => boolean): Promise<ResponseOutcome> {
    const { checker, head, pool, apiId, keyId } = this.#parts;
    if (checker === "unusable") return "unusable";
    if (isHeadLater) {
      const outcome = await pool.checkResponse(apiId, keyId, checker, head, null, isWanted);
      if (typeof outcome === "string" || outcome.length > 0) return outcome;
    }
    return this.needsBody
      ? pool.checkResponse(apiId, keyId, checker, head, Buffer.concat(this.#pieces), isWanted)
      : [];
  }

  /** The same between the requests of others; "later": it takes longer than they can wait. */
  bodyNow(): ResponseVerdict | "unusable" {
    const { checker, head } = this.#parts;
    const validator = inlineOf(checker);
    if (validator === "unusable") return "unusable";
    return validator.response.checkBody(head, Buffer.concat(this.#pieces));
  }

  /** It is over: gives the room back. */
  drop(): void {
    if (this.#isDropped) return;
    this.#isDropped = true;
    this.#pieces = [];
    this.#parts.room.giveBack(this.#parts.subscription, this.#bytes);
    this.#bytes = 0;
  }
}
