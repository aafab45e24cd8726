/**
 * Whether uWebSockets.js polls the socket of one request. Its pause stops all polling, so that nothing tells when the socket takes
 * more of a response: while a response waits for that, a timer asks.
 */
import type { UwsResponse } from "./uws-types.js";

/** A socket that is not polled is asked after this long whether it takes more; each time it does not, after twice as long. */
const RETRY_FIRST_MS = 1;
const RETRY_MAX_MS = 64;
const nothing = (): void => undefined;

type Polling =
  | { readonly kind: "polled" }
  | { readonly kind: "stopped" }
  /** Stopped, and the timer asks. */
  | { readonly kind: "asking"; readonly timer: NodeJS.Timeout };

const POLLED: Polling = { kind: "polled" };
const STOPPED: Polling = { kind: "stopped" };

export interface PollingOwner {
  /** Whether a response's body is written in pieces. */
  readonly hasBody: boolean;
  /** Offers the socket what waits. @returns whether it took nothing at all */
  retry(): boolean;
  /** The timer has asked, and no new one is set: polls again where nobody paused. */
  retried(): void;
}

export class UwsPolling {
  readonly #owner: PollingOwner;
  #state: Polling = POLLED;
  #retryMs = RETRY_FIRST_MS;

  constructor(owner: PollingOwner) {
    this.#owner = owner;
  }

  /** Then it has no time-out in the library either. */
  get isStopped(): boolean {
    return this.#state.kind !== "polled";
  }

  get isAsking(): boolean {
    return this.#state.kind === "asking";
  }

  stop(res: UwsResponse): void {
    if (this.isStopped) return;
    this.#state = STOPPED;
    res.pause();
  }

  start(res: UwsResponse): void {
    if (!this.isStopped) return;
    this.#leaveAsking();
    this.#state = POLLED;
    res.resume();
    // It polls as some other socket did before; a write that fails puts that right.
    if (this.#owner.hasBody) res.cork(nothing);
  }

  ask(res: UwsResponse): void {
    res.pause(); // also when it was stopped: the write that failed has begun to poll again
    if (this.isAsking) return;
    this.#state = { kind: "asking", timer: setTimeout(() => this.#ask(), this.#retryMs) };
  }

  /** `res` is dead: nothing is asked any more. */
  end(): void {
    this.#leaveAsking();
  }

  #ask(): void {
    this.#state = STOPPED;
    const isStuck = this.#owner.retry();
    this.#retryMs = isStuck ? Math.min(this.#retryMs * 2, RETRY_MAX_MS) : RETRY_FIRST_MS;
    if (!this.isAsking) this.#owner.retried();
  }

  #leaveAsking(): void {
    if (this.#state.kind !== "asking") return;
    clearTimeout(this.#state.timer);
    this.#state = STOPPED;
  }
}
