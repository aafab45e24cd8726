// Headers that many requests have. They are checked and joined once, and not for each request that is sent with them.

import { flatText, requestHeaderText } from "../codec/head-text.js";

export class SharedHeaders {
  /** Flat `name, value, name, value, …`, in order. Never changed. */
  readonly list: readonly string[];
  /** Null: not joined yet, or a name is refused. */
  #text: string | null = null;
  #isFlat = false;

  constructor(list: readonly string[]) {
    this.list = list;
  }

  /**
   * Each header with its line end in front; null when a name is refused. In one piece from the second use on: headers
   * of a single request cost no copy.
   */
  get text(): string | null {
    if (this.#isFlat) return this.#text;
    if (this.#text === null) {
      this.#text = requestHeaderText(this.list);
    } else {
      this.#text = flatText(this.#text);
      this.#isFlat = true;
    }
    return this.#text;
  }
}
