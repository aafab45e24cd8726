/** One stream to the control plane and its client, and how far the node is on it. */
import type { SnapshotServiceClient } from "@latchkey/proto";
import type { HeartbeatVerifier } from "./heartbeat-verifier.js";
import type { Incoming, SnapshotStream } from "./snapshot-stream.js";

export interface Session {
  readonly client: SnapshotServiceClient;
  readonly stream: SnapshotStream;
  readonly queue: Incoming[];
  isWorking: boolean;
  heardAtMs: number;
  watchdog: NodeJS.Timeout | null;
  readonly heartbeats: HeartbeatVerifier;
  heartbeatCount: number;
  /** A heartbeat or a revision of this stream said that both hold the same. */
  hasAgreed: boolean;
  hasRefusedHeartbeat: boolean;
}
