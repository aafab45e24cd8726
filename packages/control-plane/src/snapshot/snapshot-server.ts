/** The snapshot server as the composition root sees it: what it needs and what it offers. Types only. */
import type { KeyObject } from "node:crypto";
import type { Clock } from "@latchkey/core";
import type { Logger, Registry } from "@latchkey/observe";
import type { Db } from "../db/schema.js";
import type { SqlChangeLog } from "./change-log.js";
import type { EpochGuard } from "./epoch-guard.js";
import type { KeyGrants } from "./granted-keys.js";
import type { IdleLimits } from "./idle-connections.js";
import type { NodeObserver } from "./node-observer.js";
import type { ResourceSource } from "./ports.js";
import type { Publisher } from "./publisher.js";
import type { SnapshotCache } from "./snapshot-cache.js";
import type { SnapshotServerTimings, StreamTls } from "./stream-options.js";

export interface SnapshotServerOptions {
  readonly db: Db;
  readonly changeLog: SqlChangeLog;
  readonly source: ResourceSource;
  /** The registry of nodes: knows their tokens and receives their reports. */
  readonly observer: NodeObserver;
  readonly epochs: EpochGuard;
  /** The keys that encrypt the secrets of credentials. */
  readonly keyGrants: KeyGrants;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  /** Without it the stream is plain text, for loopback and private networks. */
  readonly tls?: StreamTls | null;
  /** Ed25519 private key that signs each revision; null = unsigned. */
  readonly signingKey?: KeyObject | null;
  /** Whether clients may ask which services and messages there are; false without it. */
  readonly reflection?: boolean;
  /** Streams let in per second, after a burst. */
  readonly admissionRatePerSecond?: number;
  readonly admissionBurst?: number;
  /** Full snapshots sent at the same time. */
  readonly fullTransfersMax?: number;
  readonly connectionsMax?: number;
  /** Of connections that no node uses. */
  readonly idleLimits?: Partial<IdleLimits>;
  readonly timings?: Partial<SnapshotServerTimings>;
}

export interface SnapshotServer extends AsyncDisposable {
  readonly port: number;
  readonly cache: SnapshotCache;
  readonly publisher: Publisher;
  /** Streams of nodes whose hello was accepted. */
  readonly streamCount: number;
  /** Open TCP connections, with or without a stream. */
  readonly connectionCount: number;
  /** Another certificate for connections from now on. @throws Error when it is unfit, or TLS was not on from the start */
  setTls(tls: StreamTls): void;
  /** Ends all streams with a hint to come again, then closes the port. */
  close(graceMs?: number): Promise<void>;
}
