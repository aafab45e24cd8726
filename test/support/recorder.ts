/**
 * An upstream that remembers the newest request it got, head and body, and responds with 200 and a short JSON. Not all of them:
 * a soak sends millions.
 */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface RecordedRequest {
  readonly method: string;
  readonly url: string;
  /** Name, value, … as they came over the wire. */
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

export class Recorder implements AsyncDisposable {
  readonly #server: Server;
  #last: RecordedRequest | null = null;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<Recorder> {
    const recorder = new Recorder(createServer());
    recorder.#server.on("request", (req, res) => {
      const chunks: Buffer[] = [];
      req.on("data", (chunk: Buffer) => chunks.push(chunk));
      req.on("end", () => {
        recorder.#last = {
          method: req.method ?? "",
          url: req.url ?? "",
          rawHeaders: req.rawHeaders,
          headers: req.headers,
          body: Buffer.concat(chunks),
        };
        res.setHeader("content-type", "application/json");
        res.end(`{"upstream":${JSON.stringify(new URL(req.url ?? "/", "http://u").pathname)}}`);
      });
    });
    recorder.#server.keepAliveTimeout = 60_000;
    await new Promise<void>((resolve) => recorder.#server.listen(0, "127.0.0.1", resolve));
    return recorder;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The newest request. */
  get last(): RecordedRequest {
    if (this.#last === null) throw new Error("the upstream has seen no request");
    return this.#last;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }
}
