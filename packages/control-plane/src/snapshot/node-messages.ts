/** What nodes send up, from the wire into domain terms. Bounded: what is beyond a bound is cut, not refused. */
import {
  type Ack,
  type Nack,
  NackReason,
  type NodeHealth,
  type RequestSample,
  type UsageBatch,
  type UsageCount,
} from "@latchkey/proto";
import { versionFromWire } from "@latchkey/snapshot";
import type {
  AckReport,
  HealthReport,
  NackKind,
  NackReport,
  RejectedReport,
  RequestSampleReport,
  UsageCountReport,
  UsageReport,
} from "./node-observer.js";

/** More are counted by the node itself; see the protocol. */
const REJECTED_MAX = 1_000;
const TEXT_CHARS_MAX = 500;
const LATENCY_BUCKETS_MAX = 64;

export function rejectedFromWire(ack: Ack): RejectedReport[] {
  return ack.rejected.slice(0, REJECTED_MAX).map(({ resource, reason }) => ({
    ref: { kind: clip(resource?.kind ?? ""), id: clip(resource?.id ?? "") },
    reason: clip(reason),
  }));
}

export function ackFromWire(
  ack: Ack,
  version: AckReport["version"],
  digestMatches: boolean | null,
): AckReport {
  return {
    version,
    digestMatches,
    digest: ack.digest,
    rejected: rejectedFromWire(ack),
    applyUs: ack.applyUs,
  };
}

const nackKinds: Record<NackReason, NackKind> = {
  [NackReason.UNSPECIFIED]: "unspecified",
  [NackReason.DIGEST_MISMATCH]: "digest-mismatch",
  [NackReason.GAP]: "gap",
  [NackReason.OLDER_VERSION]: "older-version",
  [NackReason.BAD_SIGNATURE]: "bad-signature",
  [NackReason.MALFORMED]: "malformed",
};

export function nackFromWire(nack: Nack): NackReport {
  return {
    version: nack.version === undefined ? null : versionFromWire(nack.version),
    // A newer node may send a reason that we do not know.
    kind: nackKinds[nack.reason] ?? "unspecified",
    detail: clip(nack.detail),
  };
}

export function healthFromWire(health: NodeHealth): HealthReport {
  return {
    ready: health.ready,
    draining: health.draining,
    rssBytes: Number(health.rssBytes),
    inFlight: health.inFlight,
    latencyBoundsUs: health.latencyBoundsUs.slice(0, LATENCY_BUCKETS_MAX - 1),
  };
}

export function usageFromWire(batch: UsageBatch): UsageReport {
  return {
    fromMs: Number(batch.fromMs),
    toMs: Number(batch.toMs),
    counts: batch.counts.map(countFromWire),
    samples: batch.samples.map(sampleFromWire),
    dropped: Number(batch.dropped),
  };
}

function countFromWire(count: UsageCount): UsageCountReport {
  return {
    apiId: clip(count.apiId),
    routeId: clip(count.routeId),
    keyId: clip(count.keyId),
    integrationId: clip(count.integrationId),
    status: count.status,
    count: Number(count.count),
    requestBytes: Number(count.requestBytes),
    responseBytes: Number(count.responseBytes),
    latencyBuckets: count.latencyBuckets.slice(0, LATENCY_BUCKETS_MAX).map(Number),
  };
}

function sampleFromWire(sample: RequestSample): RequestSampleReport {
  return {
    atMs: Number(sample.atMs),
    interchangeId: clip(sample.interchangeId),
    apiId: clip(sample.apiId),
    routeId: clip(sample.routeId),
    integrationId: clip(sample.integrationId),
    method: clip(sample.method),
    path: clip(sample.path),
    status: sample.status,
    errorCode: clip(sample.errorCode),
    durationUs: sample.durationUs,
  };
}

function clip(text: string): string {
  return text.length <= TEXT_CHARS_MAX ? text : `${text.slice(0, TEXT_CHARS_MAX - 1)}…`;
}
