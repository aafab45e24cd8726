/**
 * What one node is sent, and when: deltas from where it stands, or everything; revocations without waiting for an ACK. Believes no
 * ACK of what was not sent, and ends a stream that is silent or stuck. Reports what the node says to
 * nodes/node-registry.ts. Knows no gRPC: it writes to a StreamPort.
 */
import type { Ack, Nack } from "@latchkey/proto";
import {
  compareRevisions,
  formatRevision,
  type HeartbeatContent,
  type Revision,
  sameRevision,
} from "@latchkey/snapshot";
import { ackFromWire, nackFromWire, reportedRevision } from "./node-messages.js";
import type { SessionEnd } from "./node-observer.js";
import { type Greeting, type NodeStreamOptions } from "./node-stream-options.js";
import { encodeHeartbeat, encodeSnapshotChunk, encodeUsageStored } from "./wire.js";

/** Revisions on their way to one node: one; a revocation does not wait for the ACK of what went before. */
const IN_FLIGHT_MAX = 1;
const IN_FLIGHT_REVOCATION_MAX = 4;
/** Withdrawn revisions whose ACK or NACK is still accepted. A node responds in order, so more never wait. */
const WITHDRAWN_MAX = 64;
/** A signature costs some 50 µs, for each stream its own: those in front of revisions come no closer than this. */
const SIGNED_BEAT_INTERVAL_MS = 1_000;
const NOTHING = new Uint8Array();

/** Where the node will stand when it has applied all that was sent. */
type Position =
  /** Needs everything. */
  | { readonly kind: "nowhere" }
  | { readonly kind: "at"; readonly revision: Revision }
  /** Holds something newer than `than`: nothing is sent until we have that, too. `version` is what it holds, if known. */
  | { readonly kind: "ahead"; readonly than: Revision; readonly revision: Revision | null };

interface InFlight {
  readonly revision: Revision;
  readonly digest: Uint8Array;
  readonly isFull: boolean;
  /** Null while the chunks of a snapshot leave: it can be refused already, and not be acknowledged. */
  sentMs: number | null;
}

export class NodeStream {
  readonly #options: NodeStreamOptions;
  /** What may be acknowledged or refused, oldest first. Anything else that a node claims is not true. */
  readonly #inFlight: InFlight[] = [];
  /** Sent before the stream started over: the ACK or NACK that still comes changes nothing. */
  readonly #withdrawn: Revision[] = [];
  #position: Position = { kind: "nowhere" };
  /** The newest revision of this epoch that the node may hold: it takes nothing older. */
  #highest: Revision | null = null;
  #isOpen = true;
  #isDriving = false;
  /** Set while a message leaves; moved on by each chunk. */
  #writingSinceMs: number | null = null;
  #heardMs: number;
  #beatMs = Number.NEGATIVE_INFINITY;
  #beats = 0;
  #challenge: Uint8Array | null = null;
  #keys: Greeting["keys"] = null;

  constructor(options: NodeStreamOptions) {
    this.#options = options;
    this.#heardMs = options.clock.monotonicMs();
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Takes the hello and responds with the first heartbeat. */
  async greet(greeting: Greeting): Promise<void> {
    const { cache, beginEpoch } = this.#options;
    const { revision } = greeting;
    this.#challenge = greeting.challenge;
    this.#keys = greeting.keys;
    if (revision !== null && compareRevisions(revision, cache.revision) > 0) {
      // Perhaps we are only late.
      await cache.advance();
      if (compareRevisions(revision, cache.revision) > 0) await beginEpoch(revision);
    }
    this.#position = this.#placeOf(greeting);
    if (this.#position.kind === "at" || greeting.revision?.epoch === cache.revision.epoch)
      this.#highest = greeting.revision;
    this.#beat();
    this.usageStored(0);
    // Also to a node that is up to date: it may have lost what it was granted before.
    await this.#writeGrant();
    this.wake();
  }

  /** There may be something to send. */
  wake(): void {
    if (this.#isDriving || !this.#isOpen) return;
    this.#isDriving = true;
    this.#drive().then(
      () => {
        this.#isDriving = false;
      },
      (error: unknown) => {
        this.#isDriving = false;
        if (!this.#isOpen) return;
        this.#options.logger.error({ err: error, node: this.#options.nodeId }, "cannot send to a node");
        this.end("failed", "the control plane failed");
      },
    );
  }

  /** Heartbeat and deadlines. Call it about once a second. */
  tick(): void {
    if (!this.#isOpen) return;
    const { clock, timings } = this.#options;
    const nowMs = clock.monotonicMs();
    const oldest = this.#inFlight[0];
    if (nowMs - this.#heardMs > timings.silenceMaxMs) {
      this.end("silent", `nothing heard for ${timings.silenceMaxMs / 1000} s`);
    } else if (oldest !== undefined && nowMs - (oldest.sentMs ?? nowMs) > timings.ackTimeoutMs) {
      this.end(
        "unacknowledged",
        `no response to ${formatRevision(oldest.revision)} for ${timings.ackTimeoutMs / 1000} s`,
      );
    } else if (this.#writingSinceMs !== null && nowMs - this.#writingSinceMs > timings.ackTimeoutMs) {
      this.end("unacknowledged", `a message did not leave for ${timings.ackTimeoutMs / 1000} s`);
    } else {
      if (nowMs - this.#beatMs >= timings.heartbeatIntervalMs && this.#writingSinceMs === null) this.#beat();
      // A full snapshot may have waited for its time.
      this.wake();
    }
  }

  heard(): void {
    this.#heardMs = this.#options.clock.monotonicMs();
    this.#options.observer.heard(this.#options.nodeId);
  }

  /** Only a revision that is on its way on this stream can be confirmed. */
  ack(ack: Ack): void {
    const revision = reportedRevision(ack.revision);
    if (revision !== null && this.#wasWithdrawn(revision)) return;
    const index = revision === null ? -1 : this.#indexInFlight(revision);
    const sent = this.#inFlight[index];
    if (revision === null || sent === undefined || sent.sentMs === null) {
      this.#endFalse("ACK", revision);
      return;
    }
    const { observer, nodeId, backoff } = this.#options;
    const matches = Buffer.compare(sent.digest, ack.digest) === 0;
    // An ACK covers whatever was sent before.
    this.#withdraw(this.#inFlight.splice(0, index + 1).slice(0, -1));
    observer.acked(nodeId, ackFromWire(ack, revision, matches));
    if (matches) backoff.succeeded();
    else {
      this.#options.metrics.drifted();
      this.#startOver();
    }
    this.wake();
  }

  /** Only a revision that is on its way on this stream can be refused. */
  nack(nack: Nack): void {
    const revision = reportedRevision(nack.revision);
    // Revisions sent behind a refused delta are refused as well: the response to the first one is on its way already.
    if (revision !== null && this.#wasWithdrawn(revision)) return;
    const index = revision === null ? -1 : this.#indexInFlight(revision);
    const [refused] = index < 0 ? [] : this.#inFlight.splice(index, 1);
    if (revision === null || refused === undefined) {
      this.#endFalse("NACK", revision);
      return;
    }
    const { observer, nodeId, cache, logger, metrics } = this.#options;
    const report = nackFromWire(nack, revision);
    observer.nacked(nodeId, report);
    metrics.nacked(report.kind);
    logger.warn({ node: nodeId, reason: report.kind, detail: report.detail }, "a node refused a revision");
    this.#startOver();
    if (report.kind === "older-revision") this.#position = { kind: "ahead", than: revision, revision: null };
    if (report.kind === "digest-mismatch" && refused.isFull) {
      // Either the way is broken or our own sum is: the second we can find out.
      cache.recheck().then(
        () => this.wake(),
        (error: unknown) => logger.error({ err: error }, "cannot recheck the digest"),
      );
    }
    this.wake();
  }

  /** Batches of usage up to this number are in the database; 0 says that batches will be confirmed. */
  usageStored(sequence: number): void {
    // One that is lost with its call comes again: the node sends the batches again.
    if (this.#isOpen) this.#options.port.write(encodeUsageStored(sequence)).catch(() => {});
  }

  end(why: SessionEnd, detail: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#inFlight.length = 0;
    this.#options.port.end(why, detail);
  }

  #startOver(): void {
    this.#withdraw(this.#inFlight.splice(0));
    this.#position = { kind: "nowhere" };
  }

  #indexInFlight(revision: Revision): number {
    return this.#inFlight.findIndex((sent) => sameRevision(sent.revision, revision));
  }

  #withdraw(sent: readonly InFlight[]): void {
    this.#withdrawn.push(...sent.map(({ revision }) => revision));
    if (this.#withdrawn.length > WITHDRAWN_MAX)
      this.#withdrawn.splice(0, this.#withdrawn.length - WITHDRAWN_MAX);
  }

  /** True once for each withdrawn revision, unless it was sent again since. */
  #wasWithdrawn(revision: Revision): boolean {
    const index = this.#withdrawn.findIndex((sent) => sameRevision(sent, revision));
    if (index < 0) return false;
    this.#withdrawn.splice(0, index + 1);
    return true;
  }

  /** The node claims something of a revision that it was not sent. Nothing that it says on this stream counts any more. */
  #endFalse(claim: "ACK" | "NACK", revision: Revision | null): void {
    const what = revision === null ? "no revision, or an impossible one" : formatRevision(revision);
    const detail = `${claim} of a revision that is not on its way: ${what}`;
    const onItsWay = this.#inFlight.map((sent) => formatRevision(sent.revision));
    this.#options.logger.warn({ node: this.#options.nodeId, detail, onItsWay }, "a node's claim is false");
    this.#options.metrics.refused("false-claim");
    this.end("malformed", detail);
  }

  #placeOf(greeting: Greeting): Position {
    const { cache, observer, nodeId } = this.#options;
    const { revision, digest } = greeting;
    if (revision === null) return { kind: "nowhere" };
    if (compareRevisions(revision, cache.revision) > 0) {
      const detail = `the node holds ${formatRevision(revision)}, newer than this control plane's ${formatRevision(cache.revision)}`;
      observer.nacked(nodeId, { revision, kind: "older-revision", detail });
      return { kind: "ahead", than: revision, revision };
    }
    if (revision.epoch !== cache.revision.epoch) return { kind: "nowhere" };
    const expected = cache.digestAt(revision);
    if (expected === undefined) return { kind: "at", revision };
    const digestMatches = Buffer.compare(expected, digest) === 0;
    observer.acked(nodeId, { revision, digestMatches, digest, rejected: null, applyUs: 0 });
    return digestMatches ? { kind: "at", revision } : { kind: "nowhere" };
  }

  /** Sends until there is nothing more to send for now. */
  async #drive(): Promise<void> {
    while (this.#isOpen) {
      const position = this.#whereToGoFrom();
      if (position === null) return;
      if (position.kind === "nowhere") {
        if (!this.#options.backoff.tryStart()) return;
        await this.#sendFull();
      } else await this.#sendDelta(position.revision);
    }
  }

  /** The position from which something is to be sent now, or null. */
  #whereToGoFrom(): Exclude<Position, { kind: "ahead" }> | null {
    const { cache } = this.#options;
    let position = this.#position;
    if (position.kind === "ahead") {
      const { than, revision } = position;
      if (compareRevisions(cache.revision, than) <= 0) return null;
      // The digest of the delta will tell the node whether it holds what we think.
      position = revision?.epoch === cache.revision.epoch ? { kind: "at", revision } : { kind: "nowhere" };
      this.#position = position;
    }
    if (position.kind === "nowhere") return this.#inFlight.length === 0 ? position : null;
    if (sameRevision(position.revision, cache.revision)) return null;
    const max = cache.hasRevocationSince(position.revision) ? IN_FLIGHT_REVOCATION_MAX : IN_FLIGHT_MAX;
    return this.#inFlight.length < max ? position : null;
  }

  async #sendDelta(from: Revision): Promise<void> {
    const { cache, metrics } = this.#options;
    const delta = cache.recentDelta(from) ?? (await cache.loggedDelta(from));
    await this.#writeGrant();
    // A NACK may have come while the log was read, or the grant left.
    if (this.#position.kind !== "at" || !sameRevision(this.#position.revision, from)) return;
    if (delta === null) {
      this.#position = { kind: "nowhere" };
      return;
    }
    this.#position = { kind: "at", revision: delta.to };
    const sent: InFlight = { revision: delta.to, digest: delta.digest, isFull: false, sentMs: null };
    this.#inFlight.push(sent);
    this.#launch(sent);
    metrics.sentDelta(delta.message.length);
    this.#beat();
    await this.#write(delta.message);
  }

  async #sendFull(): Promise<void> {
    const { cache, slots, metrics, backoff } = this.#options;
    const giveBack = await slots.take();
    try {
      if (!this.#isOpen) {
        backoff.interrupted();
        return;
      }
      const snapshot = await cache.snapshot(this.#highest);
      await this.#writeGrant();
      let bytes = snapshot.begin.length + snapshot.end.length;
      const sent: InFlight = {
        revision: snapshot.revision,
        digest: snapshot.digest,
        isFull: true,
        sentMs: null,
      };
      this.#inFlight.push(sent);
      await this.#write(snapshot.begin);
      for (const [index, chunk] of snapshot.chunks.entries()) {
        // The node may refuse it before it has all of it.
        if (!this.#inFlight.includes(sent)) break;
        bytes += chunk.entries.length;
        await this.#write(encodeSnapshotChunk(index, chunk.entries));
      }
      if (!this.#isOpen) {
        backoff.interrupted();
        return;
      }
      if (!this.#inFlight.includes(sent)) return;
      this.#position = { kind: "at", revision: snapshot.revision };
      this.#launch(sent);
      metrics.sentSnapshot(bytes);
      this.#beat();
      await this.#write(snapshot.end);
    } catch (error) {
      backoff.interrupted();
      throw error;
    } finally {
      giveBack();
    }
  }

  /** Data keys that the node does not have yet, before the revision that may need them. */
  async #writeGrant(): Promise<void> {
    const grant = await this.#keys?.next();
    if (grant) await this.#write(grant);
  }

  /** Before the message leaves: the ACK may overtake the notice that it has left. */
  #launch(sent: InFlight): void {
    this.#highest = sent.revision;
    sent.sentMs = this.#options.clock.monotonicMs();
  }

  async #write(message: Buffer): Promise<void> {
    if (!this.#isOpen) return;
    this.#writingSinceMs = this.#options.clock.monotonicMs();
    try {
      await this.#options.port.write(message);
    } catch (error) {
      // The port tells the service that the call is over.
      if (this.#isOpen) throw error;
    } finally {
      this.#writingSinceMs = null;
    }
  }

  /** Also in front of each revision: a node that has it knows which keys have expired before it. */
  #beat(): void {
    const { clock, cache, port } = this.#options;
    const sign = this.#challenge === null ? null : this.#options.sign;
    const nowMs = clock.monotonicMs();
    if (sign !== null && nowMs - this.#beatMs < SIGNED_BEAT_INTERVAL_MS) return;
    this.#beatMs = nowMs;
    const content: HeartbeatContent = {
      challenge: this.#challenge ?? NOTHING,
      sequence: ++this.#beats,
      serverTimeMs: Math.trunc(clock.now()),
      revision: cache.revision,
      digest: cache.digest,
    };
    // A lost heartbeat is a lost call, which the port reports by itself.
    port.write(encodeHeartbeat(content, sign?.(content) ?? NOTHING)).catch(() => {});
  }
}
