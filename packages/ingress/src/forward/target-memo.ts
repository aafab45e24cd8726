/** What the pool of an origin remembers of its responses, beside what http1 does. */
import { OriginMemo } from "@latchkey/http1";
import { type EndToEndHead, endToEndOf } from "./headers.js";

export class TargetMemo extends OriginMemo {
  /** Caches: the end-to-end headers of `head`. Bound and invalid: with it. Gain: with it. */
  #endToEnd: EndToEndHead | null = null;
  #received: readonly string[] | null = null;

  /** @param received of a response; its head was read before if it is the same list */
  endToEndOf(received: readonly string[]): EndToEndHead {
    if (this.#endToEnd !== null && this.#received === received) return this.#endToEnd;
    const endToEnd = endToEndOf(received);
    if (this.head?.headers === received) {
      this.#endToEnd = endToEnd;
      this.#received = received;
    }
    return endToEnd;
  }
}
