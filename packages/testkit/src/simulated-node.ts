/**
 * A tiny ingress node for tests and benches: subscribes, checks and applies what it receives, acknowledges it, and records
 * what it saw. Its digest is computed independently of the product's, so that it can serve as an oracle. Routes no traffic.
 */
import {
  Client,
  type ClientDuplexStream,
  credentials,
  Metadata as GrpcMetadata,
  type Metadata,
  type StatusObject,
} from "@grpc/grpc-js";
import {
  type Ack,
  type Delta,
  type Nack,
  NackReason,
  type NodeHealth,
  type Resource,
  type SnapshotBegin,
  type SnapshotEnd,
  SnapshotServiceService,
  type SubscribeRequest,
  SubscribeResponse,
  type UsageBatch,
} from "@latchkey/proto";
import {
  bytesOf,
  CHANNEL_OPTIONS,
  type Held,
  hashOf,
  nameOf,
  numberOf,
  revisionOf,
  type SimulatedEnd,
  type SimulatedEvent,
  type SimulatedNodeOptions,
  type SimulatedRevision,
} from "./simulated-events.js";
import { Waiters } from "./waiters.js";

const MODULUS = 1n << 256n;
const EVENTS_MAX = 10_000;

export class SimulatedNode {
  readonly #options: SimulatedNodeOptions;
  readonly #client: Client;
  readonly #waiters = new Waiters();
  readonly #instanceId = `instance-${Math.random().toString(36).slice(2)}`;
  #call: ClientDuplexStream<SubscribeRequest, SimulatedEvent> | null = null;
  #healthTimer: NodeJS.Timeout | undefined;
  #held = new Map<string, Held>();
  #sum = 0n;
  #refusal: string | null = null;
  #revision: SimulatedRevision | null = null;
  #staging: { readonly held: Map<string, Held>; readonly begin: SnapshotBegin; chunks: number } | null = null;
  #rejected = new Map<string, Ack["rejected"][number]>();
  #end: SimulatedEnd | null = null;
  #events: SimulatedEvent[] = [];
  #bytes = 0;
  #connects = 0;

  constructor(options: SimulatedNodeOptions) {
    this.#options = options;
    const channel = options.credentials ?? credentials.createInsecure();
    this.#client = new Client(options.address, channel, CHANNEL_OPTIONS);
  }

  get revision(): SimulatedRevision | null {
    return this.#revision;
  }

  /** 32 bytes, little-endian. */
  get digest(): Buffer {
    return Buffer.from(this.#sum.toString(16).padStart(64, "0"), "hex").reverse();
  }

  /** Names (`kind/id`) of what it holds. */
  get names(): readonly string[] {
    return [...this.#held.keys()];
  }

  /** Everything received since the start or `forget()`, the newest 10 000. */
  get events(): readonly SimulatedEvent[] {
    return this.#events;
  }

  /** Bytes of all messages received since the start or `forget()`. */
  get bytesReceived(): number {
    return this.#bytes;
  }

  /** A stream was opened and has not ended. */
  get isConnected(): boolean {
    return this.#call !== null;
  }

  /** Null while the stream is open. */
  get end(): SimulatedEnd | null {
    return this.#end;
  }

  body(name: string): Uint8Array | null {
    return this.#held.get(name)?.body ?? null;
  }

  has(name: string): boolean {
    return this.#held.has(name);
  }

  forget(): void {
    this.#events = [];
    this.#bytes = 0;
  }

  /** Takes over what another node holds, as from a file. */
  adopt(other: SimulatedNode): void {
    this.#held = new Map(other.#held);
    this.#sum = other.#sum;
    this.#revision = other.#revision;
  }

  /** Makes the node believe in a revision; with a digest, also in that. */
  pretend(revision: SimulatedRevision, digest?: Uint8Array): void {
    this.#revision = revision;
    if (digest !== undefined) this.#sum = numberOf(digest);
  }

  /** Loses a resource without noticing. */
  corrupt(name: string): void {
    this.#sum = (this.#sum - (this.#held.get(name)?.hash ?? 0n) + MODULUS) % MODULUS;
    this.#held.delete(name);
  }

  /** Opens a stream and says hello with what it holds. */
  connect(): void {
    const metadata: Metadata = new GrpcMetadata();
    metadata.set("authorization", `Bearer ${this.#options.token}`);
    const { subscribe } = SnapshotServiceService;
    const call = this.#client.makeBidiStreamRequest(
      subscribe.path,
      subscribe.requestSerialize,
      (bytes: Buffer): SimulatedEvent => {
        const message = SubscribeResponse.decode(bytes);
        const kind = message.message?.$case ?? "heartbeat";
        return { kind, message, bytes: bytes.length, atMs: performance.now() };
      },
      metadata,
      {},
    );
    this.#call = call;
    this.#end = null;
    this.#staging = null;
    const connect = ++this.#connects;
    call.on("data", (event: SimulatedEvent) => this.#receive(event));
    // The status event says the same with more.
    call.on("error", () => {});
    call.on("status", (status: StatusObject) => {
      if (connect !== this.#connects) return;
      clearInterval(this.#healthTimer);
      this.#call = null;
      const hint = status.metadata.get("latchkey-retry-after-ms")[0];
      this.#end = {
        code: status.code,
        details: status.details,
        retryAfterMs: hint === undefined ? null : Number(hint),
      };
      this.#waiters.notify();
    });
    this.send({
      $case: "hello",
      value: {
        nodeId: this.#options.nodeId,
        instanceId: this.#instanceId,
        softwareVersion: "simulated",
        knownRevision:
          this.#revision === null
            ? undefined
            : { epoch: BigInt(this.#revision.epoch), number: BigInt(this.#revision.number) },
        knownDigest: this.#revision === null ? Buffer.alloc(0) : this.digest,
        challenge: this.#options.challenge ?? Buffer.alloc(0),
        publicKey: this.#options.publicKey ?? Buffer.alloc(0),
      },
    });
    const healthIntervalMs = this.#options.healthIntervalMs ?? 5_000;
    if (healthIntervalMs > 0) {
      this.health();
      this.#healthTimer = setInterval(() => this.health(), healthIntervalMs);
      this.#healthTimer.unref();
    }
  }

  /** Leaves; what it holds stays. */
  disconnect(): void {
    clearInterval(this.#healthTimer);
    this.#call?.cancel();
  }

  /** Leaves and gives up its connection for good. */
  close(): void {
    this.disconnect();
    this.#client.close();
  }

  /** Stops reading: flow control then holds the server back. */
  pause(): void {
    this.#call?.pause();
  }

  resume(): void {
    this.#call?.resume();
  }

  health(values: Partial<NodeHealth> = {}): void {
    this.send({
      $case: "health",
      value: {
        ready: this.#revision !== null,
        draining: false,
        rssBytes: 50_000_000n,
        inFlight: 0,
        latencyBoundsUs: [1_000, 2_000, 5_000, 10_000, 50_000, 100_000, 1_000_000],
        impairedTargets: [],
        ...values,
      },
    });
  }

  usage(batch: UsageBatch): void {
    this.send({ $case: "usage", value: batch });
  }

  /** Refuses the next delta as a whole, as a node does that cannot read it. */
  refuseNextDelta(detail: string): void {
    this.#refusal = detail;
  }

  nack(nack: Nack): void {
    this.send({ $case: "nack", value: nack });
  }

  /** Acknowledges what it holds, for nodes that do not do it by themselves. */
  acknowledge(values: Partial<Ack> = {}): void {
    if (this.#revision === null) return;
    this.send({
      $case: "ack",
      value: {
        revision: { epoch: BigInt(this.#revision.epoch), number: BigInt(this.#revision.number) },
        digest: this.digest,
        rejected: [...this.#rejected.values()],
        applyUs: 1,
        ...values,
      },
    });
  }

  /** Resolves when the condition holds; it is looked at after every message and at the stream's end. */
  async until(condition: (node: this) => boolean, timeoutMs = 60_000): Promise<void> {
    await this.#waiters.until(
      () => condition(this),
      timeoutMs,
      () =>
        `node ${this.#options.nodeId} stands at ${this.#revision?.number ?? "nothing"}, its stream ${this.#end === null ? "is open" : `ended with ${this.#end.code} ${this.#end.details}`}`,
    );
  }

  /** Resolves when at least this revision is applied. */
  untilRevision(number: number, timeoutMs?: number): Promise<void> {
    return this.until((node) => (node.revision?.number ?? -1) >= number, timeoutMs);
  }

  /** Resolves with how the stream ended. */
  async untilEnd(timeoutMs?: number): Promise<SimulatedEnd> {
    await this.until((node) => node.end !== null, timeoutMs);
    if (this.#end === null) throw new Error("the stream is open again");
    return this.#end;
  }

  #receive(event: SimulatedEvent): void {
    this.#events.push(event);
    if (this.#events.length > EVENTS_MAX) this.#events.splice(0, EVENTS_MAX / 2);
    this.#bytes += event.bytes;
    const { message } = event.message;
    switch (message?.$case) {
      case "snapshotBegin":
        this.#staging = { held: new Map(), begin: message.value, chunks: 0 };
        break;
      case "snapshotChunk": {
        const staging = this.#staging;
        if (staging === null || message.value.index !== staging.chunks++) {
          this.#refuse(NackReason.MALFORMED, staging?.begin.revision, "a chunk out of order");
          break;
        }
        for (const resource of this.#options.isThin === true ? [] : message.value.resources)
          staging.held.set(nameOf(resource), this.#hold(resource));
        break;
      }
      case "snapshotEnd":
        this.#applySnapshot(message.value);
        break;
      case "delta":
        this.#applyDelta(message.value);
        break;
    }
    this.#waiters.notify();
  }

  #applySnapshot(end: SnapshotEnd): void {
    const staging = this.#staging;
    this.#staging = null;
    if (staging === null || staging.chunks !== staging.begin.chunkCount) {
      this.#refuse(NackReason.MALFORMED, end.revision, "chunks are missing");
      return;
    }
    if (this.#options.isThin === true) {
      this.#applied(revisionOf(end.revision), numberOf(end.digest));
      return;
    }
    if (BigInt(staging.held.size) !== end.resourceCount) {
      this.#refuse(NackReason.MALFORMED, end.revision, "resources are missing");
      return;
    }
    let sum = 0n;
    for (const { hash } of staging.held.values()) sum = (sum + hash) % MODULUS;
    if (!bytesOf(sum).equals(end.digest)) {
      this.#refuse(NackReason.DIGEST_MISMATCH, end.revision, "snapshot");
      return;
    }
    const revision = revisionOf(end.revision);
    if (this.#isOlder(revision)) {
      this.#refuse(NackReason.OLDER_REVISION, end.revision, "snapshot");
      return;
    }
    for (const name of this.#rejected.keys()) if (!staging.held.has(name)) this.#rejected.delete(name);
    this.#held = staging.held;
    this.#applied(revision, sum);
  }

  #applyDelta(delta: Delta): void {
    const detail = this.#refusal;
    this.#refusal = null;
    if (detail !== null) {
      this.#refuse(NackReason.MALFORMED, delta.to, detail);
      return;
    }
    const from = revisionOf(delta.from);
    if (this.#revision?.epoch !== from.epoch || this.#revision.number !== from.number) {
      this.#refuse(NackReason.GAP, delta.to, `stands at ${this.#revision?.number}, not ${from.number}`);
      return;
    }
    if (this.#options.isThin === true) {
      this.#applied(revisionOf(delta.to), numberOf(delta.digest));
      return;
    }
    let sum = this.#sum;
    const upserts = delta.upserts.map((resource) => [nameOf(resource), this.#hold(resource)] as const);
    for (const [name, { hash }] of upserts)
      sum = (sum - (this.#held.get(name)?.hash ?? 0n) + hash + MODULUS) % MODULUS;
    for (const ref of delta.removals)
      sum = (sum - (this.#held.get(nameOf(ref))?.hash ?? 0n) + MODULUS) % MODULUS;
    if (!bytesOf(sum).equals(delta.digest)) {
      this.#refuse(NackReason.DIGEST_MISMATCH, delta.to, "delta");
      return;
    }
    for (const ref of delta.removals) {
      this.#held.delete(nameOf(ref));
      this.#rejected.delete(nameOf(ref));
    }
    for (const [name, held] of upserts) this.#held.set(name, held);
    this.#applied(revisionOf(delta.to), sum);
  }

  #applied(revision: SimulatedRevision, sum: bigint): void {
    this.#sum = sum;
    this.#revision = revision;
    this.#options.onApplied?.(revision, performance.now());
    if (this.#options.acknowledges !== false) this.acknowledge();
  }

  #hold(resource: Resource): Held {
    const reason = this.#options.rejects?.(resource) ?? null;
    if (reason === null) this.#rejected.delete(nameOf(resource));
    else this.#rejected.set(nameOf(resource), { resource: { kind: resource.kind, id: resource.id }, reason });
    return { hash: hashOf(resource), body: this.#options.keepsBodies === false ? null : resource.body };
  }

  #isOlder(revision: SimulatedRevision): boolean {
    const own = this.#revision;
    if (own === null) return false;
    return revision.epoch < own.epoch || (revision.epoch === own.epoch && revision.number < own.number);
  }

  #refuse(reason: NackReason, revision: Nack["revision"], detail: string): void {
    this.send({ $case: "nack", value: { revision, reason, detail } });
  }

  send(message: NonNullable<SubscribeRequest["message"]>): void {
    this.#call?.write({ message });
  }
}
