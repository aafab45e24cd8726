/**
 * Rate limits and quotas of a node with workers: the primary counts for all of them, so that a quota of 1 is 1. A worker
 * asks over its IPC channel, once for all requests of an event-loop batch.
 */
import type { LimitCounter, LimitVerdict } from "../limits/limit-counter.js";
import { type RequestLimits, takeAll } from "../limits/rate-limiter.js";

export interface LimitQuestion {
  readonly id: number;
  /** Of the limits (`RequestLimits.name`). */
  readonly names: readonly string[];
}

export interface LimitReply {
  readonly id: number;
  /** Null: the primary does not know one of the limits any more. */
  readonly verdict: LimitVerdict | null;
}

interface Waiting {
  readonly resolve: (verdict: LimitVerdict) => void;
  readonly reject: (error: Error) => void;
}

/** The worker's side. */
export class PrimaryLimits implements LimitCounter {
  readonly isConnected = true;
  readonly #send: (questions: readonly LimitQuestion[]) => void;
  readonly #waiting = new Map<number, Waiting>();
  #batch: LimitQuestion[] = [];
  #lastId = 0;

  constructor(send: (questions: readonly LimitQuestion[]) => void) {
    this.#send = send;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  stop(): void {
    for (const { reject } of this.#waiting.values()) reject(new Error("the worker ends"));
    this.#waiting.clear();
  }

  count(limits: readonly RequestLimits[]): Promise<LimitVerdict> {
    const id = ++this.#lastId;
    if (this.#batch.push({ id, names: limits.map(({ name }) => name) }) === 1)
      setImmediate(() => this.#sendBatch());
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  onReplies(replies: readonly LimitReply[]): void {
    for (const { id, verdict } of replies) {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (verdict === null) waiting?.reject(new Error("the primary does not know the limits"));
      else waiting?.resolve(verdict);
    }
  }

  #sendBatch(): void {
    this.#send(this.#batch);
    this.#batch = [];
  }
}

/** The primary's side: counts one request against all limits, or against none. */
export function countRequest(limits: readonly RequestLimits[], nowMs: number): LimitVerdict {
  const refusal = takeAll(limits, nowMs);
  return {
    refusedBy: refusal?.code ?? null,
    waitMs: refusal === null ? 0 : refusal.retryAfterSeconds * 1000,
    counts: limits.map((each) => each.count(nowMs)),
  };
}
