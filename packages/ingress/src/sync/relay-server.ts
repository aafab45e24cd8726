/**
 * The primary's end of the stream towards its workers: the same service as the control plane's, over a socket of the
 * file system. Workers get what the primary has applied, in its order; the control plane sees one node. Counts a worker
 * as enforcing a revision only after its ACK; one that does not send it in time is reported, to be ended.
 */
import { access } from "node:fs/promises";
import { dirname } from "node:path";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { type Logger, makePrivateFolder } from "@latchkey/observe";
import {
  type Hello,
  SnapshotServiceService,
  type SubscribeRequest,
  type SubscribeResponse,
  type UsageBatch,
} from "@latchkey/proto";
import {
  asBuffer,
  compareRevisions,
  encryptKeyGrant,
  type Revision,
  revisionToWire,
  sameRevision,
} from "@latchkey/snapshot";
import type { RouteTable } from "../table/route-table.js";
import type { DeltaValue, RevisionObserver } from "./revision-applier.js";
import type { SleepGate } from "./sleep-gate.js";
import { snapshotMessages } from "./snapshot-messages.js";
import { deltaToWire, revisionOf } from "./wire.js";
import { type RelayStream, WorkerStream } from "./worker-stream.js";

export interface RelayServerOptions {
  /** A path of the file system. */
  readonly socketPath: string;
  readonly table: () => RouteTable | null;
  /** Data keys of this node, for its workers; the present one first. */
  readonly dataKeys: () => readonly Buffer[];
  /** Of the control plane's clock, for expiry. */
  readonly nowMs: () => number;
  /** Of the primary: while it is closed, workers get nothing. */
  readonly gate: SleepGate;
  readonly onUsage: (batch: UsageBatch) => void;
  /** A worker holds an ACK back for too long. It counts until `forget`, so it must be ended. */
  readonly onLate: (instanceId: string) => void;
  readonly log: Logger;
}

const HEARTBEAT_MS = 1_000;
/** How often a worker that has not applied a revision is looked at. */
const LATE_CHECK_MS = 500;
/** A worker without a sign of life for so many checks (5 s) is late. */
const SILENT_CHECKS_MAX = 10;
/** A worker that lives but does not apply a revision is late after so many (50 s): before the control plane gives up. */
const CHECKS_MAX = 100;

export class RelayServer implements RevisionObserver {
  readonly #options: RelayServerOptions;
  readonly #members = new Map<string, Member>();
  readonly #waiting = new Set<() => void>();
  #server: Server | null = null;
  #signature: Uint8Array = new Uint8Array(0);
  #heartbeat: NodeJS.Timeout | null = null;
  #isListening = false;
  #isLooking = false;

  constructor(options: RelayServerOptions) {
    this.#options = options;
    options.gate.onOpen(() => this.#onGateOpen());
  }

  get address(): string {
    return `unix:${this.#options.socketPath}`;
  }

  async listen(): Promise<void> {
    await this.#bind();
    this.#heartbeat = setInterval(() => this.#onHeartbeat(), HEARTBEAT_MS);
    this.#heartbeat.unref();
  }

  async #bind(): Promise<void> {
    makePrivateFolder(dirname(this.#options.socketPath)); // a process that reaches the socket counts as a worker
    const server = new Server();
    server.addService(SnapshotServiceService, {
      subscribe: (stream: RelayStream) => this.#subscribe(stream),
    });
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.bindAsync(this.address, ServerCredentials.createInsecure(), (error) => {
        this.#isListening = error === null;
        if (error === null) resolve();
        else reject(error);
      });
    });
  }

  close(): void {
    if (this.#heartbeat !== null) clearInterval(this.#heartbeat);
    this.#heartbeat = null;
    this.#server?.forceShutdown();
  }

  /** The worker sent something, over whatever channel. */
  heardFrom(instanceId: string): void {
    const member = this.#members.get(instanceId);
    if (member !== undefined) member.signsOfLife++;
  }

  /** The worker's process has ended. */
  forget(instanceId: string): void {
    this.#members.get(instanceId)?.stream?.stop();
    this.#members.delete(instanceId);
    this.#checkWaiting();
  }

  onSnapshot(table: RouteTable, signature: Uint8Array): void {
    this.#signature = signature;
    for (const { stream } of this.#members.values()) if (stream?.isWelcome) this.#sendSnapshot(stream, table);
  }

  onDelta(delta: DeltaValue): void {
    this.#signature = delta.signature;
    const message: SubscribeResponse = { message: { $case: "delta", value: deltaToWire(delta) } };
    const heartbeat = this.#heartbeatMessage(); // see the control plane's node-stream.ts
    for (const { stream } of this.#members.values()) if (stream?.isWelcome) stream.send([heartbeat, message]);
  }

  /** Resolves when every worker that serves enforces this revision: it said so, or its process has ended. */
  async applied(revision: Revision): Promise<void> {
    const late = (): [string, Member][] =>
      [...this.#members].filter(([, member]) => compareRevisions(member.applied, revision) < 0);
    if (late().length === 0) return;
    const seen = new Map<Member, { signsOfLife: number; silentChecks: number }>();
    let checks = 0;
    // Counts checks, not time: a primary that was stopped itself must not take its workers for silent.
    const lookAtLate = (): void => {
      checks++;
      for (const [instanceId, member] of late()) {
        const { signsOfLife } = member;
        const before = seen.get(member);
        const isSilent = before !== undefined && before.signsOfLife === signsOfLife;
        const silentChecks = isSilent ? before.silentChecks + 1 : 0;
        seen.set(member, { signsOfLife, silentChecks });
        if (silentChecks >= SILENT_CHECKS_MAX || checks >= CHECKS_MAX) this.#options.onLate(instanceId);
      }
    };
    const timer = setInterval(lookAtLate, LATE_CHECK_MS);
    await new Promise<void>((resolve) => {
      const check = (): void => {
        if (late().length > 0) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
    });
    clearInterval(timer);
  }

  #checkWaiting(): void {
    for (const check of [...this.#waiting]) check();
  }

  #subscribe(stream: RelayStream): void {
    const worker = new WorkerStream(stream);
    let member: Member | null = null;
    stream.on("data", ({ message }: SubscribeRequest) => {
      if (member !== null) member.signsOfLife++;
      switch (message?.$case) {
        case "hello":
          member = this.#memberOf(message.value, worker);
          void this.#greet(member, worker, message.value);
          break;
        case "ack":
          if (member?.stream === worker) member.applied = revisionOf(message.value.revision);
          break;
        case "nack": {
          const table = this.#options.table();
          if (table !== null) this.#sendSnapshot(worker, table);
          break;
        }
        case "usage":
          if (member !== null) this.#takeUsage(member, worker, message.value);
          break;
        default: // health: the workers' own words to the primary go another way
      }
      this.#checkWaiting();
    });
    // A worker without a stream counts on with what it acknowledged last, as it serves on with that.
    const gone = (): void => {
      worker.stop();
      if (member?.stream === worker) member.stream = null;
    };
    stream.on("end", () => {
      gone();
      stream.end();
    });
    stream.on("error", gone);
    stream.on("close", gone);
    stream.on("cancelled", gone);
  }

  /** A batch that a worker sends again on another stream counts once. */
  #takeUsage(member: Member, worker: WorkerStream, batch: UsageBatch): void {
    if (batch.sequence === 0n || batch.sequence > member.usageSequence) this.#options.onUsage(batch);
    if (batch.sequence > member.usageSequence) member.usageSequence = batch.sequence;
    worker.send([usageStored(member.usageSequence)]);
  }

  #memberOf({ instanceId }: Hello, stream: WorkerStream): Member {
    const member = this.#members.get(instanceId) ?? {
      applied: { epoch: 0, number: 0 },
      signsOfLife: 0,
      usageSequence: 0n,
      stream: null,
    };
    member.stream?.stop();
    member.stream = stream;
    this.#members.set(instanceId, member);
    return member;
  }

  async #greet(member: Member, stream: WorkerStream, hello: Hello): Promise<void> {
    stream.grant = await this.#grantTo(hello.publicKey);
    if (member.stream !== stream) return;
    this.#welcome(member, hello);
    this.#checkWaiting();
  }

  /** The primary was granted other data keys. Resolves when they are on their way, in front of what comes next. */
  async grantKeys(): Promise<void> {
    await Promise.all(
      [...this.#members.values()].map(async ({ stream }) => {
        if (stream?.hello == null) return;
        stream.grant = await this.#grantTo(stream.hello.publicKey);
        if (stream.isWelcome && stream.grant !== null) stream.send([stream.grant]);
      }),
    );
  }

  /** Null: this node has no data keys. A worker reads a grant to its own key, as a node does. */
  async #grantTo(publicKey: Uint8Array): Promise<SubscribeResponse | null> {
    const dataKeys = this.#options.dataKeys();
    if (dataKeys.length === 0) return null;
    const { encapsulatedKey, ciphertext } = await encryptKeyGrant(dataKeys, publicKey);
    const value = { encapsulatedKey: asBuffer(encapsulatedKey), ciphertext: asBuffer(ciphertext) };
    return { message: { $case: "keyGrant", value } };
  }

  /** Waits for the primary's gate: a worker takes what it receives for confirmed. */
  #welcome(member: Member, hello: Hello): void {
    const { stream } = member;
    if (stream === null) return;
    stream.hello = hello;
    if (this.#isGateClosed()) return;
    stream.isWelcome = true;
    stream.send([this.#heartbeatMessage(), usageStored(0n)]);
    if (stream.grant !== null) stream.send([stream.grant]);
    const table = this.#options.table();
    if (table === null) return;
    const isCurrent =
      hello.knownRevision !== undefined &&
      sameRevision(revisionOf(hello.knownRevision), table.revision) &&
      Buffer.from(table.digest.bytes()).equals(hello.knownDigest);
    if (isCurrent) member.applied = table.revision;
    else this.#sendSnapshot(stream, table);
  }

  #onGateOpen(): void {
    for (const member of this.#members.values()) {
      const { stream } = member;
      if (stream !== null && stream.hello !== null && !stream.isWelcome) this.#welcome(member, stream.hello);
    }
    this.#heartbeats();
    this.#checkWaiting();
  }

  #isGateClosed(): boolean {
    return this.#options.gate.isClosed(performance.now());
  }

  /** Of this very moment: later deltas come behind it on the same stream. */
  #sendSnapshot(worker: WorkerStream, table: RouteTable): void {
    const records = table.records.snapshot();
    const digest = Buffer.from(table.digest.bytes());
    worker.send(snapshotMessages(records, table.revision, digest, this.#signature), () => records.close());
  }

  #onHeartbeat(): void {
    if (this.#isListening && !this.#isLooking) void this.#lookForSocket();
    if (!this.#isGateClosed()) this.#heartbeats();
  }

  /** Not synchronously: a disk that does not respond holds this look and nothing else. */
  async #lookForSocket(): Promise<void> {
    this.#isLooking = true;
    try {
      await access(this.#options.socketPath);
    } catch {
      if (this.#heartbeat !== null) this.#bindAgain();
    } finally {
      this.#isLooking = false;
    }
  }

  /** The socket was removed: workers that lose their stream, and new ones, would never find the primary again. */
  #bindAgain(): void {
    this.#options.log.warn(
      { socket: this.#options.socketPath },
      "the workers' socket was removed; listening anew",
    );
    this.#isListening = false;
    this.#server?.forceShutdown(); // first: closing removes the path
    this.#bind().catch((cause: unknown) => {
      this.#options.log.error({ err: cause }, "the workers' socket cannot be made; trying again");
      this.#isListening = true; // looked at again with the next heartbeat
    });
  }

  #heartbeats(): void {
    const message = this.#heartbeatMessage();
    for (const { stream } of this.#members.values()) if (stream?.isWelcome) stream.send([message]);
  }

  #heartbeatMessage(): SubscribeResponse {
    const revision = this.#options.table()?.revision ?? { epoch: 0, number: 0 };
    return {
      message: {
        $case: "heartbeat",
        // Unsigned: only this node's own workers read it, over a private socket.
        value: {
          serverTimeMs: BigInt(Math.round(this.#options.nowMs())),
          revision: revisionToWire(revision),
          digest: Buffer.alloc(0),
          sequence: 0n,
          signature: Buffer.alloc(0),
        },
      },
    };
  }
}

/** A worker, from its first hello to the end of its process. */
interface Member {
  /** What it acknowledged last. */
  applied: Revision;
  signsOfLife: number;
  /** Of the last batch of usage that was taken. */
  usageSequence: bigint;
  /** Null: it has none at the moment. */
  stream: WorkerStream | null;
}

function usageStored(sequence: bigint): SubscribeResponse {
  return { message: { $case: "usageStored", value: { sequence } } };
}
