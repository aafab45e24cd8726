/** One request and its response: helpers over node:http that every handler uses. Knows no routes. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AccessPlace } from "../auth/access-metrics.js";
import type { Caller } from "../auth/request-auth.js";
import { HttpError, tooLarge } from "../errors/http-error.js";

/** Of a request body that is too large. */
const DISCARDED_BYTES_MAX = 64 * 1024 * 1024;

export class Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly url: URL;
  readonly requestId: string;
  /** Of the client. */
  readonly address: string;

  constructor(
    req: IncomingMessage,
    res: ServerResponse,
    more: { readonly url: URL; readonly requestId: string; readonly address: string },
  ) {
    this.req = req;
    this.res = res;
    this.url = more.url;
    this.requestId = more.requestId;
    this.address = more.address;
  }

  /** As authentication sees it. */
  caller(place: AccessPlace): Caller {
    return { headers: this.req.headers, address: this.address, place };
  }

  get method(): string {
    return this.req.method ?? "GET";
  }

  header(name: string): string | undefined {
    const value = this.req.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  }

  /** Whether the client is a browser that wants a page. */
  get wantsHtml(): boolean {
    return (this.header("accept") ?? "").includes("text/html");
  }

  send(status: number, headers: Readonly<Record<string, string>>, body: string | Buffer = ""): void {
    const bytes = typeof body === "string" ? Buffer.from(body) : body;
    this.res.writeHead(status, { ...headers, "content-length": String(bytes.length) });
    this.res.end(this.method === "HEAD" ? undefined : bytes);
  }

  json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): void {
    this.send(
      status,
      { "content-type": "application/json; charset=utf-8", "cache-control": "no-store", ...headers },
      JSON.stringify(value),
    );
  }

  noContent(headers: Readonly<Record<string, string>> = {}): void {
    this.res.writeHead(204, headers);
    this.res.end();
  }

  /**
   * The whole body. A body beyond `bytesMax` is read to its end
   * without being kept, up to 64 MiB: most clients read the response only after they have sent the body.
   * @throws HttpError 413 beyond `bytesMax`, 408 when it takes longer than `msMax`, 400 when the client breaks off
   */
  async body(bytesMax: number, msMax?: number): Promise<Buffer> {
    const read = this.#readBody(bytesMax);
    if (msMax === undefined) return read;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(tooSlow(msMax)), msMax);
    });
    try {
      return await Promise.race([read, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #readBody(bytesMax: number): Promise<Buffer> {
    if (Number(this.header("content-length") ?? 0) > DISCARDED_BYTES_MAX) throw tooLarge(bytesMax);
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const chunk of this.req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > DISCARDED_BYTES_MAX) break;
        if (bytes > bytesMax) chunks.length = 0;
        else chunks.push(chunk);
      }
      if (bytes > bytesMax) throw tooLarge(bytesMax);
    } catch (error) {
      if (error instanceof HttpError) throw error;
      throw new HttpError(400, "BAD_REQUEST", "The request broke off.");
    }
    return Buffer.concat(chunks);
  }

  /** The body as a JSON value. @throws HttpError */
  async jsonBody(bytesMax: number, msMax?: number): Promise<unknown> {
    this.#checkJsonType();
    return this.jsonOf(await this.body(bytesMax, msMax));
  }

  /** A body of this request as a JSON value. @throws HttpError */
  jsonOf(body: Buffer): unknown {
    this.#checkJsonType();
    try {
      return JSON.parse(body.toString()) as unknown;
    } catch {
      throw new HttpError(400, "BAD_REQUEST", "The body is not JSON.");
    }
  }

  #checkJsonType(): void {
    const type = (this.header("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
    if (type !== "application/json")
      throw new HttpError(415, "UNSUPPORTED_MEDIA_TYPE", "Send the body as application/json.");
  }
}

function tooSlow(msMax: number): HttpError {
  return new HttpError(408, "REQUEST_TIMEOUT", `The body did not come within ${msMax / 1000} seconds.`, {
    connection: "close",
  });
}
