// HOT. The field section of a request as it was read, and the memory of the last one of a connection: a client that
// goes on asking says the same lines again and again, behind another request line.

import type { Fields } from "./fields.js";
import { LastBytes } from "./last-bytes.js";

/** What the field section of an HTTP/1.1 request says. Never changed, and shared by all requests that say the same. */
export interface FieldSection {
  readonly fields: Fields;
  /** -1 when there is none. */
  readonly contentLength: number;
  readonly chunked: boolean;
  readonly connectionClose: boolean;
  readonly connectionKeepAlive: boolean;
  readonly connectionNames: readonly string[];
  readonly expectContinue: boolean;
  /** Index of the field `Host`; -1 when there is none. */
  readonly hostField: number;
}

export class LastFieldSection {
  section: FieldSection | null = null;
  readonly #last = new LastBytes();

  /** @returns the offset behind `section`, or -1 when it does not stand at `from` */
  find(bytes: Buffer, from: number, end: number): number {
    return this.#last.find(bytes, from, end);
  }

  /** A section that was read from `bytes[from, to)`. */
  keep(bytes: Buffer, from: number, to: number, read: { toSection(): FieldSection }): void {
    this.section = this.#last.keep(bytes, from, to) ? read.toSection() : null;
  }

  /** Called with each tick. */
  age(): void {
    if (!this.#last.age()) this.section = null;
  }
}
