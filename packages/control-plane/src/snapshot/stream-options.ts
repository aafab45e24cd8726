/** What can be set about the stream, with the defaults. The configuration names of these are the operator's. */
import { POLL_INTERVAL_MS, PUBLISH_INTERVAL_MS } from "./publisher.js";

/** PEM. */
export interface StreamTls {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
  /** With it, nodes must show a certificate of this authority (mutual TLS); null = none is asked for. */
  readonly clientCa: string | Buffer | null;
}

export interface SnapshotServerTimings {
  readonly heartbeatIntervalMs: number;
  /** A stream on which nothing was heard for so long is ended. */
  readonly silenceMaxMs: number;
  /** A node that does not acknowledge a revision for so long is disconnected. */
  readonly ackTimeoutMs: number;
  readonly helloTimeoutMs: number;
  /** HTTP/2 pings, which find a peer that vanished. */
  readonly keepaliveTimeMs: number;
  readonly keepaliveTimeoutMs: number;
  /** At least this long between two revisions, unless something is revoked. */
  readonly publishIntervalMs: number;
  /** How often commits of other processes are looked for. */
  readonly pollIntervalMs: number;
  /** The encoded full snapshot is dropped when no node needed it for so long. */
  readonly snapshotIdleMs: number;
}

const defaults: SnapshotServerTimings = {
  heartbeatIntervalMs: 5_000,
  silenceMaxMs: 30_000,
  ackTimeoutMs: 60_000,
  helloTimeoutMs: 10_000,
  keepaliveTimeMs: 20_000,
  keepaliveTimeoutMs: 10_000,
  publishIntervalMs: PUBLISH_INTERVAL_MS,
  pollIntervalMs: POLL_INTERVAL_MS,
  snapshotIdleMs: 300_000,
};

export function resolveTimings(timings: Partial<SnapshotServerTimings>): SnapshotServerTimings {
  return { ...defaults, ...timings };
}
