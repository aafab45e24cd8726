/**
 * The primary's end of the stream towards its workers: the same service as the control plane's, over a socket of the
 * file system. Workers get what the primary has applied, in its order; the control plane sees one node.
 */
import { Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import type { Logger } from "@latchkey/observe";
import {
  SnapshotServiceService,
  type SubscribeRequest,
  type SubscribeResponse,
  type UsageBatch,
} from "@latchkey/proto";
import { compareVersions, type ResourceRecord, type Version, versionToWire } from "@latchkey/snapshot";
import type { RouteTable } from "../table/route-table.js";
import type { Moment } from "../table/sharded-map.js";
import { chunksOf } from "./chunks-of.js";
import type { DeltaValue, RevisionObserver } from "./revision-applier.js";
import { deltaToWire, versionOf } from "./wire.js";

type Stream = ServerDuplexStream<SubscribeRequest, SubscribeResponse>;

export interface RelayServerOptions {
  /** A path of the file system. */
  readonly socketPath: string;
  readonly table: () => RouteTable | null;
  /** Of the control plane's clock, for expiry. */
  readonly nowMs: () => number;
  readonly onUsage: (batch: UsageBatch) => void;
  readonly log: Logger;
}

const HEARTBEAT_MS = 1_000;
const CHUNK_RECORDS = 200;
/** A worker that has not applied a revision in this time does not hold its acknowledgement back any longer. */
const APPLIED_WAIT_MS = 5_000;

export class RelayServer implements RevisionObserver {
  readonly #options: RelayServerOptions;
  readonly #server = new Server();
  readonly #workers = new Set<WorkerStream>();
  readonly #waiting = new Set<() => void>();
  #signature: Uint8Array = new Uint8Array(0);
  #heartbeat: NodeJS.Timeout | null = null;

  constructor(options: RelayServerOptions) {
    this.#options = options;
    this.#server.addService(SnapshotServiceService, {
      subscribe: (stream: Stream) => this.#subscribe(stream),
    });
  }

  get address(): string {
    return `unix:${this.#options.socketPath}`;
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(this.address, ServerCredentials.createInsecure(), (error) => {
        if (error !== null) {
          reject(error);
          return;
        }
        this.#heartbeat = setInterval(() => this.#heartbeats(), HEARTBEAT_MS);
        this.#heartbeat.unref();
        resolve();
      });
    });
  }

  close(): void {
    if (this.#heartbeat !== null) clearInterval(this.#heartbeat);
    this.#server.forceShutdown();
  }

  onSnapshot(table: RouteTable, signature: Uint8Array): void {
    this.#signature = signature;
    for (const worker of this.#workers) this.#sendSnapshot(worker, table);
  }

  onDelta(delta: DeltaValue): void {
    this.#signature = delta.signature;
    const message: SubscribeResponse = { message: { $case: "delta", value: deltaToWire(delta) } };
    const heartbeat = this.#heartbeatMessage(); // see the control plane's node-stream.ts
    for (const worker of this.#workers) worker.send([heartbeat, message]);
  }

  /** Resolves when every worker enforces this version, or is given up on. */
  async applied(version: Version): Promise<void> {
    const isDone = (): boolean => [...this.#workers].every((worker) => worker.hasApplied(version));
    if (isDone()) return;
    let check = (): void => undefined;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      check = () => {
        if (isDone()) resolve();
      };
      this.#waiting.add(check);
      timer = setTimeout(() => {
        this.#options.log.error("a worker has not applied a revision in time");
        resolve();
      }, APPLIED_WAIT_MS);
    });
    clearTimeout(timer);
    this.#waiting.delete(check);
  }

  #subscribe(stream: Stream): void {
    const worker = new WorkerStream(stream);
    stream.on("data", ({ message }: SubscribeRequest) => {
      switch (message?.$case) {
        case "hello": {
          this.#workers.add(worker);
          worker.send([this.#heartbeatMessage()]);
          const table = this.#options.table();
          if (table !== null) this.#sendSnapshot(worker, table);
          break;
        }
        case "ack":
          worker.applied = versionOf(message.value.version);
          break;
        case "nack": {
          const table = this.#options.table();
          if (table !== null) this.#sendSnapshot(worker, table);
          break;
        }
        case "usage":
          this.#options.onUsage(message.value);
          break;
        default: // health: the workers' own words to the primary go another way
      }
      for (const check of this.#waiting) check();
    });
    const gone = (): void => {
      worker.stop();
      this.#workers.delete(worker);
      for (const check of this.#waiting) check();
    };
    stream.on("end", () => {
      gone();
      stream.end();
    });
    stream.on("error", gone);
    stream.on("close", gone);
    stream.on("cancelled", gone);
  }

  /** Of this very moment: later deltas come behind it on the same stream. */
  #sendSnapshot(worker: WorkerStream, table: RouteTable): void {
    const records = table.records.moment();
    const digest = Buffer.from(table.digest.bytes());
    worker.send(snapshotMessages(records, table.version, digest, this.#signature), () => records.close());
  }

  #heartbeats(): void {
    const message = this.#heartbeatMessage();
    for (const worker of this.#workers) worker.send([message]);
  }

  #heartbeatMessage(): SubscribeResponse {
    const version = this.#options.table()?.version ?? { epoch: 0, number: 0 };
    return {
      message: {
        $case: "heartbeat",
        value: { serverTimeMs: BigInt(Math.round(this.#options.nowMs())), version: versionToWire(version) },
      },
    };
  }
}

interface Job {
  readonly messages: Iterable<SubscribeResponse>;
  readonly onOver: () => void;
}

/** Sends in order, and waits for the stream where it is full. */
class WorkerStream {
  applied: Version = { epoch: 0, number: 0 };
  readonly #stream: Stream;
  readonly #jobs: Job[] = [];
  #isSending = false;
  #isStopped = false;

  constructor(stream: Stream) {
    this.#stream = stream;
  }

  hasApplied(version: Version): boolean {
    return compareVersions(this.applied, version) >= 0;
  }

  /** @param onOver called once: all was sent, or the worker is gone */
  send(messages: Iterable<SubscribeResponse>, onOver: () => void = () => {}): void {
    this.#jobs.push({ messages, onOver });
    if (!this.#isSending) void this.#work();
  }

  stop(): void {
    this.#isStopped = true;
    for (const { onOver } of this.#jobs.splice(0)) onOver();
  }

  async #work(): Promise<void> {
    this.#isSending = true;
    for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) {
      for (const message of job.messages) {
        if (this.#isStopped) break;
        if (!this.#stream.write(message)) await drained(this.#stream);
      }
      job.onOver();
    }
    this.#isSending = false;
  }
}

function drained(stream: Stream): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off("drain", done);
      stream.off("close", done);
      resolve();
    };
    stream.on("drain", done);
    stream.on("close", done);
  });
}

function* snapshotMessages(
  records: Moment<ResourceRecord>,
  version: Version,
  digest: Buffer,
  signature: Uint8Array,
): IterableIterator<SubscribeResponse> {
  const wire = versionToWire(version);
  const resourceCount = BigInt(records.size);
  const chunkCount = Math.ceil(records.size / CHUNK_RECORDS);
  yield { message: { $case: "snapshotBegin", value: { version: wire, resourceCount, chunkCount } } };
  let index = 0;
  for (const part of chunksOf(records, CHUNK_RECORDS)) {
    const resources = part.map(({ kind, id, body }) => ({ kind, id, body: Buffer.from(body) }));
    yield { message: { $case: "snapshotChunk", value: { index: index++, resources } } };
  }
  yield {
    message: {
      $case: "snapshotEnd",
      value: { version: wire, digest, resourceCount, signature: Buffer.from(signature) },
    },
  };
}
