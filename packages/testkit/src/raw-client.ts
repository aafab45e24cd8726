/**
 * A client that sends exactly the bytes it is given and reads responses by RFC 9112 without mercy: anything that it
 * cannot read is an error. Waits for conditions, with one limit for all. Tests only.
 */
import { connect, type Socket } from "node:net";

export interface RawResponse {
  readonly status: number;
  readonly statusText: string;
  /** Flat, names as sent. */
  readonly headers: readonly string[];
  readonly body: Buffer;
  /** True when the body was chunked. */
  readonly isChunked: boolean;
  header(name: string): string | undefined;
  all(name: string): string[];
}

/** No test waits longer for the peer. */
const LIMIT_MS = 60_000;

export class RawClient implements Disposable {
  readonly socket: Socket;
  #chunks: Buffer[] = [];
  #isEnded = false;
  #error: Error | null = null;
  readonly #waiting = new Set<() => void>();

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#wake();
    });
    socket.on("end", () => this.#ended(null));
    socket.on("close", () => this.#ended(null));
    socket.on("error", (error) => this.#ended(error));
  }

  /** @param localAddress that the server sees; default: what the system chooses */
  static connect(port: number, host = "127.0.0.1", localAddress?: string): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({
        port,
        host,
        noDelay: true,
        ...(localAddress !== undefined && { localAddress }),
      });
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        resolve(new RawClient(socket));
      });
    });
  }

  /** Bytes as latin1. */
  send(bytes: string | Uint8Array): this {
    this.socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
    return this;
  }

  /** Everything that came and was not read. */
  get pending(): Buffer {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] as Buffer;
  }

  /** The peer ended the connection, cleanly or not. */
  get isClosed(): boolean {
    return this.#isEnded;
  }

  /** The next response, 1xx included. @param toHead the request was HEAD: no body follows */
  async response(toHead = false): Promise<RawResponse> {
    return this.#until(`a response`, () => {
      const parsed = parseResponse(this.pending, toHead, this.#isEnded);
      if (parsed === null) return null;
      this.#chunks = [this.pending.subarray(parsed.end)];
      return parsed.response;
    });
  }

  /** Resolves when the peer has ended the connection; with what came until then and was not read. */
  async closed(): Promise<Buffer> {
    return this.#until("the end of the connection", () => (this.#isEnded ? this.pending : null), true);
  }

  /** Resolves when so many bytes are there. */
  async bytes(count: number): Promise<Buffer> {
    return this.#until(`${count} bytes`, () => (this.pending.length >= count ? this.pending : null));
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  async #until<T>(what: string, look: () => T | null, mayBeEnded = false): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<T>((resolve, reject) => {
        timer = setTimeout(
          () =>
            reject(
              new Error(`waited too long for ${what}; got ${this.pending.toString("latin1").slice(0, 500)}`),
            ),
          LIMIT_MS,
        );
        const check = (): void => {
          try {
            const value = look();
            if (value !== null) {
              this.#waiting.delete(check);
              resolve(value);
              return;
            }
            if (this.#isEnded && !mayBeEnded) {
              this.#waiting.delete(check);
              const got = this.pending.toString("latin1").slice(0, 500);
              reject(new Error(`the connection ended before ${what}; got "${got}"`, { cause: this.#error }));
            }
          } catch (cause) {
            this.#waiting.delete(check);
            reject(cause as Error);
          }
        };
        this.#waiting.add(check);
        check();
      });
    } finally {
      clearTimeout(timer);
    }
  }

  #ended(error: Error | null): void {
    this.#error ??= error;
    this.#isEnded = true;
    this.#wake();
  }

  #wake(): void {
    for (const check of [...this.#waiting]) check();
  }
}

function parseResponse(
  buffer: Buffer,
  toHead: boolean,
  isEnded: boolean,
): { readonly response: RawResponse; readonly end: number } | null {
  const headEnd = buffer.indexOf("\r\n\r\n");
  if (headEnd < 0) return null;
  const [statusLine = "", ...lines] = buffer.subarray(0, headEnd).toString("latin1").split("\r\n");
  const match = /^HTTP\/1\.1 (\d{3}) ([^\r\n]*)$/.exec(statusLine);
  if (match === null) throw new Error(`not a status line: ${statusLine}`);
  const status = Number(match[1]);
  const headers: string[] = [];
  for (const line of lines) {
    const parts = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):(.*)$/.exec(line);
    if (parts === null) throw new Error(`not a header line: ${line}`);
    headers.push(parts[1] as string, (parts[2] as string).trim());
  }
  const all = (name: string): string[] => {
    const values: string[] = [];
    for (let i = 0; i < headers.length; i += 2)
      if (headers[i]?.toLowerCase() === name.toLowerCase()) values.push(headers[i + 1] as string);
    return values;
  };
  const start = headEnd + 4;
  const make = (body: Buffer, isChunked: boolean, end: number) => ({
    response: {
      status,
      statusText: match[2] as string,
      headers,
      body: Buffer.from(body),
      isChunked,
      header: (name: string) => all(name)[0],
      all,
    },
    end,
  });
  const isBodiless = toHead || status < 200 || status === 204 || status === 304;
  if (status >= 200 && all("content-length").length + all("transfer-encoding").length > 1)
    throw new Error("a response with two framings");
  if (isBodiless) return make(Buffer.alloc(0), false, start);
  if (all("transfer-encoding").length > 0) return parseChunks(buffer, start, make);
  const length = all("content-length")[0];
  if (length === undefined) return isEnded ? make(buffer.subarray(start), false, buffer.length) : null;
  const end = start + Number(length);
  return buffer.length < end ? null : make(buffer.subarray(start, end), false, end);
}

function parseChunks<T>(
  buffer: Buffer,
  from: number,
  make: (body: Buffer, isChunked: boolean, end: number) => T,
): T | null {
  const pieces: Buffer[] = [];
  let at = from;
  for (;;) {
    const lineEnd = buffer.indexOf("\r\n", at);
    if (lineEnd < 0) return null;
    const sizeText = buffer.subarray(at, lineEnd).toString("latin1");
    if (!/^[0-9A-Fa-f]+$/.test(sizeText)) throw new Error(`not a chunk size: ${sizeText}`);
    const size = Number.parseInt(sizeText, 16);
    const start = lineEnd + 2;
    if (size === 0) {
      const trailersEnd = buffer.indexOf("\r\n\r\n", lineEnd);
      return trailersEnd < 0 ? null : make(Buffer.concat(pieces), true, trailersEnd + 4);
    }
    if (buffer.length < start + size + 2) return null;
    if (buffer.toString("latin1", start + size, start + size + 2) !== "\r\n")
      throw new Error("a chunk without its line end");
    pieces.push(Buffer.from(buffer.subarray(start, start + size)));
    at = start + size + 2;
  }
}
