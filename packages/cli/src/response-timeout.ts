/** Ends a wait for a control plane that does not respond: it may be stopped, or something on the way drops packets. */

/** Longer than the control plane waits for anything that a request needs, but for the reading of a document. */
export const RESPONSE_TIMEOUT_MS = 30_000;

export class ResponseTimeout {
  readonly #timeoutMs: number;
  readonly #controller = new AbortController();

  /** @param timeoutMs of each wait */
  constructor(timeoutMs = RESPONSE_TIMEOUT_MS) {
    this.#timeoutMs = timeoutMs;
  }

  /** For the request: it fails when a wait is over. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Waits for the response, or for a part of it. Time between two waits does not count. */
  async wait<T>(part: Promise<T>): Promise<T> {
    const timer = setTimeout(() => this.#controller.abort(timeoutError(this.#timeoutMs)), this.#timeoutMs);
    try {
      return await part;
    } finally {
      clearTimeout(timer);
    }
  }
}

export function timeoutError(timeoutMs: number): Error {
  return new Error(`nothing came within ${timeoutMs / 1000} s, it may be stopped or overloaded`);
}
