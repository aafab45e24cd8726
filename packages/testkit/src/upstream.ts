/**
 * An integration that remembers what it received, byte for byte, and misbehaves on command. Speaks HTTP/1.1 over raw
 * sockets, so that a broken response can be as broken as a test wants. Tests only.
 */
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

export interface SeenRequest {
  readonly method: string;
  readonly target: string;
  /** Flat, as received, names as sent. */
  readonly headers: readonly string[];
  readonly body: Buffer;
  /** The whole message as it came over the socket. */
  readonly raw: Buffer;
  /** Value of the first header of that name, any case. */
  header(name: string): string | undefined;
  /** All values of that name. */
  all(name: string): string[];
}

export interface ResponseValue {
  readonly status?: number;
  readonly headers?: readonly string[];
  readonly body?: string | Uint8Array;
}

/** What an upstream does with a request. Given the socket, it may write whatever it likes and end with `null`. */
export type UpstreamBehaviour = (
  request: SeenRequest,
  socket: Socket,
) => ResponseValue | null | Promise<ResponseValue | null>;

export interface UpstreamOptions {
  readonly behaviour?: UpstreamBehaviour;
  /** Called when the head is there, before the body; true: it takes the connection over, raw. */
  readonly onHead?: (request: SeenRequest, socket: Socket, rest: Buffer) => boolean;
  readonly host?: string;
}

export class Upstream implements AsyncDisposable {
  readonly seen: SeenRequest[] = [];
  behaviour: UpstreamBehaviour;
  connectionsMade = 0;
  connectionsClosed = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #onHead: NonNullable<UpstreamOptions["onHead"]> | undefined;
  readonly #waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  readonly #host: string;

  constructor(options: UpstreamOptions = {}) {
    this.behaviour = options.behaviour ?? echo;
    this.#onHead = options.onHead;
    this.#host = options.host ?? "127.0.0.1";
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async start(options: UpstreamOptions = {}): Promise<Upstream> {
    const upstream = new Upstream(options);
    await upstream.listen();
    return upstream;
  }

  listen(port = 0): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, this.#host, () => resolve());
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://${this.#host}:${this.port}`;
  }

  get openConnections(): number {
    return this.#sockets.size;
  }

  /** The request that came last. */
  get last(): SeenRequest {
    const last = this.seen.at(-1);
    if (last === undefined) throw new Error("the upstream has seen no request");
    return last;
  }

  /** Resolves when so many requests were seen since the start. */
  sawRequests(count: number): Promise<void> {
    if (this.seen.length >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  #serve(socket: Socket): void {
    this.connectionsMade++;
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("close", () => {
      this.#sockets.delete(socket);
      this.connectionsClosed++;
    });
    socket.on("error", () => undefined); // a client that goes away is part of many tests
    let buffer: Buffer = Buffer.alloc(0);
    let isBusy = false;
    const next = async (): Promise<void> => {
      if (isBusy) return;
      isBusy = true;
      try {
        for (;;) {
          const head = parseHead(buffer);
          if (head === null) return;
          if (
            this.#onHead?.(seenOf(head, Buffer.alloc(0), buffer), socket, buffer.subarray(head.bytes)) ===
            true
          ) {
            socket.removeListener("data", onData);
            return;
          }
          const body = parseBody(head, buffer);
          if (body === null) return;
          const request = seenOf(head, body.bytes, buffer.subarray(0, body.end));
          buffer = buffer.subarray(body.end);
          this.#saw(request);
          const response = await this.behaviour(request, socket);
          if (response !== null && !socket.destroyed) socket.write(responseBytes(response));
        }
      } finally {
        isBusy = false;
      }
    };
    const onData = (chunk: Buffer): void => {
      buffer = buffer.length === 0 ? chunk : Buffer.concat([buffer, chunk]);
      void next();
    };
    socket.on("data", onData);
  }

  #saw(request: SeenRequest): void {
    this.seen.push(request);
    for (const waiting of this.#waiting) if (this.seen.length >= waiting.count) waiting.resolve();
  }
}

/** Responds with 200 with what it received as JSON. */
export const echo: UpstreamBehaviour = (request) => ({
  status: 200,
  headers: ["Content-Type", "application/json"],
  body: JSON.stringify({
    method: request.method,
    target: request.target,
    headers: request.headers,
    body: request.body.toString("latin1"),
  }),
});

/** Accepts the request and never responds. */
export const neverResponds: UpstreamBehaviour = () => new Promise(() => undefined);

/** Closes the connection when the request is complete. */
export const closesAtOnce: UpstreamBehaviour = (_request, socket) => {
  socket.destroy();
  return null;
};

/** Sends these bytes as they are, and then ends or keeps the connection. */
export function sendsRaw(bytes: string | Uint8Array, end = true): UpstreamBehaviour {
  return (_request, socket) => {
    socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
    if (end) socket.end();
    return null;
  };
}

export function responseBytes(response: ResponseValue): Buffer {
  const body = Buffer.from(response.body ?? "");
  const status = response.status ?? 200;
  const lines = [`HTTP/1.1 ${status} ${status === 200 ? "OK" : "Status"}`];
  const headers = response.headers ?? [];
  for (let i = 0; i < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`);
  const isBodiless = status === 204 || status === 304;
  if (!isBodiless) lines.push(`Content-Length: ${body.length}`);
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  return isBodiless ? head : Buffer.concat([head, body]);
}

interface Head {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly string[];
  readonly bytes: number;
}

function parseHead(buffer: Buffer): Head | null {
  const end = buffer.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const [requestLine = "", ...lines] = buffer.subarray(0, end).toString("latin1").split("\r\n");
  const [method = "", target = ""] = requestLine.split(" ");
  const headers: string[] = [];
  for (const line of lines) {
    const colon = line.indexOf(":");
    headers.push(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return { method, target, headers, bytes: end + 4 };
}

function parseBody(head: Head, buffer: Buffer): { readonly bytes: Buffer; readonly end: number } | null {
  const length = headerOf(head.headers, "content-length");
  const coding = headerOf(head.headers, "transfer-encoding");
  if (coding !== undefined) return parseChunks(buffer, head.bytes);
  const end = head.bytes + Number(length ?? 0);
  if (buffer.length < end) return null;
  return { bytes: Buffer.from(buffer.subarray(head.bytes, end)), end };
}

function parseChunks(buffer: Buffer, from: number): { readonly bytes: Buffer; readonly end: number } | null {
  const pieces: Buffer[] = [];
  let at = from;
  for (;;) {
    const lineEnd = buffer.indexOf("\r\n", at);
    if (lineEnd < 0) return null;
    const size = Number.parseInt(buffer.subarray(at, lineEnd).toString("latin1"), 16);
    const start = lineEnd + 2;
    if (buffer.length < start + size + 2) return null;
    if (size === 0) return { bytes: Buffer.concat(pieces), end: start + 2 };
    pieces.push(Buffer.from(buffer.subarray(start, start + size)));
    at = start + size + 2;
  }
}

function seenOf(head: Head, body: Buffer, raw: Buffer): SeenRequest {
  return {
    method: head.method,
    target: head.target,
    headers: head.headers,
    body,
    raw: Buffer.from(raw),
    header: (name) => headerOf(head.headers, name),
    all: (name) => {
      const values: string[] = [];
      for (let i = 0; i < head.headers.length; i += 2)
        if (head.headers[i]?.toLowerCase() === name.toLowerCase()) values.push(head.headers[i + 1] as string);
      return values;
    },
  };
}

function headerOf(headers: readonly string[], name: string): string | undefined {
  for (let i = 0; i < headers.length; i += 2)
    if (headers[i]?.toLowerCase() === name.toLowerCase()) return headers[i + 1];
  return undefined;
}
