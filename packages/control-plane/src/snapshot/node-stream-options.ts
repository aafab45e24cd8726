/** What a node's stream needs: where it sends, what the node sent when it connected, and its time limits. Types only. */
import type { Clock } from "@latchkey/core";
import type { Logger } from "@latchkey/observe";
import type { HeartbeatContent, Revision } from "@latchkey/snapshot";
import type { TransferSlots } from "./admission.js";
import type { FullBackoff } from "./full-backoff.js";
import type { GrantedKeys } from "./granted-keys.js";
import type { NodeObserver, SessionEnd } from "./node-observer.js";
import type { SnapshotCache } from "./snapshot-cache.js";
import type { StreamMetrics } from "./stream-metrics.js";

/** One gRPC call, seen from here. */
export interface StreamPort {
  /** Resolves when the message has left for the network; rejects when the call is over. */
  write(message: Buffer): Promise<void>;
  /** Ends the call; idempotent. */
  end(why: SessionEnd, detail: string): void;
}

/** What the node says that it holds. */
export interface Greeting {
  readonly revision: Revision | null;
  readonly digest: Uint8Array;
  /** What signed heartbeats of this stream cover; null: the node checks none. */
  readonly challenge: Uint8Array | null;
  /** The data keys that it gets; null: it reads no encrypted secrets. */
  readonly keys: GrantedKeys | null;
}

export interface NodeStreamTimings {
  readonly heartbeatIntervalMs: number;
  /** Nothing heard for so long: the node is gone. */
  readonly silenceMaxMs: number;
  /** A revision sent and not acknowledged for so long, or a message that does not leave: the node is stuck. */
  readonly ackTimeoutMs: number;
}

export interface NodeStreamOptions {
  readonly nodeId: string;
  readonly port: StreamPort;
  readonly cache: SnapshotCache;
  /** Asked when a node holds something newer than the database. True: a new epoch began, which the cache has. */
  readonly beginEpoch: (held: Revision) => Promise<boolean>;
  /** Signs a heartbeat; null: unsigned. */
  readonly sign: ((heartbeat: HeartbeatContent) => Uint8Array) | null;
  readonly observer: NodeObserver;
  readonly slots: TransferSlots;
  readonly backoff: FullBackoff;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: StreamMetrics;
  readonly timings: NodeStreamTimings;
}
