/**
 * An ingress node that was written from docs/snapshot-protocol.md and the .proto files alone: it uses grpc-js, proto-loader and
 * node:crypto, and nothing of ours. Follows the stream, checks what the page says is to be checked, and acknowledges.
 */
import { createHash, type KeyObject, randomBytes, verify } from "node:crypto";
import { join } from "node:path";
import {
  type Client,
  type ClientDuplexStream,
  credentials,
  loadPackageDefinition,
  Metadata,
  type ServiceError,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

const PROTO_DIR = join(import.meta.dirname, "../../../proto");
const RECEIVE_BYTES_MAX = 16 * 1024 * 1024;
const HEALTH_INTERVAL_MS = 5_000;

export interface Revision {
  /** Unsigned 64-bit numbers in decimal, as proto-loader gives them. */
  readonly epoch: string;
  readonly number: string;
}
export interface Ref {
  readonly kind: string;
  readonly id: string;
}
export interface Resource extends Ref {
  readonly body: Buffer;
}
interface Begin {
  readonly revision: Revision;
  readonly resource_count: string;
  readonly chunk_count: number;
}
interface End {
  readonly revision: Revision;
  readonly digest: Buffer;
  readonly resource_count: string;
  readonly signature: Buffer;
}
interface Delta {
  readonly from: Revision;
  readonly to: Revision;
  readonly upserts: readonly Resource[];
  readonly removals: readonly Ref[];
  readonly digest: Buffer;
  readonly signature: Buffer;
}
export interface Heartbeat {
  readonly server_time_ms: string;
  readonly revision: Revision;
  readonly digest: Buffer;
  readonly sequence: string;
  readonly signature: Buffer;
}
interface Response {
  readonly message: "snapshot_begin" | "snapshot_chunk" | "snapshot_end" | "delta" | "heartbeat" | undefined;
  readonly snapshot_begin: Begin;
  readonly snapshot_chunk: { readonly index: number; readonly resources: readonly Resource[] };
  readonly snapshot_end: End;
  readonly delta: Delta;
  readonly heartbeat: Heartbeat;
}
interface Stub extends Client {
  subscribe(metadata: Metadata): ClientDuplexStream<object, Response>;
}

/** The page, "Bytes". */
export const bytes = {
  hash({ kind, id, body }: Resource): Buffer {
    const zero = Buffer.from([0]);
    return createHash("sha256").update(kind).update(zero).update(id).update(zero).update(body).digest();
  },
  toNumber: (littleEndian: Buffer): bigint =>
    BigInt(`0x${Buffer.from(littleEndian).reverse().toString("hex")}`),
  digest: (sum: bigint): Buffer =>
    Buffer.from(BigInt.asUintN(256, sum).toString(16).padStart(64, "0"), "hex").reverse(),
  signedRevision: ({ epoch, number }: Revision, digest: Buffer): Buffer =>
    Buffer.concat([Buffer.from("latchkey-version"), uint64(epoch), uint64(number), digest]),
  signedHeartbeat: (challenge: Buffer, { sequence, server_time_ms, revision, digest }: Heartbeat): Buffer =>
    Buffer.concat([
      Buffer.from("latchkey-heartbeat"),
      Buffer.from([challenge.length]),
      uint64(sequence),
      uint64(server_time_ms),
      uint64(revision.epoch),
      uint64(revision.number),
      challenge,
      digest,
    ]),
};

function uint64(text: string): Buffer {
  const out = Buffer.alloc(8);
  out.writeBigUInt64BE(BigInt(text));
  return out;
}

export interface PlainNodeOptions {
  readonly address: string;
  readonly node: string;
  readonly token: string;
  readonly publicKey: KeyObject;
}

export class PlainNode {
  readonly #options: PlainNodeOptions;
  readonly #client: Stub;
  readonly #call: ClientDuplexStream<object, Response>;
  readonly #challenge = randomBytes(32);
  readonly #waiters = new Set<() => void>();
  readonly #health: NodeJS.Timeout;
  #held = new Map<string, Resource>();
  #sum = 0n;
  #filling: {
    readonly begin: Begin;
    readonly held: Map<string, Resource>;
    sum: bigint;
    chunks: number;
  } | null = null;
  #sequence = 0n;
  revision: Revision | null = null;
  /** Signed heartbeats that hold. */
  heartbeats = 0;
  /** Full snapshots that were begun. */
  snapshots = 0;
  readonly deltas: Delta[] = [];
  /** Sent once in place of the digest, to see what becomes of it. */
  wrongDigest: Buffer | null = null;
  /** How the stream ended. */
  end: ServiceError | null = null;

  constructor(options: PlainNodeOptions) {
    this.#options = options;
    const definition = loadSync("latchkey/snapshot/v1/snapshot_service.proto", {
      includeDirs: [PROTO_DIR],
      keepCase: true,
      longs: String,
      enums: String,
      defaults: true,
      oneofs: true,
    });
    // biome-ignore lint/suspicious/noExplicitAny: what proto-loader makes has no types
    const { SnapshotService } = (loadPackageDefinition(definition) as any).latchkey.snapshot.v1;
    this.#client = new SnapshotService(options.address, credentials.createInsecure(), {
      "grpc.max_receive_message_length": RECEIVE_BYTES_MAX,
    }) as Stub;
    const metadata = new Metadata();
    metadata.set("authorization", `Bearer ${options.token}`);
    this.#call = this.#client.subscribe(metadata);
    this.#call.on("error", (error: ServiceError) => {
      this.end = error;
      this.#wake();
    });
    this.#call.on("data", (response: Response) => {
      this.#receive(response);
      this.#wake();
    });
    this.send("hello", {
      node_id: options.node,
      instance_id: randomBytes(8).toString("hex"),
      software_version: "plain",
      challenge: this.#challenge,
    });
    const health = () => this.send("health", { ready: true, draining: false });
    health();
    this.#health = setInterval(health, HEALTH_INTERVAL_MS);
  }

  get digest(): Buffer {
    return bytes.digest(this.#sum);
  }

  get resources(): readonly Resource[] {
    return [...this.#held.values()];
  }

  send(message: "hello" | "ack" | "nack" | "health", value: object): void {
    if (this.end === null) this.#call.write({ [message]: value });
  }

  /** Resolves when `holds` is true; looked at after each message. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds())
      await new Promise<void>((resolve) => {
        this.#waiters.add(resolve);
      });
  }

  close(): void {
    clearInterval(this.#health);
    this.#call.cancel();
    this.#client.close();
  }

  #wake(): void {
    for (const resolve of this.#waiters) resolve();
    this.#waiters.clear();
  }

  #receive(response: Response): void {
    switch (response.message) {
      case "snapshot_begin":
        this.snapshots++;
        this.#filling = { begin: response.snapshot_begin, held: new Map(), sum: 0n, chunks: 0 };
        break;
      case "snapshot_chunk":
        this.#fill(response.snapshot_chunk);
        break;
      case "snapshot_end":
        this.#finish(response.snapshot_end);
        break;
      case "delta":
        this.#apply(response.delta);
        break;
      case "heartbeat":
        this.#beat(response.heartbeat);
        break;
      case undefined:
        break;
    }
  }

  #fill({ index, resources }: Response["snapshot_chunk"]): void {
    const filling = this.#filling;
    if (filling === null || index !== filling.chunks) throw new Error("a chunk out of order");
    filling.chunks++;
    for (const resource of resources) {
      filling.held.set(nameOf(resource), resource);
      filling.sum += bytes.toNumber(bytes.hash(resource));
    }
  }

  #finish({ revision, digest, resource_count, signature }: End): void {
    const filling = this.#filling;
    this.#filling = null;
    if (
      filling === null ||
      filling.chunks !== filling.begin.chunk_count ||
      String(filling.held.size) !== resource_count
    )
      this.#refuse(revision, "NACK_REASON_MALFORMED");
    else this.#commit(revision, filling.held, filling.sum, digest, signature);
  }

  #apply(delta: Delta): void {
    const { from, to, upserts, removals, digest, signature } = delta;
    this.deltas.push(delta);
    if (
      this.revision === null ||
      from.epoch !== this.revision.epoch ||
      from.number !== this.revision.number
    ) {
      this.#refuse(to, "NACK_REASON_GAP");
      return;
    }
    const held = new Map(this.#held);
    let sum = this.#sum;
    const take = (ref: Ref): void => {
      const old = held.get(nameOf(ref));
      if (old !== undefined) sum -= bytes.toNumber(bytes.hash(old));
      held.delete(nameOf(ref));
    };
    for (const ref of removals) take(ref);
    for (const resource of upserts) {
      take(resource);
      held.set(nameOf(resource), resource);
      sum += bytes.toNumber(bytes.hash(resource));
    }
    this.#commit(to, held, sum, digest, signature);
  }

  #commit(
    revision: Revision,
    held: Map<string, Resource>,
    sum: bigint,
    digest: Buffer,
    signature: Buffer,
  ): void {
    if (!bytes.digest(sum).equals(digest)) this.#refuse(revision, "NACK_REASON_DIGEST_MISMATCH");
    else if (!this.#isSigned(bytes.signedRevision(revision, digest), signature))
      this.#refuse(revision, "NACK_REASON_BAD_SIGNATURE");
    else {
      this.#held = held;
      this.#sum = BigInt.asUintN(256, sum);
      this.revision = revision;
      this.send("ack", { revision, digest: this.wrongDigest ?? this.digest, rejected: [] });
      this.wrongDigest = null;
    }
  }

  #beat(heartbeat: Heartbeat): void {
    const isNext = BigInt(heartbeat.sequence) > this.#sequence;
    if (!isNext || !this.#isSigned(bytes.signedHeartbeat(this.#challenge, heartbeat), heartbeat.signature))
      return;
    this.#sequence = BigInt(heartbeat.sequence);
    this.heartbeats++;
  }

  #refuse(revision: Revision, reason: string): void {
    this.send("nack", { revision, reason, detail: "" });
  }

  #isSigned(content: Buffer, signature: Buffer): boolean {
    return verify(null, content, this.#options.publicKey, signature);
  }
}

function nameOf({ kind, id }: Ref): string {
  return `${kind}/${id}`;
}
