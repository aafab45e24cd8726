/**
 * A control plane's end of the snapshot stream, small enough to see through: it feeds resources to nodes, and lies on
 * command. Computes the digest in its own way (BigInt), so that the node's is checked and not only repeated. Tests only.
 */
import { createHash } from "node:crypto";
import {
  status as GrpcStatus,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServiceError,
} from "@grpc/grpc-js";
import {
  type Ack,
  type Hello,
  type Nack,
  type NodeHealth,
  SnapshotServiceService,
  type SubscribeRequest,
  type SubscribeResponse,
  type UsageBatch,
} from "@latchkey/proto";
import type { HeartbeatContent } from "@latchkey/snapshot";

export interface ServedResource {
  readonly kind: string;
  readonly id: string;
  readonly body: Uint8Array;
}

export interface ServedRevision {
  readonly epoch: number;
  readonly number: number;
}

type Stream = ServerDuplexStream<SubscribeRequest, SubscribeResponse>;

export interface SnapshotServerOptions {
  readonly epoch?: number;
  /** Nodes must bring this token; without it any may come. */
  readonly token?: string;
  /** Signs revision and digest; without it nothing is signed. */
  readonly sign?: (revision: ServedRevision, digest: Buffer) => Buffer;
  /** Signs each heartbeat of a node that sent a challenge; without it they are unsigned. */
  readonly signHeartbeat?: (content: HeartbeatContent) => Buffer;
  readonly heartbeatMs?: number;
  readonly chunkSize?: number;
  readonly clock?: () => number;
}

/** Resources in a chunk, so that tests see several. */
const CHUNK_SIZE = 100;

export class SnapshotServer {
  revision: ServedRevision;
  readonly hellos: Hello[] = [];
  readonly acks: Ack[] = [];
  readonly nacks: Nack[] = [];
  readonly usage: UsageBatch[] = [];
  readonly health: NodeHealth[] = [];
  /** How many full snapshots and deltas were sent. */
  snapshotsSent = 0;
  deltasSent = 0;

  readonly #options: SnapshotServerOptions;
  readonly #resources = new Map<string, ServedResource>();
  /** Of the hashes of all resources. */
  #sum = 0n;
  readonly #server = new Server({ "grpc.max_receive_message_length": 1024 * 1024 });
  readonly #streams = new Set<Stream>();
  readonly #conditions = new Set<() => void>();
  /** What heartbeats of a stream cover. */
  readonly #beats = new Map<Stream, { readonly challenge: Buffer; sequence: number }>();
  #port = 0;
  #heartbeat: NodeJS.Timeout | null = null;

  constructor(options: SnapshotServerOptions = {}) {
    this.#options = options;
    this.revision = { epoch: options.epoch ?? 1_000, number: 0 };
    this.#server.addService(SnapshotServiceService, {
      subscribe: (stream: Stream) => this.#subscribe(stream),
    });
  }

  static async start(options: SnapshotServerOptions = {}, port = 0): Promise<SnapshotServer> {
    const server = new SnapshotServer(options);
    await server.listen(port);
    return server;
  }

  listen(port = 0): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
        if (error !== null) {
          reject(error);
          return;
        }
        this.#port = bound;
        this.#heartbeat = setInterval(() => this.#heartbeats(), this.#options.heartbeatMs ?? 1_000);
        this.#heartbeat.unref();
        resolve();
      });
    });
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  get streamCount(): number {
    return this.#streams.size;
  }

  get digest(): Buffer {
    return littleEndian(this.#sum % (1n << 256n));
  }

  #put(resource: ServedResource): void {
    const name = nameOf(resource);
    const before = this.#resources.get(name);
    if (before !== undefined) this.#sum -= hashOf(before);
    this.#resources.set(name, resource);
    this.#sum += hashOf(resource);
  }

  #remove(ref: { readonly kind: string; readonly id: string }): void {
    const resource = this.#resources.get(nameOf(ref));
    if (resource === undefined) return;
    this.#resources.delete(nameOf(ref));
    this.#sum -= hashOf(resource);
  }

  /** Changes resources without telling anybody; the next node gets them. */
  load(resources: Iterable<ServedResource>, number = this.revision.number + 1): void {
    for (const resource of resources) this.#put(resource);
    this.revision = { ...this.revision, number };
  }

  /** Commits a change and sends it as one delta. Gives the new revision. */
  change(
    upserts: readonly ServedResource[],
    removals: readonly { readonly kind: string; readonly id: string }[] = [],
  ): ServedRevision {
    const from = this.revision;
    for (const ref of removals) this.#remove(ref);
    for (const resource of upserts) this.#put(resource);
    this.revision = { epoch: from.epoch, number: from.number + 1 };
    const digest = this.digest;
    this.broadcast({
      message: {
        $case: "delta",
        value: {
          from: wire(from),
          to: wire(this.revision),
          upserts: upserts.map((resource) => ({ ...resource, body: Buffer.from(resource.body) })),
          removals: removals.map(({ kind, id }) => ({ kind, id })),
          digest,
          signature: this.#signature(this.revision, digest),
        },
      },
    });
    this.deltasSent++;
    return this.revision;
  }

  /** A restore from backup: a new epoch, and everything anew for everybody. */
  restore(epoch: number, resources: readonly ServedResource[], number = 1): void {
    this.#resources.clear();
    this.#sum = 0n;
    for (const resource of resources) this.#put(resource);
    this.revision = { epoch, number };
    for (const stream of this.#streams) this.sendSnapshot(stream);
  }

  /** Whatever a test wants nodes to hear. */
  broadcast(message: SubscribeResponse): void {
    for (const stream of this.#streams) stream.write(message);
  }

  sendSnapshotToAll(): void {
    for (const stream of this.#streams) this.sendSnapshot(stream);
  }

  sendSnapshot(stream: Stream): void {
    this.snapshotsSent++;
    const resources = [...this.#resources.values()];
    const size = this.#options.chunkSize ?? CHUNK_SIZE;
    const chunkCount = Math.ceil(resources.length / size);
    const { revision, digest } = this;
    stream.write({
      message: {
        $case: "snapshotBegin",
        value: { revision: wire(revision), resourceCount: BigInt(resources.length), chunkCount },
      },
    });
    for (let index = 0; index < chunkCount; index++) {
      const part = resources.slice(index * size, (index + 1) * size);
      stream.write({
        message: {
          $case: "snapshotChunk",
          value: {
            index,
            resources: part.map((resource) => ({ ...resource, body: Buffer.from(resource.body) })),
          },
        },
      });
    }
    stream.write({
      message: {
        $case: "snapshotEnd",
        value: {
          revision: wire(revision),
          digest,
          resourceCount: BigInt(resources.length),
          signature: this.#signature(revision, digest),
        },
      },
    });
  }

  /** Resolves when a node has acknowledged the newest revision with the right digest. */
  acked(): Promise<Ack> {
    const wanted = this.revision;
    const digest = this.digest;
    return this.#when(() =>
      this.acks.find(
        (ack) =>
          Number(ack.revision?.epoch) === wanted.epoch &&
          Number(ack.revision?.number) === wanted.number &&
          digest.equals(ack.digest),
      ),
    );
  }

  nacked(count = 1): Promise<Nack> {
    return this.#when(() => this.nacks[count - 1]);
  }

  /** Resolves with the first truthy value of `look`, asked whenever something arrives. */
  when<T>(look: () => T | undefined | null | false): Promise<T> {
    return this.#when(look);
  }

  /** Cuts every stream, as a proxy in between would. */
  cut(): void {
    for (const stream of this.#streams)
      stream.emit("error", { code: GrpcStatus.UNAVAILABLE, details: "cut" } satisfies Partial<ServiceError>);
  }

  /** Dies at once, as by SIGKILL. */
  close(): Promise<void> {
    if (this.#heartbeat !== null) clearInterval(this.#heartbeat);
    this.#server.forceShutdown();
    this.#streams.clear();
    return Promise.resolve();
  }

  /** Responds to hellos with nothing at all while set. */
  isMute = false;
  /** Confirms batches of usage as they come. */
  storesUsage = true;
  /** Sends a full snapshot although the node could go on by delta. */
  alwaysFull = false;
  /** Responds to NACKs with a snapshot, as a real control plane does. */
  respondsToNacks = true;

  #subscribe(stream: Stream): void {
    const { token } = this.#options;
    if (token !== undefined && stream.metadata.get("authorization")[0] !== `Bearer ${token}`) {
      stream.emit("error", { code: GrpcStatus.UNAUTHENTICATED, details: "unknown token" });
      return;
    }
    this.#streams.add(stream);
    stream.on("data", ({ message }: SubscribeRequest) => {
      switch (message?.$case) {
        case "hello":
          this.hellos.push(message.value);
          if (!this.isMute) this.#welcome(stream, message.value);
          break;
        case "ack":
          this.acks.push(message.value);
          break;
        case "nack":
          this.nacks.push(message.value);
          if (this.respondsToNacks) this.sendSnapshot(stream);
          break;
        case "usage":
          this.usage.push(message.value);
          if (this.storesUsage) stream.write(usageStored(message.value.sequence));
          break;
        case "health":
          this.health.push(message.value);
          break;
      }
      for (const check of this.#conditions) check();
    });
    const gone = (): void => {
      this.#streams.delete(stream);
      this.#beats.delete(stream);
      for (const check of this.#conditions) check();
    };
    stream.on("end", () => {
      gone();
      stream.end();
    });
    stream.on("close", gone);
    stream.on("cancelled", gone);
    stream.on("error", gone);
  }

  #welcome(stream: Stream, hello: Hello): void {
    this.#beats.set(stream, { challenge: hello.challenge, sequence: 0 });
    stream.write(this.#heartbeatMessage(stream));
    stream.write(usageStored(0n));
    const isCurrent =
      Number(hello.knownRevision?.epoch ?? -1n) === this.revision.epoch &&
      Number(hello.knownRevision?.number ?? -1n) === this.revision.number &&
      this.digest.equals(hello.knownDigest);
    if (this.alwaysFull || !isCurrent) this.sendSnapshot(stream);
  }

  #heartbeats(): void {
    if (this.isMute) return;
    for (const stream of this.#beats.keys()) stream.write(this.#heartbeatMessage(stream));
  }

  #heartbeatMessage(stream: Stream): SubscribeResponse {
    const { clock, signHeartbeat } = this.#options;
    const beat = this.#beats.get(stream) ?? { challenge: Buffer.alloc(0), sequence: 0 };
    beat.sequence++;
    const { challenge, sequence } = beat;
    const content = {
      challenge,
      sequence,
      serverTimeMs: clock?.() ?? Date.now(),
      revision: this.revision,
      digest: this.digest,
    };
    const signature = challenge.length === 0 ? undefined : signHeartbeat?.(content);
    return {
      message: {
        $case: "heartbeat",
        value: {
          serverTimeMs: BigInt(content.serverTimeMs),
          revision: wire(this.revision),
          digest: this.digest,
          sequence: BigInt(sequence),
          signature: signature ?? Buffer.alloc(0),
        },
      },
    };
  }

  #signature(revision: ServedRevision, digest: Buffer): Buffer {
    return this.#options.sign?.(revision, digest) ?? Buffer.alloc(0);
  }

  #when<T>(look: () => T | undefined | null | false): Promise<T> {
    return new Promise((resolve) => {
      const check = (): void => {
        const value = look();
        if (value === undefined || value === null || value === false) return;
        this.#conditions.delete(check);
        resolve(value);
      };
      this.#conditions.add(check);
      check();
    });
  }
}

function nameOf(ref: { readonly kind: string; readonly id: string }): string {
  return `${ref.kind}/${ref.id}`;
}

function wire(revision: ServedRevision): { epoch: bigint; number: bigint } {
  return { epoch: BigInt(revision.epoch), number: BigInt(revision.number) };
}

function hashOf({ kind, id, body }: ServedResource): bigint {
  const hash = createHash("sha256").update(`${kind}\0${id}\0`).update(body).digest();
  return BigInt(`0x${Buffer.from(hash).reverse().toString("hex")}`);
}

function littleEndian(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, "0"), "hex").reverse();
}

function usageStored(sequence: bigint): SubscribeResponse {
  return { message: { $case: "usageStored", value: { sequence } } };
}
