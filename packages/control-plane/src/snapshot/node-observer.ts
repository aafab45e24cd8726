/**
 * What the stream tells about nodes, and whom it asks for them, in domain terms. The node module implements it;
 * the stream knows nothing of tables, GraphQL or charts.
 */
import type { ResourceKind, Revision } from "@latchkey/snapshot";

export interface NodeSession {
  readonly nodeId: string;
  /** New at every start of the node's process. */
  readonly instanceId: string;
  readonly softwareVersion: string;
  /** `address:port` of the node's end. */
  readonly peer: string;
  /** Ends the stream; the node may come again. */
  readonly close: (why: SessionEnd) => void;
  /** Batches of usage up to this number are in the database. */
  readonly usageStored: (sequence: number) => void;
}

/** Why a stream ended. */
export const sessionEnds = [
  "left",
  "replaced",
  "revoked",
  "silent",
  "unacknowledged",
  "malformed",
  "shutdown",
  "failed",
] as const;
export type SessionEnd = (typeof sessionEnds)[number];

export interface AckReport {
  readonly revision: Revision;
  /** Whether the node's digest is ours at that revision. */
  readonly digestMatches: boolean;
  readonly digest: Uint8Array;
  /** Null: a hello, which does not say. */
  readonly rejected: readonly RejectedReport[] | null;
  /** 0 when it was not measured. */
  readonly applyUs: number;
}

export interface RejectedReport {
  readonly ref: { readonly kind: ResourceKind; readonly id: string };
  readonly reason: string;
}

export const nackKinds = [
  "unspecified",
  "digest-mismatch",
  "gap",
  "older-revision",
  "bad-signature",
  "malformed",
] as const;
export type NackKind = (typeof nackKinds)[number];

export interface NackReport {
  readonly revision: Revision | null;
  readonly kind: NackKind;
  readonly detail: string;
}

export interface HealthReport {
  readonly ready: boolean;
  readonly draining: boolean;
  readonly rssBytes: number;
  readonly inFlight: number;
  /** Upper bounds of the latency buckets in microseconds, rising; one more bucket is open. */
  readonly latencyBoundsUs: readonly number[];
  /** URLs that get no requests; null: the node does not report them. */
  readonly impaired: ImpairedReport | null;
}

export interface ImpairedReport {
  /** In all; more than are listed where there are too many. */
  readonly count: number;
  readonly listed: readonly ImpairedTargetReport[];
}

export interface ImpairedTargetReport {
  readonly integrationId: string;
  readonly urlIndex: number;
  readonly state: "unhealthy" | "circuit-open" | "circuit-half-open" | "unknown";
  readonly sinceMs: number;
  readonly lastError: string;
}

/** Headers and body of a request or a response, masked by the node. */
export interface RecordedPartReport {
  /** Flat: name, value, name, value. */
  readonly headers: readonly string[];
  /** Path and query of a request; empty of a response. */
  readonly target: string;
  /** Of a request; empty of a response. */
  readonly method: string;
  readonly body: string;
  readonly bodyState: "whole" | "truncated" | "omitted";
}

/** Headers of a request to an integration, or of its response, masked by the node. */
export type RecordedHeadReport = Pick<RecordedPartReport, "headers" | "target" | "method">;

export interface RecordedContentReport {
  readonly request: RecordedPartReport;
  /** Null: no response of an integration began. */
  readonly response: RecordedPartReport | null;
  /** Of the last attempt; null: nothing was sent to an integration. */
  readonly upstreamRequest: RecordedHeadReport | null;
  /** Null: no response came. */
  readonly upstreamResponse: RecordedHeadReport | null;
}

/** Counts of one kind of request since the batch before. */
export interface UsageCountReport {
  readonly apiId: string;
  readonly routeId: string;
  readonly keyId: string;
  readonly integrationId: string;
  readonly status: number;
  readonly count: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly latencyBuckets: readonly number[];
  /** Code of the catalogue when the gateway made the response; empty: it is the integration's. */
  readonly errorCode: string;
  /** The clients presented the secret before the key's last regeneration. */
  readonly previousSecret: boolean;
}

/** One attempt to send a request to a URL of its integration. */
export interface RequestAttemptReport {
  /** Without its query. */
  readonly url: string;
  /** Since the request's arrival. */
  readonly startedUs: number;
  /** Until it had a connection; 0: there was one at once. */
  readonly waitUs: number;
  /** Of that, while the connection was made. */
  readonly connectUs: number;
  /** From the start to the head of the response; 0: none came. */
  readonly firstByteUs: number;
  /** From the start to the end. */
  readonly durationUs: number;
  /** The integration's; 0: there was no response. */
  readonly status: number;
  /** Code of the catalogue; empty: it did not fail. */
  readonly errorCode: string;
}

/** One request for the message trail, without headers, body, key secret and query. */
export interface RequestSampleReport {
  /** When it arrived. */
  readonly atMs: number;
  readonly interchangeId: string;
  readonly apiId: string;
  /** Empty when it is not known. */
  readonly keyId: string;
  readonly routeId: string;
  readonly integrationId: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** Code of the catalogue, or empty when the upstream responded. */
  readonly errorCode: string;
  readonly durationUs: number;
  /** The revision that it was handled with; null: the node had none. */
  readonly revision: Revision | null;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly attempts: readonly RequestAttemptReport[];
  /** Null: its API recorded none. */
  readonly content: RecordedContentReport | "no-room" | null;
}

export interface UsageReport {
  readonly fromMs: number;
  readonly toMs: number;
  readonly counts: readonly UsageCountReport[];
  readonly samples: readonly RequestSampleReport[];
  readonly dropped: number;
  /** Rises by one with each batch of the node's process; 0: it does not number them. */
  readonly sequence: number;
  /** How long ago it ended when it was sent. */
  readonly ageMs: number;
}

/** Takes the counters that nodes send up. */
export interface UsageSink {
  usage(nodeId: string, report: UsageReport): void;
}

/** Follows the streams. Every call returns at once and never throws. */
export interface NodeObserver extends UsageSink {
  /** The node whose token this is, or null. Constant time in the token. */
  authenticate(token: string): string | null;
  /** Whether this is what the node may call itself: its id or its name. */
  isCalled(nodeId: string, claimed: string): boolean;
  /** A stream had an unknown token, or the token of another node. */
  refused(peer: string, claimedNode: string | null): void;
  /** Nodes are sent this revision from now on; it may be the commit of another process. */
  published(revision: Revision): void;
  opened(session: NodeSession): void;
  /** Any message at all. */
  heard(nodeId: string): void;
  acked(nodeId: string, report: AckReport): void;
  nacked(nodeId: string, report: NackReport): void;
  /** What the node cannot use now. */
  rejected(nodeId: string, rejected: readonly RejectedReport[]): void;
  health(nodeId: string, report: HealthReport): void;
  closed(session: NodeSession, why: SessionEnd): void;
}
