/** Messages of the stream ⇄ values of the applier. Copies nothing, checks only presence. */
import {
  type Delta,
  NackReason,
  type RejectedResource,
  type Resource,
  type SnapshotEnd,
  type SubscribeRequest,
  type ResourceRef as WireRef,
  type Revision as WireRevision,
} from "@latchkey/proto";
import {
  type ResourceRecord,
  type ResourceRef,
  type Revision,
  revisionFromWire,
  revisionToWire,
} from "@latchkey/snapshot";
import type { Rejection } from "../table/table-change.js";
import type { ApplyOutcome, DeltaValue, RefusalReason, SnapshotEndValue } from "./revision-applier.js";

/**
 * Of all rejected resources, so many are named in a message, with so much of the reason: the control plane takes messages of 1 MiB,
 * and one character may take three bytes.
 */
const REJECTED_NAMED_MAX = 1_000;
const REASON_CHARS_MAX = 300;

const NACK_REASONS: { readonly [R in RefusalReason]: NackReason } = {
  digest_mismatch: NackReason.DIGEST_MISMATCH,
  gap: NackReason.GAP,
  older_revision: NackReason.OLDER_REVISION,
  bad_signature: NackReason.BAD_SIGNATURE,
  malformed: NackReason.MALFORMED,
};

const NO_REVISION: Revision = { epoch: 0, number: 0 };

export function revisionOf(wire: WireRevision | undefined): Revision {
  return wire === undefined ? NO_REVISION : revisionFromWire(wire);
}

export function recordsOf(resources: readonly Resource[]): ResourceRecord[] {
  return resources.map(({ kind, id, body }) => ({ kind, id, body }));
}

export function deltaOf(wire: Delta): DeltaValue {
  return {
    from: revisionOf(wire.from),
    to: revisionOf(wire.to),
    change: { upserts: recordsOf(wire.upserts), removals: wire.removals.map(refOf) },
    digest: wire.digest,
    signature: wire.signature,
  };
}

export function deltaToWire(delta: DeltaValue): Delta {
  return {
    from: revisionToWire(delta.from),
    to: revisionToWire(delta.to),
    upserts: delta.change.upserts.map(({ kind, id, body }) => ({ kind, id, body: Buffer.from(body) })),
    removals: delta.change.removals.map(({ kind, id }) => ({ kind, id })),
    digest: Buffer.from(delta.digest),
    signature: Buffer.from(delta.signature),
  };
}

export function endOf(wire: SnapshotEnd): SnapshotEndValue {
  return {
    revision: revisionOf(wire.revision),
    digest: wire.digest,
    resourceCount: Number(wire.resourceCount),
    signature: wire.signature,
  };
}

/** What the node cannot use now. */
export function rejectionsToWire(rejected: readonly Rejection[]): SubscribeRequest {
  return { message: { $case: "rejections", value: { rejected: rejectedToWire(rejected) } } };
}

function rejectedToWire(rejected: readonly Rejection[]): RejectedResource[] {
  return rejected.slice(0, REJECTED_NAMED_MAX).map(({ ref, reason }) => ({
    resource: { kind: ref.kind, id: ref.id },
    reason: reason.slice(0, REASON_CHARS_MAX),
  }));
}

/** The ACK or NACK of an outcome. */
export function acknowledgementOf(outcome: ApplyOutcome): SubscribeRequest {
  if (outcome.kind === "refused")
    return {
      message: {
        $case: "nack",
        value: {
          revision: revisionToWire(outcome.revision),
          reason: NACK_REASONS[outcome.reason],
          detail: outcome.detail,
        },
      },
    };
  return {
    message: {
      $case: "ack",
      value: {
        revision: revisionToWire(outcome.revision),
        digest: Buffer.from(outcome.digest),
        rejected: rejectedToWire(outcome.rejected),
        applyUs: Math.min(outcome.applyUs, 0xffff_ffff),
      },
    },
  };
}

function refOf({ kind, id }: WireRef): ResourceRef {
  return { kind, id };
}
