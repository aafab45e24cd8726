/**
 * When the client of a request on uWebSockets.js has taken too long with its body, or to take the response. Says what is over;
 * what follows is the request's. The library's own time-outs are beside it (docs/conformance.md).
 */
import type { EngineLimits } from "./front-request.js";

export class UwsDeadlines {
  readonly #limits: EngineLimits;
  readonly #arrivedAtMs: number;
  /** Of the body: bytes so far, and those at the last look, since when the rate is measured. */
  #received = 0;
  #receivedBefore = 0;
  #receivingSinceMs = 0;
  /** Of the response: how far it was, and since when it waits; 0: it does not. */
  #progress = 0;
  #waitsSinceMs = 0;

  constructor(limits: EngineLimits, arrivedAtMs: number) {
    this.#limits = limits;
    this.#arrivedAtMs = arrivedAtMs;
  }

  received(bytes: number): void {
    this.#received += bytes;
  }

  /** After a pause of the body. */
  restartRate(): void {
    this.#receivingSinceMs = 0;
  }

  isBodyOverdue(nowMs: number, isPaused: boolean): boolean {
    if (nowMs - this.#arrivedAtMs >= this.#limits.bodyTimeoutMs) return true;
    return !isPaused && this.#isTooSlow(nowMs);
  }

  /** In each `bodyIdleTimeoutMs` without a pause some bytes must come, and as many as the floor says. */
  #isTooSlow(nowMs: number): boolean {
    const { bodyIdleTimeoutMs, bodyBytesPerSecondMin } = this.#limits;
    const windowMs = nowMs - this.#receivingSinceMs;
    if (this.#receivingSinceMs > 0 && windowMs < bodyIdleTimeoutMs) return false;
    const came = this.#received - this.#receivedBefore;
    const isTooSlow =
      this.#receivingSinceMs > 0 && came < Math.max(1, (bodyBytesPerSecondMin * windowMs) / 1_000);
    this.#receivingSinceMs = nowMs;
    this.#receivedBefore = this.#received;
    return isTooSlow;
  }

  /** Nothing waits for the client. */
  readerTook(): void {
    this.#waitsSinceMs = 0;
  }

  /** The response waits for the client, and `progress` is how far it is. */
  isReaderOverdue(nowMs: number, progress: number): boolean {
    if (this.#waitsSinceMs === 0 || progress > this.#progress) {
      this.#waitsSinceMs = nowMs;
      this.#progress = progress;
      return false;
    }
    return nowMs - this.#waitsSinceMs >= this.#limits.writeTimeoutMs;
  }
}
