// HOT. The request line as it was read, and the memory of the last one of a connection: a client of a webhook says the
// same one again and again.

import { flatText } from "./head-text.js";
import { LastBytes } from "./last-bytes.js";

/** What a request line in origin-form says, of HTTP/1.1. */
export interface RequestLine {
  readonly method: string;
  readonly path: string;
  /** Empty when there is none. */
  readonly query: string;
}

export class LastRequestLine {
  line: RequestLine | null = null;
  readonly #last = new LastBytes();

  /** @returns the offset behind `line`, or -1 when it does not stand at `from` */
  find(bytes: Buffer, from: number, end: number): number {
    return this.#last.find(bytes, from, end);
  }

  /** A line that was read from `bytes[from, to)`. Its texts are copied: slices would keep the head that they are of. */
  keep(bytes: Buffer, from: number, to: number, { method, path, query }: RequestLine): void {
    this.line = this.#last.keep(bytes, from, to)
      ? { method: flatText(method), path: flatText(path), query: flatText(query) }
      : null;
  }

  /** Called with each tick. */
  age(): void {
    if (!this.#last.age()) this.line = null;
  }
}
