// Requests with a permit that connections are being made for, in their order. A request that leaves is skipped later, so
// leaving costs nothing.

import type { ClientRequest } from "./client-request.js";

/** Places before the head of the queue that are kept until they are worth a copy. */
const SLACK = 1_024;

export class ConnectQueue {
  #requests: ClientRequest[] = [];
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(request: ClientRequest): void {
    request.queued = true;
    this.#requests.push(request);
    this.#size++;
  }

  /** Puts back the one that was taken last. */
  putBack(request: ClientRequest): void {
    request.queued = true;
    if (this.#head > 0) this.#requests[--this.#head] = request;
    else this.#requests.unshift(request);
    this.#size++;
  }

  take(): ClientRequest | null {
    while (this.#head < this.#requests.length) {
      const request = this.#requests[this.#head++]!;
      if (this.#head > SLACK && this.#head * 2 > this.#requests.length) {
        this.#requests = this.#requests.slice(this.#head);
        this.#head = 0;
      }
      if (!request.queued) continue; // it left
      this.leave(request);
      return request;
    }
    return null;
  }

  leave(request: ClientRequest): void {
    request.queued = false;
    this.#size--;
  }
}
