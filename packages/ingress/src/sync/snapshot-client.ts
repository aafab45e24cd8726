/**
 * The node's end of the stream: hello, revisions in, ACK and NACK, usage and health out. One state, one transition.
 * Never gives up, never serves what was refused; while it is away, the node serves what it has.
 */

import type { KeyObject } from "node:crypto";
import { status as GrpcStatus, type ServiceError } from "@grpc/grpc-js";
import type { Clock } from "@latchkey/core";
import type { Logger } from "@latchkey/observe";
import type { Heartbeat, NodeHealth, SubscribeRequest } from "@latchkey/proto";
import { asBuffer, formatRevision, type Revision, revisionToWire, sameRevision } from "@latchkey/snapshot";
import type { CurrentTable } from "../table/current-table.js";
import type { IntegrationHandle } from "../table/integration-ref.js";
import { rejectionsOf } from "../table/table-change.js";
import type { NodeKeys } from "../upstream-auth/node-keys.js";
import { Backoff } from "./backoff.js";
import { EncodedChunk } from "./encoded-chunk.js";
import { HeartbeatVerifier } from "./heartbeat-verifier.js";
import { RejectionReport } from "./rejection-report.js";
import type { ApplyOutcome, RevisionApplier } from "./revision-applier.js";
import type { SleepGate } from "./sleep-gate.js";
import type { Session } from "./snapshot-session.js";
import {
  type Incoming,
  type Outgoing,
  openSnapshotStream,
  type SnapshotStreamOptions,
} from "./snapshot-stream.js";
import { UsageOutbox } from "./usage-outbox.js";
import { acknowledgementOf, deltaOf, endOf, recordsOf, rejectionsToWire, revisionOf } from "./wire.js";

export interface SnapshotClientOptions<I extends IntegrationHandle> extends SnapshotStreamOptions {
  readonly nodeId: string;
  readonly instanceId: string;
  readonly softwareVersion: string;
  readonly retryFirstMs: number;
  readonly retryMaxMs: number;
  readonly silenceMs: number;
  /** With it, the time and that the node is up to date come from signed heartbeats only; null: from any. */
  readonly publicKey: KeyObject | null;
  /** The node's own, and what it is granted. */
  readonly keys: NodeKeys;
  /** Awaited before a revision is acknowledged: others have to enforce it as well. */
  readonly beforeAck: ((revision: Revision) => Promise<void>) | null;
  readonly applier: RevisionApplier<I>;
  readonly currentTable: CurrentTable<I>;
  readonly clock: Clock;
  readonly gate: SleepGate;
  readonly log: Logger;
}

export type SyncStateName = "idle" | "connecting" | "streaming" | "backoff" | "stopped";

type State =
  | { readonly kind: "idle" }
  | { readonly kind: "connecting"; readonly session: Session }
  | { readonly kind: "streaming"; readonly session: Session }
  | { readonly kind: "backoff"; readonly timer: NodeJS.Timeout }
  | { readonly kind: "stopped" };

/** Messages read ahead while one is applied. */
const QUEUE_MAX = 4;

export class SnapshotClient<I extends IntegrationHandle> {
  readonly #options: SnapshotClientOptions<I>;
  readonly #backoff: Backoff;
  #state: State = { kind: "idle" };
  #lastError = "";
  readonly #outbox = new UsageOutbox();
  readonly #rejections: RejectionReport;
  /** Called when usage was stored, or the stream has ended. */
  #whenStored: () => void = () => {};

  constructor(options: SnapshotClientOptions<I>) {
    this.#options = options;
    this.#backoff = new Backoff(options.retryFirstMs, options.retryMaxMs);
    this.#rejections = new RejectionReport(options.log);
    options.gate.onWake(() => this.#reconnect());
  }

  get state(): SyncStateName {
    return this.#state.kind;
  }

  /** Why the last stream ended; empty when none did. */
  get lastError(): string {
    return this.#lastError;
  }

  start(): void {
    if (this.#state.kind === "idle") this.#connect();
  }

  stop(): void {
    const state = this.#state;
    this.#state = { kind: "stopped" };
    if (state.kind === "backoff") clearTimeout(state.timer);
    if (state.kind === "connecting" || state.kind === "streaming") this.#dispose(state.session);
  }

  /** What waits on the old stream is from before the sleep: only a new one tells what is true now. */
  #reconnect(): void {
    const state = this.#state;
    if (state.kind === "idle" || state.kind === "stopped") return;
    if (state.kind === "backoff") clearTimeout(state.timer);
    else {
      this.#dispose(state.session);
      this.#options.applier.abandonSnapshot();
    }
    this.#backoff.reset();
    this.#connect();
  }

  /**
   * Sends two parts of one encoded UsageBatch until they are stored. False: too much waits; nothing was taken.
   * @param ageMs time since the batch ended
   */
  sendUsage(counts: Uint8Array, samples: Uint8Array, ageMs = 0): boolean {
    const isTaken = this.#outbox.add(counts, samples, ageMs, this.#options.clock.monotonicMs());
    this.#sendWaitingUsage();
    return isTaken;
  }

  /** Resolves once all usage is stored, or the control plane is away, or after the time. */
  async usageStored(withinMs: number): Promise<void> {
    const isOver = (): boolean =>
      this.#outbox.isEmpty || !(this.#state.kind === "streaming" || this.#state.kind === "connecting");
    if (isOver()) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#whenStored = () => {};
        resolve();
      };
      const timer = setTimeout(done, withinMs);
      this.#whenStored = () => {
        if (isOver()) done();
      };
    });
  }

  sendHealth(health: NodeHealth): boolean {
    return this.#send({ message: { $case: "health", value: health } });
  }

  /** Logs and tells what has become usable or unusable without a revision. */
  reportRejections(): void {
    const { table } = this.#options.currentTable;
    if (table === null) return;
    const rejected = rejectionsOf(table);
    this.#rejections.log(rejected);
    if (this.#rejections.isNews(rejected) && this.#send(rejectionsToWire(rejected)))
      this.#rejections.told(rejected);
  }

  #sendWaitingUsage(): void {
    if (this.#state.kind !== "streaming") return;
    const { stream } = this.#state.session;
    const nowMs = this.#options.clock.monotonicMs();
    while (!stream.writableNeedDrain) {
      const message = this.#outbox.take(nowMs);
      if (message === null) return;
      stream.write(message);
    }
  }

  #send(message: Outgoing): boolean {
    if (this.#state.kind !== "streaming") return false;
    const { stream } = this.#state.session;
    if (stream.writableNeedDrain) return false;
    stream.write(message);
    return true;
  }

  #connect(): void {
    const options = this.#options;
    const { client, stream } = openSnapshotStream(options);
    const session: Session = {
      client,
      stream,
      queue: [],
      isWorking: false,
      heardAtMs: options.clock.monotonicMs(),
      watchdog: null,
      heartbeats: new HeartbeatVerifier(options.publicKey),
      heartbeatCount: 0,
      hasAgreed: false,
      hasRefusedHeartbeat: false,
    };
    this.#outbox.restart();
    this.#rejections.restart();
    this.#state = { kind: "connecting", session };
    stream.on("data", (message: Incoming) => this.#onMessage(session, message));
    stream.on("error", (error: ServiceError) => this.#onEnd(session, error));
    stream.on("end", () => this.#onEnd(session, null));
    stream.on("drain", () => {
      if (this.#isCurrent(session)) this.#sendWaitingUsage();
    });
    const checkMs = Math.max(10, Math.min(1_000, options.silenceMs / 4));
    session.watchdog = setInterval(() => this.#watch(session), checkMs);
    session.watchdog.unref();
    stream.write(this.#hello(session.heartbeats.challenge));
  }

  #hello(challenge: Buffer): SubscribeRequest {
    const standing = this.#options.applier.standing();
    return {
      message: {
        $case: "hello",
        value: {
          nodeId: this.#options.nodeId,
          instanceId: this.#options.instanceId,
          softwareVersion: this.#options.softwareVersion,
          knownRevision: standing === null ? undefined : revisionToWire(standing.revision),
          knownDigest: standing === null ? Buffer.alloc(0) : Buffer.from(standing.digest),
          challenge,
          publicKey: asBuffer(this.#options.keys.publicKey),
        },
      },
    };
  }

  #onMessage(session: Session, message: Incoming): void {
    session.heardAtMs = this.#options.clock.monotonicMs();
    this.#options.gate.isClosed(session.heardAtMs); // a sleep that nobody noticed yet ends this session
    if (!this.#isCurrent(session)) return;
    if (this.#state.kind === "connecting") {
      this.#state = { kind: "streaming", session };
      this.#backoff.reset();
      this.#lastError = "";
      this.#options.log.info({ address: this.#options.address }, "stream to the control plane is up");
      this.reportRejections();
    }
    session.queue.push(message);
    if (session.queue.length >= QUEUE_MAX) session.stream.pause();
    if (!session.isWorking) void this.#work(session);
  }

  /** Messages one after the other, since applying one may take several turns of the event loop. */
  async #work(session: Session): Promise<void> {
    session.isWorking = true;
    try {
      for (;;) {
        const message = session.queue.shift();
        if (message === undefined || !this.#isCurrent(session)) break;
        const outcome = await this.#take(session, message);
        if (
          outcome?.kind === "applied" &&
          this.#isCurrent(session) &&
          session.heartbeats.isNewest(outcome.revision)
        )
          this.#options.gate.confirm();
        if (outcome?.kind === "applied") await this.#options.beforeAck?.(outcome.revision);
        session.heardAtMs = this.#options.clock.monotonicMs();
        if (outcome !== null && this.#isCurrent(session)) this.#acknowledge(session, outcome);
        if (session.queue.length < QUEUE_MAX) session.stream.resume();
      }
    } catch (cause) {
      this.#options.log.error({ err: cause }, "a message of the control plane could not be handled");
      this.#onEnd(session, null);
    } finally {
      session.isWorking = false;
    }
  }

  async #take(session: Session, incoming: Incoming): Promise<ApplyOutcome | null> {
    const { applier } = this.#options;
    if (incoming instanceof EncodedChunk) return applier.addChunk(incoming.index, incoming.records());
    const { message } = incoming;
    switch (message?.$case) {
      case "snapshotBegin":
        return applier.beginSnapshot(revisionOf(message.value.revision));
      case "snapshotChunk":
        return applier.addChunk(message.value.index, recordsOf(message.value.resources));
      case "snapshotEnd":
        return applier.endSnapshot(endOf(message.value));
      case "delta":
        return applier.applyDelta(deltaOf(message.value));
      case "heartbeat":
        this.#onHeartbeat(session, message.value);
        return null;
      case "usageStored":
        this.#outbox.stored(Number(message.value.sequence));
        this.#sendWaitingUsage();
        this.#whenStored();
        return null;
      case "keyGrant":
        await this.#options.keys.take(message.value);
        return null;
      case undefined:
        return null; // a kind of message that this node is too old for
    }
  }

  #onHeartbeat(session: Session, heartbeat: Heartbeat): void {
    const { currentTable, applier, log } = this.#options;
    // The first message about usage comes behind the first heartbeat.
    if (++session.heartbeatCount > 1) {
      this.#outbox.unconfirmed();
      this.#sendWaitingUsage();
    }
    if (!session.heartbeats.isBelieved(heartbeat)) {
      if (!session.hasRefusedHeartbeat)
        log.error(
          { address: this.#options.address },
          "heartbeats are not signed by the control plane: its time is not taken, and revisions are not confirmed as the newest",
        );
      session.hasRefusedHeartbeat = true;
      return;
    }
    const serverTimeMs = Number(heartbeat.serverTimeMs);
    if (serverTimeMs > 0) currentTable.heardServerTime(serverTimeMs);
    const standing = applier.standing();
    if (standing === null || !sameRevision(standing.revision, revisionOf(heartbeat.revision))) return;
    if (heartbeat.digest.length === 0 || Buffer.compare(heartbeat.digest, standing.digest) === 0) {
      session.hasAgreed = true;
      this.#confirm();
      return;
    }
    // What this node holds is in the hello: the control plane knows by it, and everything is on its way.
    if (!session.hasAgreed) return;
    // The hello of the next stream says what this node holds, and the control plane sends everything.
    this.#onEnd(session, null, "the control plane holds something else under the same revision");
  }

  #confirm(): void {
    this.#options.currentTable.confirmedAtMs = this.#options.clock.monotonicMs();
    this.#options.gate.confirm();
  }

  #acknowledge(session: Session, outcome: ApplyOutcome): void {
    const { log } = this.#options;
    if (outcome.kind === "applied") {
      session.hasAgreed = true;
      if (session.heartbeats.isNewest(outcome.revision)) this.#confirm();
      log.debug({ revision: formatRevision(outcome.revision), applyUs: outcome.applyUs }, "revision applied");
      this.#rejections.acknowledged(outcome.rejected);
    } else {
      const { revision, reason, detail } = outcome;
      log.warn({ revision: formatRevision(revision), reason, detail }, "a revision is refused");
    }
    session.stream.write(acknowledgementOf(outcome));
  }

  #watch(session: Session): void {
    if (!this.#isCurrent(session)) return;
    if (this.#options.clock.monotonicMs() - session.heardAtMs < this.#options.silenceMs) return;
    if (session.isWorking) return; // we are the ones who are slow
    this.#onEnd(session, null, "the stream is silent");
  }

  #onEnd(session: Session, error: ServiceError | null, reason?: string): void {
    if (!this.#isCurrent(session)) return;
    const wasStreaming = this.#state.kind === "streaming";
    this.#dispose(session);
    this.#options.applier.abandonSnapshot();
    const waitMs = this.#waitAfter(error);
    this.#lastError = reason ?? (error === null ? "the server ended the stream" : reasonOf(error));
    const level = error?.code === GrpcStatus.UNAUTHENTICATED ? "error" : wasStreaming ? "warn" : "info";
    this.#options.log[level](
      { reason: this.#lastError, retryInMs: Math.round(waitMs) },
      "no stream to the control plane; serving on with what is known",
    );
    const timer = setTimeout(() => this.#connect(), waitMs);
    this.#state = { kind: "backoff", timer };
    this.#whenStored();
  }

  #waitAfter(error: ServiceError | null): number {
    const told = error?.metadata?.get("latchkey-retry-after-ms")[0];
    const toldMs = told === undefined ? Number.NaN : Number(told);
    return Number.isFinite(toldMs) && toldMs >= 0 ? this.#backoff.after(toldMs) : this.#backoff.next();
  }

  #isCurrent(session: Session): boolean {
    const state = this.#state;
    return (state.kind === "connecting" || state.kind === "streaming") && state.session === session;
  }

  #dispose(session: Session): void {
    if (session.watchdog !== null) clearInterval(session.watchdog);
    session.queue.length = 0;
    session.stream.removeAllListeners("data");
    session.stream.on("error", () => undefined); // the cancellation is reported as one
    session.stream.cancel();
    session.client.close();
  }
}

function reasonOf(error: ServiceError): string {
  return `${GrpcStatus[error.code] ?? error.code}: ${error.details}`;
}
