/**
 * The end of a connection whose response was handed over (RFC 9112 §9.6): what the client still sends is read for a while,
 * so that a reset does not take the response from it. Says when to close; the socket is the owner's.
 */

const LINGER_MS = 2_000;
const LINGER_BYTES_MAX = 1_048_576;

export class LingeringClose {
  readonly #close: () => void;
  #bytes = 0;
  #timer: NodeJS.Timeout;

  /** @param close called once, `ms` later unless `closeIn` says another time; never at once */
  constructor(close: () => void, ms = LINGER_MS) {
    this.#close = close;
    this.#timer = setTimeout(close, ms);
  }

  closeIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#close, ms);
  }

  /** Bytes of the request's body. */
  received(bytes: number, isLast: boolean): void {
    this.#bytes += bytes;
    if (isLast || this.#bytes > LINGER_BYTES_MAX) this.closeIn(0);
  }

  cancel(): void {
    clearTimeout(this.#timer);
  }
}
