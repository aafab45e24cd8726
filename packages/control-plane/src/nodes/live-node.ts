/** What this process knows of a node beyond its row: its stream, its responses, its health. One owner: the registry. */
import { DIGEST_BYTES, type ResourceRef, type Revision } from "@latchkey/snapshot";
import type {
  AckReport,
  HealthReport,
  ImpairedReport,
  NackReport,
  NodeSession,
  RejectedReport,
  SessionEnd,
} from "../snapshot/node-observer.js";
import { USAGE_BOUNDS_US } from "../traffic/usage-levels.js";
import { type NodeThresholds, type NodeView, nodeStatus, type RegisteredNode } from "./node.js";
import type { NodeSighting } from "./node-store.js";
import { type Rejection, Rejections } from "./rejections.js";
import { silenceOf, type TimeSpan } from "./report-gaps.js";
import type { RevisionTimes } from "./revision-times.js";

/** One instant by both clocks: the wall clock to show, the monotonic clock to measure. */
export interface Instant {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

/** Acknowledgements remembered, for receipts that are asked for late. */
const ACKS_MAX = 512;
/** Nodes report every five seconds. */
const IMPAIRED_AGE_MS_MAX = 15_000;

interface AckEntry {
  readonly number: number;
  /** Monotonic. */
  readonly atMs: number;
}

export class LiveNode {
  #node: RegisteredNode;
  #session: NodeSession | null = null;
  #lastSeenAtMs: number | null;
  /** Monotonic; null when it was not heard by this process. */
  #heardMs: number | null = null;
  /** Its stream ended here and nothing was heard since. */
  #isGone = false;
  /** Of its process that was heard last. */
  #instanceId: string | null;
  #softwareVersion: string | null;
  #acked: Revision | null;
  #acks: AckEntry[] = [];
  /** When revisions up to this one were confirmed is not known. */
  #acksFloor: number;
  #digest: string | null = null;
  #driftSinceMs: number | null = null;
  #lastNack: RegisteredNode["lastNack"];
  /** The newest response was a NACK. */
  #isRefusing = false;
  #rejections = Rejections.none;
  /** Those of its stream before: what the new one reports again has its time. */
  #rejectionsBefore = Rejections.none;
  /** `changedAtMs` of those in its row; undefined: they could not be written. */
  #rejectedAtMsStored: number | null | undefined = null;
  #health: HealthReport | null = null;
  #applyUs: number | null = null;
  #replacedCount = 0;
  #isDirty = false;
  #written: NodeSighting | null = null;
  /** Monotonic. */
  #writtenMs = Number.NEGATIVE_INFINITY;

  constructor(node: RegisteredNode) {
    this.#node = node;
    this.#lastSeenAtMs = node.lastSeenAtMs;
    this.#softwareVersion = node.softwareVersion;
    this.#acked = node.acked;
    this.#acksFloor = node.acked?.number ?? -1;
    this.#lastNack = node.lastNack;
    this.#instanceId = node.instanceId;
  }

  get node(): RegisteredNode {
    return this.#node;
  }

  get acked(): Revision | null {
    return this.#acked;
  }

  get instanceId(): string {
    return this.#instanceId ?? "";
  }

  get isDraining(): boolean {
    return this.#health?.draining ?? false;
  }

  /** What it says of URLs that get no requests; null: it is not heard now, or does not say. */
  impaired(at: Instant): ImpairedReport | null {
    const ageMs = this.#ageMs(at);
    if (this.#session === null || ageMs === null || ageMs > IMPAIRED_AGE_MS_MAX) return null;
    return this.#health?.impaired ?? null;
  }

  /** Until the node has sent its own: counts may come before. Those of this release. */
  get latencyBoundsUs(): readonly number[] {
    return this.#health?.latencyBoundsUs ?? USAGE_BOUNDS_US;
  }

  /**
   * Takes over a row that was read again; what is heard here is newer than what another process wrote. True when that
   * changed what the node confirmed.
   * @param monotonicMs when it was read
   */
  refresh(node: RegisteredNode, monotonicMs: number): boolean {
    this.#node = node;
    if (this.#session !== null || (node.lastSeenAtMs ?? 0) <= (this.#lastSeenAtMs ?? 0)) return false;
    const before = this.#acked;
    this.#lastSeenAtMs = node.lastSeenAtMs;
    this.#heardMs = null;
    this.#isGone = false;
    this.#softwareVersion = node.softwareVersion;
    if (node.acked !== null && node.acked.epoch === before?.epoch) this.#confirmed(node.acked, monotonicMs);
    else {
      this.#acked = node.acked;
      this.#acks = [];
      this.#acksFloor = node.acked?.number ?? -1;
    }
    this.#lastNack = node.lastNack;
    this.#instanceId = node.instanceId;
    return before?.epoch !== node.acked?.epoch || before?.number !== node.acked?.number;
  }

  /** Since when nothing is heard of it; null: it reports. */
  silence(at: Instant): TimeSpan | null {
    return silenceOf({ lastHeardMs: this.#lastSeenAtMs, isGone: this.#isGone, nowMs: at.wallMs });
  }

  /** It has connected at least once, to this process or another one. */
  get isSeen(): boolean {
    return this.#lastSeenAtMs !== null;
  }

  /** The time without reports that ends now. The same process sends later what it counted meanwhile: that is none. */
  opened(session: NodeSession, at: Instant): TimeSpan | null {
    const silence = session.instanceId === this.#instanceId ? null : this.silence(at);
    this.#session = session;
    this.#instanceId = session.instanceId;
    this.#softwareVersion = session.softwareVersion;
    this.#health = null;
    if (this.#rejections.any) this.#rejectionsBefore = this.#rejections;
    this.#rejections = this.#rejections.next([], at.wallMs); // it says so itself, if there are any
    this.heard(at);
    return silence;
  }

  /** Tells the process with this id that its batches up to the number are in the database. */
  usageStored(instanceId: string, sequence: number): void {
    if (this.#session?.instanceId === instanceId) this.#session.usageStored(sequence);
  }

  closed(session: NodeSession, why: SessionEnd): void {
    if (why === "replaced") this.#replacedCount++;
    if (this.#session !== session) return;
    this.#session = null;
    this.#isGone = true;
  }

  /** Ends the stream, if there is one. */
  close(why: SessionEnd): void {
    this.#session?.close(why);
  }

  heard(at: Instant): void {
    this.#lastSeenAtMs = at.wallMs;
    this.#heardMs = at.monotonicMs;
    this.#isGone = false;
    this.#isDirty = true;
  }

  acknowledged(report: AckReport, at: Instant): void {
    this.heard(at);
    // What a node sends in place of a digest may be as long as a message.
    this.#digest = Buffer.from(report.digest.subarray(0, DIGEST_BYTES)).toString("hex");
    this.#applyUs = report.applyUs === 0 ? this.#applyUs : report.applyUs;
    if (report.rejected !== null) this.rejects(report.rejected, at);
    if (!report.digestMatches) {
      // It applied something, but not what was sent: this confirms nothing.
      this.#driftSinceMs ??= at.wallMs;
      return;
    }
    this.#driftSinceMs = null;
    this.#isRefusing = false;
    this.#confirmed(report.revision, at.monotonicMs);
  }

  /** @param atMs monotonic; what another process heard was confirmed at some time before */
  #confirmed(revision: Revision, atMs: number): void {
    if (this.#acked?.epoch !== revision.epoch) {
      this.#acks = [];
      this.#acksFloor = -1;
    }
    this.#acked = revision;
    const newest = this.#acks.at(-1)?.number ?? this.#acksFloor;
    if (revision.number > newest) this.#acks.push({ number: revision.number, atMs });
    if (this.#acks.length > ACKS_MAX * 2) {
      const kept = this.#acks.slice(-ACKS_MAX);
      this.#acksFloor = this.#acks[this.#acks.length - ACKS_MAX - 1]?.number ?? this.#acksFloor;
      this.#acks = kept;
    }
  }

  refused(report: NackReport, at: Instant): void {
    this.heard(at);
    this.#isRefusing = true;
    const reason = report.detail === "" ? report.kind : `${report.kind}: ${report.detail}`;
    this.#lastNack = { atMs: at.wallMs, reason };
  }

  /** What it cannot use now. */
  rejects(rejected: readonly RejectedReport[], at: Instant): void {
    this.#rejections = this.#rejections.next(rejected, at.wallMs, this.#rejectionsBefore);
    this.#rejectionsBefore = Rejections.none;
    this.#isDirty = true;
  }

  get rejections(): Rejections {
    return this.#rejections;
  }

  /** Why it cannot use a resource; null: it can. */
  rejectionOf(ref: ResourceRef): Rejection | null {
    return this.#rejections.of(ref);
  }

  /** Whether its row has another list than this process. What is heard here, or not written yet, is newer than the row. */
  hasOtherRejections({ rejectedAtMs }: Pick<RegisteredNode, "rejectedAtMs">): boolean {
    const known = this.#rejections.changedAtMs;
    return this.#session === null && this.#rejectedAtMsStored === known && rejectedAtMs !== known;
  }

  /** Takes over the list of the row. */
  readRejections(rejections: Rejections): void {
    this.#rejections = rejections;
    this.#rejectedAtMsStored = rejections.changedAtMs;
  }

  reported(health: HealthReport): void {
    this.#health = health;
  }

  /** True when the node confirmed this revision or a later one of its epoch. */
  hasAcked(revision: Revision): boolean {
    return (
      this.#acked !== null && this.#acked.epoch === revision.epoch && this.#acked.number >= revision.number
    );
  }

  /** When it confirmed the revision (monotonic); null when it did not, or before our time. */
  ackedAtMs(revision: Revision): number | null {
    if (!this.hasAcked(revision) || revision.number <= this.#acksFloor) return null;
    return this.#acks.find((entry) => entry.number >= revision.number)?.atMs ?? null;
  }

  view(times: RevisionTimes, at: Instant, thresholds?: NodeThresholds): NodeView {
    const newest = times.newest;
    const ackedNumber =
      this.#acked !== null && this.#acked.epoch === newest.epoch ? this.#acked.number : null;
    const owedSinceMs = times.owedSinceMs(ackedNumber ?? -1);
    const lagMs = owedSinceMs === null ? null : Math.max(0, at.monotonicMs - owedSinceMs);
    const lastSeenAgeMs = this.#ageMs(at);
    const status = nodeStatus(
      {
        lastSeenAgeMs,
        isGone: this.#isGone,
        hasDrifted: this.#driftSinceMs !== null,
        isRefusing: this.#isRefusing || this.#rejections.any,
        lagMs,
        hasAcked: ackedNumber !== null,
      },
      thresholds,
    );
    return {
      id: this.#node.id,
      name: this.#node.name,
      status,
      createdAtMs: this.#node.createdAtMs,
      isConnected: this.#session !== null,
      lastSeenAtMs: this.#lastSeenAtMs,
      lastSeenAgeMs,
      softwareVersion: this.#softwareVersion,
      acked: this.#acked,
      digest: this.#digest,
      lagRevisions: ackedNumber === null ? null : Math.max(0, newest.number - ackedNumber),
      lagMs: lagMs ?? 0,
      driftSinceMs: this.#driftSinceMs,
      lastNack: this.#lastNack,
      rejected: this.#rejections.all,
      isReady: this.#health?.ready ?? null,
      isDraining: this.#health?.draining ?? null,
      rssBytes: this.#health?.rssBytes ?? null,
      requestsInFlight: this.#health?.inFlight ?? null,
      applyUs: this.#applyUs,
      replacedCount: this.#replacedCount,
    };
  }

  /** By the clock that never jumps when this process heard the node itself. */
  #ageMs(at: Instant): number | null {
    if (this.#heardMs !== null) return Math.max(0, at.monotonicMs - this.#heardMs);
    return this.#lastSeenAtMs === null ? null : Math.max(0, at.wallMs - this.#lastSeenAtMs);
  }

  /** What is to be written about it, once. What others wait for and its process at once, when it was last heard now and then. */
  takeSighting(nowMs: number, lastSeenIntervalMs: number): NodeSighting | null {
    if (!this.#isDirty || this.#lastSeenAtMs === null) return null;
    const areRejectionsNew = this.#rejections.changedAtMs !== this.#rejectedAtMsStored;
    const isUrgent =
      areRejectionsNew ||
      this.#acked !== this.#written?.acked ||
      this.#lastNack !== this.#written.lastNack ||
      this.#instanceId !== this.#written.instanceId;
    if (!isUrgent && nowMs - this.#writtenMs < lastSeenIntervalMs) return null;
    this.#isDirty = false;
    this.#writtenMs = nowMs;
    this.#written = {
      id: this.#node.id,
      lastSeenAtMs: this.#lastSeenAtMs,
      softwareVersion: this.#softwareVersion,
      acked: this.#acked,
      lastNack: this.#lastNack,
      instanceId: this.#instanceId,
      rejections: areRejectionsNew ? this.#rejections : null,
    };
    this.#rejectedAtMsStored = this.#rejections.changedAtMs;
    return this.#written;
  }

  /** What was taken could not be written. */
  giveBackSighting(): void {
    this.#isDirty = true;
    if (this.#written?.rejections != null) this.#rejectedAtMsStored = undefined;
    this.#written = null;
  }
}
