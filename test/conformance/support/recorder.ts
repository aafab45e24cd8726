// The upstream of one row: a TCP server of its own that keeps every byte it gets and responses as the row says.
// Refuses to be lenient: what is not clean HTTP/1.1 is recorded as a fault and gets no response.

import type { AddressInfo } from "node:net";
import { createServer, type Server, type Socket } from "node:net";
import type { Reply } from "./row.js";
import type { Watch } from "./watch.js";
import { MessageReader, valuesOf, type WireMessage } from "./wire.js";

/** Set by the runner's own requests, which tells them from the row's. */
export const PROBE_HEADER = "cx-probe";

export interface RecordedConnection {
  readonly reader: MessageReader;
  bytes: number;
  /** The gateway ended or reset the connection. */
  isLost: boolean;
}

/**
 * A node of another test process seeks its control plane, which is gone, at a port that is ours by now. The gateway under
 * test speaks HTTP/1.1 to integrations.
 */
const HTTP2_PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

const DEFAULT_REPLY: Reply = {
  bytes: "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {{markerLength}}\r\n\r\n{{marker}}",
};

export interface RecorderOptions {
  readonly replies: readonly Reply[];
  /** False for rows that send HTTP/2's preface themselves: theirs must not arrive. */
  readonly ignoresHttp2: boolean;
}

export class UpstreamRecorder {
  readonly connections: RecordedConnection[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #watch: Watch;
  readonly #replies: readonly Reply[];
  #rowRequests = 0;
  #isReleased = false;
  readonly #onRelease: (() => void)[] = [];
  readonly #numbers = new Map<WireMessage, number>();
  readonly #invited = new Set<WireMessage>();

  readonly #ignoresHttp2: boolean;

  private constructor(watch: Watch, { replies, ignoresHttp2 }: RecorderOptions) {
    this.#watch = watch;
    this.#ignoresHttp2 = ignoresHttp2;
    this.#replies = replies;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  static async listen(watch: Watch, options: RecorderOptions): Promise<UpstreamRecorder> {
    const recorder = new UpstreamRecorder(watch, options);
    await new Promise<void>((resolve, reject) => {
      recorder.#server.once("error", reject);
      recorder.#server.listen(0, "127.0.0.1", resolve);
    });
    return recorder;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The row's own requests, complete or not, in the order in which connections were made. */
  get requests(): readonly WireMessage[] {
    return this.connections.flatMap((one) => one.reader.messages).filter((one) => !isProbe(one));
  }

  get faults(): readonly string[] {
    return this.connections.flatMap((one) => (one.reader.fault === null ? [] : [one.reader.fault]));
  }

  /** Bytes that began a head and never became one. */
  get strayBytes(): number {
    return this.connections.reduce(
      (sum, one) =>
        sum + (one.reader.open === null && one.reader.fault === null ? one.reader.pendingBytes : 0),
      0,
    );
  }

  probes(name: string): number {
    const messages = this.connections.flatMap((one) => one.reader.messages);
    return messages.filter((one) => valuesOf(one.headers, PROBE_HEADER)[0] === name).length;
  }

  /** Lets the replies go that wait for it. */
  release(): void {
    this.#isReleased = true;
    for (const go of this.#onRelease.splice(0)) go();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #accept(socket: Socket): void {
    socket.setNoDelay(true);
    this.#sockets.add(socket);
    const connection: RecordedConnection = { reader: new MessageReader("request"), bytes: 0, isLost: false };
    this.connections.push(connection);
    const responded = new Set<WireMessage>();
    const lose = () => {
      connection.isLost = true;
      this.#watch.poke();
    };
    socket.on("data", (chunk: Buffer) => {
      if (this.#ignoresHttp2 && connection.bytes === 0 && startsWithPreface(chunk)) {
        this.connections.splice(this.connections.indexOf(connection), 1);
        socket.destroy();
        return;
      }
      connection.bytes += chunk.length;
      connection.reader.feed(chunk);
      for (const message of connection.reader.messages) this.#consider(socket, message, responded);
      this.#watch.poke();
    });
    socket.on("end", () => {
      lose();
      socket.end();
    });
    socket.on("error", lose);
    socket.on("close", () => {
      this.#sockets.delete(socket);
      lose();
    });
  }

  #consider(socket: Socket, message: WireMessage, responded: Set<WireMessage>): void {
    if (responded.has(message)) return;
    if (isProbe(message)) {
      if (!message.complete) return;
      responded.add(message);
      this.#send(socket, message, DEFAULT_REPLY, `probe:${valuesOf(message.headers, PROBE_HEADER)[0] ?? ""}`);
      return;
    }
    this.#invite(socket, message);
    let number = this.#numbers.get(message);
    if (number === undefined) {
      number = ++this.#rowRequests;
      this.#numbers.set(message, number);
    }
    const reply = this.#replies[number - 1] ?? DEFAULT_REPLY;
    const on = reply.on ?? "complete";
    if (on === "complete" && !message.complete) return;
    if (typeof on === "object" && message.bodyBytes < on.bodyBytes) return;
    responded.add(message);
    const marker = markerOf(valuesOf(message.headers, "cx-id")[0] ?? String(number));
    const go = () => this.#send(socket, message, reply, marker);
    if (on === "released" && !this.#isReleased) this.#onRelease.push(go);
    else go();
  }

  /** A gateway may pass an expectation on; then it is met here, as a server must (RFC 9110 §10.1.1). */
  #invite(socket: Socket, message: WireMessage): void {
    if (this.#invited.has(message) || message.complete || message.bodyBytes > 0) return;
    if (valuesOf(message.headers, "expect")[0]?.toLowerCase() !== "100-continue") return;
    this.#invited.add(message);
    socket.write("HTTP/1.1 100 Continue\r\n\r\n");
  }

  #drip(socket: Socket, text: string, everyMs: number): void {
    const timer = setInterval(() => {
      if (socket.writable) socket.write(Buffer.from(text, "latin1"));
      else clearInterval(timer);
    }, everyMs);
    socket.once("close", () => clearInterval(timer));
  }

  #send(socket: Socket, message: WireMessage, reply: Reply, marker: string): void {
    const texts = typeof reply.bytes === "string" ? [reply.bytes] : reply.bytes;
    for (const text of texts) {
      let bytes = text.replaceAll("{{markerLength}}", String(marker.length)).replaceAll("{{marker}}", marker);
      if (message.startLine.startsWith("HEAD ")) bytes = headOnly(bytes);
      socket.write(Buffer.from(bytes, "latin1"));
    }
    if (reply.drip !== undefined) this.#drip(socket, reply.drip.text, reply.drip.everyMs);
    if (reply.after === "close") socket.end();
    if (reply.after === "reset") socket.resetAndDestroy();
  }
}

/** Interim heads and the final one, without what follows it. */
function headOnly(bytes: string): string {
  let end = 0;
  for (;;) {
    const isInterim = bytes.startsWith("HTTP/1.1 1", end);
    const at = bytes.indexOf("\r\n\r\n", end);
    if (at < 0) return bytes;
    end = at + 4;
    if (!isInterim) return bytes.slice(0, end);
  }
}

/** The body of the response to the request with this `cx-id`, or of this number when it has none. */
export function markerOf(id: string): string {
  return `upstream:${id}`;
}

function isProbe(message: WireMessage): boolean {
  return valuesOf(message.headers, PROBE_HEADER).length > 0;
}

/** gRPC clients send it in one piece. */
function startsWithPreface(chunk: Buffer): boolean {
  return chunk.subarray(0, HTTP2_PREFACE.length).equals(HTTP2_PREFACE);
}
