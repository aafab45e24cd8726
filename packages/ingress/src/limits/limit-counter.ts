/** Who counts the requests of limited keys for several processes: a Redis or Valkey server, or the primary of workers. */
import type { LimitCode, RequestLimits, SharedCount } from "./rate-limiter.js";

export interface LimitVerdict {
  /** Null: the request may go on, and is counted. */
  readonly refusedBy: LimitCode | null;
  /** Milliseconds until it may be asked again; 0 when it may go on. */
  readonly waitMs: number;
  /** In the order of the limits; of those that were looked at. */
  readonly counts: readonly SharedCount[];
}

export interface LimitCounter {
  readonly isConnected: boolean;
  /** Resolves when it is connected, or when that takes too long: it goes on trying. */
  start(): Promise<void>;
  stop(): void;
  /** Counts one request against all limits. Rejects when the counter is away or refuses to count. */
  count(limits: readonly RequestLimits[]): Promise<LimitVerdict>;
}
