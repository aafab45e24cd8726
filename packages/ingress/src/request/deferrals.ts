/** Requests that wait for something outside of the process: a token's verification, a shared counter, a schema check. */
// Not the global: it is found by a getter at each use.
import { performance } from "node:perf_hooks";
import type { FrontRequest, RequestListener } from "../fronts/front-request.js";
import type { SleepGate } from "../sync/sleep-gate.js";
import type { BufferedBytes } from "./buffered-bytes.js";
import { type AbortListener, BufferedRequest } from "./buffered-request.js";

export class Deferrals {
  readonly #room: BufferedBytes;
  readonly #gate: SleepGate;

  constructor(room: BufferedBytes, gate: SleepGate) {
    this.#room = room;
    this.#gate = gate;
  }

  /**
   * Pauses a request until `done` resolves, then hands it to what `next` returns. `done` must not reject.
   * @param next null: the request was responded to
   * @param aborted instead of `next`, for a request that ends while it waits
   */
  until(
    done: Promise<unknown>,
    request: FrontRequest,
    next: () => RequestListener | null,
    aborted: AbortListener,
  ): RequestListener {
    const waiting = BufferedRequest.paused(request, this.#room, aborted);
    request.pause();
    void done.then(() => {
      if (waiting.isOver) return;
      this.#gate.isClosed(performance.now()); // the process may have slept meanwhile: the request's own time is from before
      const listener = next();
      waiting.release(listener);
      if (!(listener instanceof BufferedRequest && listener.wantsPause)) request.resume();
    });
    return waiting;
  }
}
