/** Who counts the requests of limited keys for several processes: a Redis or Valkey server, or the primary of workers. */
import type { KeyLimits, LimitCode, SharedCount } from "./rate-limiter.js";

export interface LimitVerdict extends SharedCount {
  /** Null: the request may go on, and is counted. */
  readonly refusedBy: LimitCode | null;
  /** Milliseconds until it may be asked again; 0 when it may go on. */
  readonly waitMs: number;
}

export interface LimitCounter {
  readonly isConnected: boolean;
  /** Resolves when it is connected, or when that takes too long: it goes on trying. */
  start(): Promise<void>;
  stop(): void;
  /** Counts one request. Rejects when the counter is away or refuses to count. */
  count(keyId: string, limits: KeyLimits): Promise<LimitVerdict>;
}
