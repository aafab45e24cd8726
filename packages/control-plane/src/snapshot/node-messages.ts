/** What nodes send up, from the wire into domain terms. Bounded: what is beyond a bound is cut, not refused. */
import {
  type Ack,
  type Hello,
  type Nack,
  NackReason,
  type NodeHealth,
  RecordedBodyState,
  type RecordedContent,
  type RecordedHead,
  type RecordedPart,
  type RequestAttempt,
  type RequestSample,
  TargetState,
  type UsageBatch,
  type UsageCount,
  type Revision as WireRevision,
} from "@latchkey/proto";
import {
  challengeBytes,
  GRANT_KEY_BYTES,
  isResourceKind,
  isRevision,
  type Revision,
  revisionFromWire,
} from "@latchkey/snapshot";
import { GrantedKeys, type KeyGrants } from "./granted-keys.js";
import type {
  AckReport,
  HealthReport,
  ImpairedReport,
  ImpairedTargetReport,
  NackKind,
  NackReport,
  RecordedHeadReport,
  RecordedPartReport,
  RejectedReport,
  RequestAttemptReport,
  RequestSampleReport,
  UsageCountReport,
  UsageReport,
} from "./node-observer.js";
import type { Greeting } from "./node-stream-options.js";

/** More are counted by the node itself; see the protocol. */
const REJECTED_MAX = 1_000;
const TEXT_CHARS_MAX = 500;
const IMPAIRED_MAX = 200;
const LATENCY_BUCKETS_MAX = 64;
/** Twice what a node puts into one message. A message is written in one transaction, and mutations wait for it. */
const COUNTS_MAX = 200;
const SAMPLES_MAX = 400;
const ATTEMPTS_MAX = 8;
/** Of a recorded request or response. */
const RECORDED_HEADERS_MAX = 100;
const RECORDED_CHARS_MAX = 16_384;
/** The largest `Int` of GraphQL: a larger number would fail the query that shows it. */
const INT_MAX = 2 ** 31 - 1;
/** The last instant that a Date can hold, in milliseconds. */
const INSTANT_MS_MAX = 8.64e15;

export function rejectedFromWire(rejected: Ack["rejected"]): RejectedReport[] {
  return rejected.slice(0, REJECTED_MAX).flatMap(({ resource, reason }) => {
    const { kind = "", id = "" } = resource ?? {};
    // Nothing of another kind was sent to the node, and no query could show it.
    return isResourceKind(kind) ? [{ ref: { kind, id: clip(id) }, reason: clip(reason) }] : [];
  });
}

/** Null when there is none, or when it has a number that no revision can have. */
export function reportedRevision(wire: WireRevision | undefined): Revision | null {
  if (wire === undefined) return null;
  const revision = revisionFromWire(wire);
  return isRevision(revision) ? revision : null;
}

/** A hello says which revision the node holds, and with which keys it reads what follows. */
export function greetingFromWire(hello: Hello, keyGrants: KeyGrants): Greeting {
  const { challenge, publicKey } = hello;
  const { min, max } = challengeBytes;
  return {
    revision: reportedRevision(hello.knownRevision),
    digest: hello.knownDigest,
    challenge: challenge.length >= min && challenge.length <= max ? challenge : null,
    keys: publicKey.length === GRANT_KEY_BYTES ? new GrantedKeys(keyGrants, publicKey) : null,
  };
}

export function ackFromWire(ack: Ack, revision: Revision, digestMatches: boolean): AckReport {
  return {
    revision,
    digestMatches,
    digest: ack.digest,
    rejected: rejectedFromWire(ack.rejected),
    applyUs: int(ack.applyUs),
  };
}

const nackKinds: Record<NackReason, NackKind> = {
  [NackReason.UNSPECIFIED]: "unspecified",
  [NackReason.DIGEST_MISMATCH]: "digest-mismatch",
  [NackReason.GAP]: "gap",
  [NackReason.OLDER_REVISION]: "older-revision",
  [NackReason.BAD_SIGNATURE]: "bad-signature",
  [NackReason.MALFORMED]: "malformed",
};

export function nackFromWire(nack: Nack, revision: Revision): NackReport {
  return {
    revision,
    // A newer node may send a reason that we do not know.
    kind: nackKinds[nack.reason] ?? "unspecified",
    detail: clip(nack.detail),
  };
}

export function healthFromWire(health: NodeHealth): HealthReport {
  return {
    ready: health.ready,
    draining: health.draining,
    rssBytes: safe(health.rssBytes),
    inFlight: int(health.inFlight),
    latencyBoundsUs: health.latencyBoundsUs.slice(0, LATENCY_BUCKETS_MAX - 1),
    impaired: impairedFromWire(health),
  };
}

const targetStates: Record<TargetState, ImpairedTargetReport["state"]> = {
  [TargetState.UNSPECIFIED]: "unknown",
  [TargetState.UNHEALTHY]: "unhealthy",
  [TargetState.CIRCUIT_OPEN]: "circuit-open",
  [TargetState.CIRCUIT_HALF_OPEN]: "circuit-half-open",
};

function impairedFromWire({ impairedTargets, impairedTargetCount }: NodeHealth): ImpairedReport | null {
  if (impairedTargetCount === undefined) return null;
  const listed = impairedTargets.slice(0, IMPAIRED_MAX).map((target) => ({
    integrationId: clip(target.integrationId),
    urlIndex: target.urlIndex,
    // A newer node may send a state that is not known here.
    state: targetStates[target.state] ?? "unknown",
    sinceMs: instant(target.sinceMs),
    lastError: clip(target.lastError),
  }));
  return { count: impairedTargetCount, listed };
}

export function usageFromWire(batch: UsageBatch): UsageReport {
  return {
    fromMs: instant(batch.fromMs),
    toMs: instant(batch.toMs),
    counts: batch.counts.slice(0, COUNTS_MAX).map(countFromWire),
    samples: batch.samples.slice(0, SAMPLES_MAX).map(sampleFromWire),
    dropped: safe(batch.counts.slice(COUNTS_MAX).reduce((sum, { count }) => sum + count, batch.dropped)),
    sequence: safe(batch.sequence),
    ageMs: safe(batch.ageMs),
  };
}

function countFromWire(count: UsageCount): UsageCountReport {
  return {
    apiId: clip(count.apiId),
    routeId: clip(count.routeId),
    keyId: clip(count.keyId),
    integrationId: clip(count.integrationId),
    status: int(count.status),
    count: safe(count.count),
    requestBytes: safe(count.requestBytes),
    responseBytes: safe(count.responseBytes),
    latencyBuckets: count.latencyBuckets.slice(0, LATENCY_BUCKETS_MAX).map(safe),
    errorCode: clip(count.errorCode),
    previousSecret: count.previousSecret,
  };
}

function sampleFromWire(sample: RequestSample): RequestSampleReport {
  return {
    atMs: instant(sample.atMs),
    interchangeId: clip(sample.interchangeId),
    apiId: clip(sample.apiId),
    keyId: clip(sample.keyId),
    routeId: clip(sample.routeId),
    integrationId: clip(sample.integrationId),
    method: clip(sample.method),
    path: clip(sample.path),
    status: int(sample.status),
    errorCode: clip(sample.errorCode),
    durationUs: sample.durationUs,
    revision: revisionOf(sample),
    requestBytes: safe(sample.requestBytes),
    responseBytes: safe(sample.responseBytes),
    attempts: sample.attempts.slice(0, ATTEMPTS_MAX).map(attemptFromWire),
    content: contentFromWire(sample.content),
  };
}

const bodyStates: Readonly<Partial<Record<RecordedBodyState, RecordedPartReport["bodyState"]>>> = {
  [RecordedBodyState.WHOLE]: "whole",
  [RecordedBodyState.TRUNCATED]: "truncated",
};

function contentFromWire(content: RecordedContent | undefined): RequestSampleReport["content"] {
  if (content === undefined) return null;
  const { request, response, upstreamRequest, upstreamResponse } = content;
  if (request === undefined) return "no-room";
  return {
    request: partFromWire(request),
    response: response === undefined ? null : partFromWire(response),
    upstreamRequest: upstreamRequest === undefined ? null : headFromWire(upstreamRequest),
    upstreamResponse: upstreamResponse === undefined ? null : headFromWire(upstreamResponse),
  };
}

/** Bounded again: a node may be of another release. */
function headFromWire({ headers, target, method }: RecordedHead): RecordedHeadReport {
  return {
    headers: headers.slice(0, 2 * RECORDED_HEADERS_MAX).map(clip),
    target: clip(target),
    method: clip(method),
  };
}

function partFromWire({ body, bodyState, ...head }: RecordedPart): RecordedPartReport {
  const isTooLong = body.length > RECORDED_CHARS_MAX;
  return {
    ...headFromWire(head),
    body: body.slice(0, RECORDED_CHARS_MAX),
    bodyState: isTooLong ? "truncated" : (bodyStates[bodyState] ?? "omitted"),
  };
}

function revisionOf({ epoch, number }: RequestSample): Revision | null {
  const revision = { epoch: Number(epoch), number: Number(number) };
  return isRevision(revision) ? revision : null;
}

function attemptFromWire(attempt: RequestAttempt): RequestAttemptReport {
  return {
    url: clip(attempt.url),
    startedUs: attempt.startedUs,
    waitUs: attempt.waitUs,
    connectUs: attempt.connectUs,
    firstByteUs: attempt.firstByteUs,
    durationUs: attempt.durationUs,
    status: int(attempt.status),
    errorCode: clip(attempt.errorCode),
  };
}

function int(value: number): number {
  return Math.min(value, INT_MAX);
}

function safe(value: bigint): number {
  return Math.min(Number(value), Number.MAX_SAFE_INTEGER);
}

function instant(atMs: bigint): number {
  return Math.min(Number(atMs), INSTANT_MS_MAX);
}

/** PostgreSQL stores no NUL: one of them would fail the statement for all nodes. */
export function clip(text: string): string {
  const clean = text.replaceAll("\0", "\ufffd");
  return clean.length <= TEXT_CHARS_MAX ? clean : `${clean.slice(0, TEXT_CHARS_MAX - 1)}…`;
}
