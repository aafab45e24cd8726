/**
 * The requests of an interval that the control plane gets one by one for its message trail: failed ones first, then
 * others as long as there is room. Clients without a known key get a quarter, so that they cannot crowd out the others.
 */
import type { RecordedContent, RequestAttempt, RequestSample } from "@latchkey/proto";

export {
  RecordedBodyState,
  type RecordedContent,
  type RecordedHead,
  type RecordedPart,
} from "@latchkey/proto";
export type { RequestAttempt, RequestSample };

/** Characters of headers and bodies in an interval: about a message of the stream. */
const CONTENT_CHARS_MAX = 512 * 1024;

const KEYLESS_SHARE = 4;

export class RequestSamples {
  readonly #max: number;
  #failed: RequestSample[] = [];
  #others: RequestSample[] = [];
  #keyless = 0;
  #contentChars = 0;

  /** @param max requests in an interval */
  constructor(max: number) {
    this.#max = max;
  }

  /** Whether there is room for such a request; asked before a sample is made. */
  wants(isFailed: boolean, isKeyKnown: boolean): boolean {
    if (!isKeyKnown && this.#keyless * KEYLESS_SHARE >= this.#max) return false;
    const failed = this.#failed.length;
    return isFailed ? failed < this.#max : failed + this.#others.length < this.#max;
  }

  /** A request that was wanted. Its headers and bodies are left out where there is no room. */
  add(sample: RequestSample, isFailed: boolean): void {
    if (sample.content !== undefined) {
      this.#contentChars += charsOf(sample.content);
      // Without its request: there was no room.
      if (this.#contentChars > CONTENT_CHARS_MAX) sample.content = {};
    }
    if (sample.keyId === "") this.#keyless++;
    (isFailed ? this.#failed : this.#others).push(sample);
  }

  /** Those of the interval that ends now. */
  take(): readonly RequestSample[] {
    const others = this.#others.slice(0, this.#max - this.#failed.length);
    const taken = this.#failed.concat(others);
    this.#failed = [];
    this.#others = [];
    this.#keyless = 0;
    this.#contentChars = 0;
    return taken;
  }
}

function charsOf({ request, response, upstreamRequest, upstreamResponse }: RecordedContent): number {
  let chars = (request?.body.length ?? 0) + (response?.body.length ?? 0);
  for (const part of [request, response, upstreamRequest, upstreamResponse])
    if (part !== undefined)
      chars += part.headers.reduce((sum, { length }) => sum + length, part.target.length);
  return chars;
}
