/**
 * What one node is sent, and when: deltas from where it stands, or everything; revocations without waiting for an ACK. Believes no
 * ACK of what was not sent, and ends a stream that is silent or stuck. Reports what the node says to
 * nodes/node-registry.ts. Knows no gRPC: it writes to a StreamPort.
 */
import type { Ack, Nack } from "@latchkey/proto";
import {
  compareVersions,
  formatVersion,
  type HeartbeatContent,
  sameVersion,
  type Version,
} from "@latchkey/snapshot";
import { ackFromWire, nackFromWire, reportedVersion } from "./node-messages.js";
import type { SessionEnd } from "./node-observer.js";
import { type Greeting, type NodeStreamOptions } from "./node-stream-options.js";
import { encodeHeartbeat, encodeSnapshotChunk, encodeUsageStored } from "./wire.js";

/** Versions on their way to one node: one; a revocation does not wait for the ACK of what went before. */
const IN_FLIGHT_MAX = 1;
const IN_FLIGHT_REVOCATION_MAX = 4;
/** Withdrawn versions whose ACK or NACK is still accepted. A node responds in order, so more never wait. */
const WITHDRAWN_MAX = 64;
/** A signature costs some 50 µs, for each stream its own: those in front of revisions come no closer than this. */
const SIGNED_BEAT_INTERVAL_MS = 1_000;
const NOTHING = new Uint8Array();

/** Where the node will stand when it has applied all that was sent. */
type Position =
  /** Needs everything. */
  | { readonly kind: "nowhere" }
  | { readonly kind: "at"; readonly version: Version }
  /** Holds something newer than `than`: nothing is sent until we have that, too. `version` is what it holds, if known. */
  | { readonly kind: "ahead"; readonly than: Version; readonly version: Version | null };

interface InFlight {
  readonly version: Version;
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
  readonly #withdrawn: Version[] = [];
  #position: Position = { kind: "nowhere" };
  /** The newest version of this epoch that the node may hold: it takes nothing older. */
  #highest: Version | null = null;
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
    const { version } = greeting;
    this.#challenge = greeting.challenge;
    this.#keys = greeting.keys;
    if (version !== null && compareVersions(version, cache.version) > 0) {
      // Perhaps we are only late.
      await cache.advance();
      if (compareVersions(version, cache.version) > 0) await beginEpoch(version);
    }
    this.#position = this.#placeOf(greeting);
    if (this.#position.kind === "at" || greeting.version?.epoch === cache.version.epoch)
      this.#highest = greeting.version;
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
        `no response to ${formatVersion(oldest.version)} for ${timings.ackTimeoutMs / 1000} s`,
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

  /** Only a version that is on its way on this stream can be confirmed. */
  ack(ack: Ack): void {
    const version = reportedVersion(ack.version);
    if (version !== null && this.#wasWithdrawn(version)) return;
    const index = version === null ? -1 : this.#indexInFlight(version);
    const sent = this.#inFlight[index];
    if (version === null || sent === undefined || sent.sentMs === null) {
      this.#endFalse("ACK", version);
      return;
    }
    const { observer, nodeId, backoff } = this.#options;
    const matches = Buffer.compare(sent.digest, ack.digest) === 0;
    // An ACK covers whatever was sent before.
    this.#withdraw(this.#inFlight.splice(0, index + 1).slice(0, -1));
    observer.acked(nodeId, ackFromWire(ack, version, matches));
    if (matches) backoff.succeeded();
    else {
      this.#options.metrics.drifted();
      this.#startOver();
    }
    this.wake();
  }

  /** Only a version that is on its way on this stream can be refused. */
  nack(nack: Nack): void {
    const version = reportedVersion(nack.version);
    // Versions sent behind a refused delta are refused as well: the response to the first one is on its way already.
    if (version !== null && this.#wasWithdrawn(version)) return;
    const index = version === null ? -1 : this.#indexInFlight(version);
    const [refused] = index < 0 ? [] : this.#inFlight.splice(index, 1);
    if (version === null || refused === undefined) {
      this.#endFalse("NACK", version);
      return;
    }
    const { observer, nodeId, cache, logger, metrics } = this.#options;
    const report = nackFromWire(nack, version);
    observer.nacked(nodeId, report);
    metrics.nacked(report.kind);
    logger.warn({ node: nodeId, reason: report.kind, detail: report.detail }, "a node refused a version");
    this.#startOver();
    if (report.kind === "older-version") this.#position = { kind: "ahead", than: version, version: null };
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

  #indexInFlight(version: Version): number {
    return this.#inFlight.findIndex((sent) => sameVersion(sent.version, version));
  }

  #withdraw(sent: readonly InFlight[]): void {
    this.#withdrawn.push(...sent.map(({ version }) => version));
    if (this.#withdrawn.length > WITHDRAWN_MAX)
      this.#withdrawn.splice(0, this.#withdrawn.length - WITHDRAWN_MAX);
  }

  /** True once for each withdrawn version, unless it was sent again since. */
  #wasWithdrawn(version: Version): boolean {
    const index = this.#withdrawn.findIndex((sent) => sameVersion(sent, version));
    if (index < 0) return false;
    this.#withdrawn.splice(0, index + 1);
    return true;
  }

  /** The node claims something of a version that it was not sent. Nothing that it says on this stream counts any more. */
  #endFalse(claim: "ACK" | "NACK", version: Version | null): void {
    const what = version === null ? "no version, or an impossible one" : formatVersion(version);
    const detail = `${claim} of a version that is not on its way: ${what}`;
    const onItsWay = this.#inFlight.map((sent) => formatVersion(sent.version));
    this.#options.logger.warn({ node: this.#options.nodeId, detail, onItsWay }, "a node's claim is false");
    this.#options.metrics.refused("false-claim");
    this.end("malformed", detail);
  }

  #placeOf(greeting: Greeting): Position {
    const { cache, observer, nodeId } = this.#options;
    const { version, digest } = greeting;
    if (version === null) return { kind: "nowhere" };
    if (compareVersions(version, cache.version) > 0) {
      const detail = `the node holds ${formatVersion(version)}, newer than this control plane's ${formatVersion(cache.version)}`;
      observer.nacked(nodeId, { version, kind: "older-version", detail });
      return { kind: "ahead", than: version, version };
    }
    if (version.epoch !== cache.version.epoch) return { kind: "nowhere" };
    const expected = cache.digestAt(version);
    if (expected === undefined) return { kind: "at", version };
    const digestMatches = Buffer.compare(expected, digest) === 0;
    observer.acked(nodeId, { version, digestMatches, digest, rejected: [], applyUs: 0 });
    return digestMatches ? { kind: "at", version } : { kind: "nowhere" };
  }

  /** Sends until there is nothing more to send for now. */
  async #drive(): Promise<void> {
    while (this.#isOpen) {
      const position = this.#whereToGoFrom();
      if (position === null) return;
      if (position.kind === "nowhere") {
        if (!this.#options.backoff.tryStart()) return;
        await this.#sendFull();
      } else await this.#sendDelta(position.version);
    }
  }

  /** The position from which something is to be sent now, or null. */
  #whereToGoFrom(): Exclude<Position, { kind: "ahead" }> | null {
    const { cache } = this.#options;
    let position = this.#position;
    if (position.kind === "ahead") {
      const { than, version } = position;
      if (compareVersions(cache.version, than) <= 0) return null;
      // The digest of the delta will tell the node whether it holds what we think.
      position = version?.epoch === cache.version.epoch ? { kind: "at", version } : { kind: "nowhere" };
      this.#position = position;
    }
    if (position.kind === "nowhere") return this.#inFlight.length === 0 ? position : null;
    if (sameVersion(position.version, cache.version)) return null;
    const max = cache.hasRevocationSince(position.version) ? IN_FLIGHT_REVOCATION_MAX : IN_FLIGHT_MAX;
    return this.#inFlight.length < max ? position : null;
  }

  async #sendDelta(from: Version): Promise<void> {
    const { cache, metrics } = this.#options;
    const delta = cache.recentDelta(from) ?? (await cache.loggedDelta(from));
    await this.#writeGrant();
    // A NACK may have come while the log was read, or the grant left.
    if (this.#position.kind !== "at" || !sameVersion(this.#position.version, from)) return;
    if (delta === null) {
      this.#position = { kind: "nowhere" };
      return;
    }
    this.#position = { kind: "at", version: delta.to };
    const sent: InFlight = { version: delta.to, digest: delta.digest, isFull: false, sentMs: null };
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
        version: snapshot.version,
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
      this.#position = { kind: "at", version: snapshot.version };
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
    this.#highest = sent.version;
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
      version: cache.version,
      digest: cache.digest,
    };
    // A lost heartbeat is a lost call, which the port reports by itself.
    port.write(encodeHeartbeat(content, sign?.(content) ?? NOTHING)).catch(() => {});
  }
}
