// Headers that many messages have. They are checked and joined once, and not for each message that is sent with them.

import { flatText, requestHeaderText, responseHeaderText } from "./head-text.js";

/** Of requests. */
export class SharedHeaders {
  /** Flat `name, value, name, value, …`, in order. Never changed. */
  readonly list: readonly string[];
  readonly #join: (list: readonly string[]) => string | null;
  /** Null: not joined yet, or a name is refused. */
  #text: string | null = null;
  #isFlat = false;

  constructor(list: readonly string[], join = requestHeaderText) {
    this.list = list;
    this.#join = join;
  }

  /**
   * Each header with its line end in front; null when a name is refused. In one piece from the second use on: headers
   * of a single message cost no copy.
   */
  get text(): string | null {
    if (this.#isFlat) return this.#text;
    if (this.#text === null) {
      this.#text = this.#join(this.list);
    } else {
      this.#text = flatText(this.#text);
      this.#isFlat = true;
    }
    return this.#text;
  }
}

/** Of responses, which may have names that requests may not. */
export class ResponseHeaders extends SharedHeaders {
  /** Among them is a `Date`. */
  readonly hasDate: boolean;

  constructor(list: readonly string[]) {
    super(list, responseHeaderText);
    this.hasDate = hasDate(list);
  }
}

/** Names from the codec are lower case and interned, so this compares pointers. */
function hasDate(list: readonly string[]): boolean {
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i]!;
    if (name === "date" || (name.length === 4 && name.toLowerCase() === "date")) return true;
  }
  return false;
}
