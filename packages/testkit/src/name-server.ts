/**
 * A name server on loopback (UDP) that says what the test tells it, or nothing at all. Only A and AAAA; no EDNS, no TCP.
 */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { isIPv6 } from "node:net";

/** `silent`: no reply. `failing`: SERVFAIL. A list: these addresses, of both families. */
export type NameRecord = "silent" | "failing" | readonly string[];

export interface NameServerOptions {
  /** Of every record. Default 1. */
  readonly ttlSeconds?: number;
}

interface Reply {
  readonly bytes: Buffer;
  readonly name: string;
}

const TYPE_A = 1;
const TYPE_AAAA = 28;
const HEADER_BYTES = 12;
const FLAGS = { ok: 0x8180, failing: 0x8182, noSuchName: 0x8183 } as const;

export class NameServer implements AsyncDisposable {
  /** By name in lower case. A name that is not in it does not exist. */
  readonly records = new Map<string, NameRecord>();
  /** Names whose AAAA questions get no reply, although those for A do. */
  readonly silentForIpv6 = new Set<string>();
  /** Names whose replies come this many milliseconds late, each time. */
  readonly delaysMs = new Map<string, number>();
  /** A late reply makes the next one wait: there is one at a time. */
  isSerial = false;
  #lastReplyAtMs = 0;
  /** `name type` of each question, in order. */
  readonly questions: string[] = [];
  ttlSeconds: number;
  readonly #socket: Socket;
  readonly #waiting = new Set<() => void>();
  readonly #delayed = new Set<NodeJS.Timeout>();

  private constructor(socket: Socket, ttlSeconds: number) {
    this.#socket = socket;
    this.ttlSeconds = ttlSeconds;
    socket.on("message", (message, from) => {
      const reply = this.#reply(message);
      if (reply !== null) this.#send(reply, from);
      for (const look of this.#waiting) look();
    });
  }

  static async start(
    records: Readonly<Record<string, NameRecord>> = {},
    options: NameServerOptions = {},
  ): Promise<NameServer> {
    const socket = createSocket("udp4");
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    const server = new NameServer(socket, options.ttlSeconds ?? 1);
    for (const [name, record] of Object.entries(records)) server.records.set(name, record);
    return server;
  }

  /** `127.0.0.1:port` */
  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  count(name: string): number {
    return this.questions.filter((question) => question.startsWith(`${name} `)).length;
  }

  /** Resolves once `condition` holds after a question. */
  async until(condition: () => boolean): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!condition()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#delayed) clearTimeout(timer);
    this.#socket.close();
    await once(this.#socket, "close");
  }

  #send({ bytes, name }: Reply, to: RemoteInfo): void {
    const send = () => this.#socket.send(bytes, to.port, to.address);
    const ownDelayMs = this.delaysMs.get(name);
    if (ownDelayMs === undefined) {
      send();
      return;
    }
    const nowMs = performance.now();
    const beginsAtMs = this.isSerial ? Math.max(nowMs, this.#lastReplyAtMs) : nowMs;
    this.#lastReplyAtMs = beginsAtMs + ownDelayMs;
    const delayMs = this.#lastReplyAtMs - nowMs;
    const timer = setTimeout(() => {
      this.#delayed.delete(timer);
      send();
    }, delayMs);
    this.#delayed.add(timer);
  }

  #reply(message: Buffer): Reply | null {
    const labels: string[] = [];
    let at = HEADER_BYTES;
    for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
      labels.push(message.toString("latin1", at + 1, at + 1 + length));
      at += 1 + length;
    }
    const type = message.readUInt16BE(at + 1);
    const question = message.subarray(HEADER_BYTES, at + 5);
    const name = labels.join(".").toLowerCase();
    this.questions.push(`${name} ${type === TYPE_AAAA ? "AAAA" : "A"}`);
    const record = this.records.get(name);
    if (record === "silent" || (type === TYPE_AAAA && this.silentForIpv6.has(name))) return null;
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt16BE(message.readUInt16BE(0), 0);
    header.writeUInt16BE(
      record === undefined ? FLAGS.noSuchName : record === "failing" ? FLAGS.failing : FLAGS.ok,
      2,
    );
    header.writeUInt16BE(1, 4);
    const addresses = typeof record === "object" ? record.filter((each) => isOfType(each, type)) : [];
    header.writeUInt16BE(addresses.length, 6);
    const bytes = Buffer.concat([header, question, ...addresses.map((each) => this.#record(each, type))]);
    return { bytes, name };
  }

  #record(address: string, type: number): Buffer {
    const data = type === TYPE_A ? Buffer.from(address.split(".").map(Number)) : ipv6Bytes(address);
    const head = Buffer.alloc(12);
    head.writeUInt16BE(0xc000 | HEADER_BYTES, 0); // the name of the question
    head.writeUInt16BE(type, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt32BE(this.ttlSeconds, 6);
    head.writeUInt16BE(data.length, 10);
    return Buffer.concat([head, data]);
  }
}

function isOfType(address: string, type: number): boolean {
  return type === (isIPv6(address) ? TYPE_AAAA : TYPE_A);
}

function ipv6Bytes(address: string): Buffer {
  const [head = "", tail] = address.split("::");
  const groups = (text: string) =>
    text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
  const first = groups(head);
  const last = groups(tail ?? "");
  const all = [...first, ...new Array<number>(8 - first.length - last.length).fill(0), ...last];
  const bytes = Buffer.alloc(16);
  for (const [i, group] of all.entries()) bytes.writeUInt16BE(group, i * 2);
  return bytes;
}
