/** One request on node:http. Copies what it is given to write, since node keeps buffers until the socket took them. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { plainAddress } from "@latchkey/core";
import { isBodiless, type ResponseHeaders } from "@latchkey/http1";
import type {
  EngineRefusal,
  FrontRequest,
  RequestHead,
  RequestListener,
  ResponseState,
} from "../fronts/front-request.js";

/** An unread body up to this is read and dropped so that the connection can be kept. */
const DRAIN_BYTES_MAX = 65_536;
/** After a response that ends the connection, what the client still sends is read so long. */
const LINGER_MS = 2_000;

/** The engine, as its requests see it. */
export interface NodeRequestOwner {
  readonly isDraining: boolean;
  /** It is over. */
  finished(): void;
  /** Its body does not come, or comes broken. */
  refuseOpen(
    request: NodeFrontRequest,
    code: "request.timeout" | "request.framing_invalid",
  ): EngineRefusal | null;
}

export class NodeFrontRequest implements FrontRequest {
  readonly head: RequestHead;
  readonly arrivedAtMs = performance.now();
  readonly memo = null;
  readonly remoteAddress: string;
  state: ResponseState = "open";
  listener: RequestListener | null = null;

  readonly #engine: NodeRequestOwner;
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  #ownLine: readonly string[] = [];
  #isBodiless = false;
  #contentLength = -1;
  #bytesWritten = 0;
  #bodyComplete: boolean;

  constructor(engine: NodeRequestOwner, req: IncomingMessage, res: ServerResponse, head: RequestHead) {
    this.#engine = engine;
    this.#req = req;
    this.#res = res;
    this.head = head;
    this.#bodyComplete = head.bodyLength === 0;
    this.remoteAddress = plainAddress(req.socket.remoteAddress ?? "");
    res.on("close", () => this.#closed());
    res.on("drain", () => this.listener?.onWritable());
  }

  get isRequestComplete(): boolean {
    return this.#req.complete;
  }

  /** By the engine: the client went silent within its body. Responds 408 when there was no response yet. */
  clientSilent(): void {
    this.#giveUp("request.timeout");
  }

  /** By the engine: what came is no valid body. Responds 400 when there was no response yet. */
  bodyBroken(socket: Duplex): void {
    if (this.state === "ended") socket.end();
    else this.#giveUp("request.framing_invalid");
  }

  #giveUp(code: "request.timeout" | "request.framing_invalid"): void {
    const listener = this.listener;
    const refusal = this.#engine.refuseOpen(this, code);
    if (this.state === "head-sent") this.abort();
    listener?.onAborted(refusal);
  }

  /** By the engine: the body is read from here on. */
  listen(listener: RequestListener): void {
    this.listener = listener;
    if (this.#bodyComplete) return;
    this.#req.on("data", (chunk: Buffer) => this.listener?.onBodyData(chunk));
    this.#req.on("end", () => {
      this.#bodyComplete = true;
      this.listener?.onBodyEnd();
    });
    this.#req.on("error", () => undefined); // the close of the response tells
  }

  pause(): void {
    if (!this.#bodyComplete) this.#req.pause();
  }

  resume(): void {
    if (!this.#bodyComplete) this.#req.resume();
  }

  readonly canSwitchProtocols = false;
  switchProtocols(): void {
    this.abort();
  }

  setOwnLine(name: string, value: string): void {
    this.#ownLine = [name, value];
  }

  writeHead(status: number, statusText: string, { list }: ResponseHeaders, contentLength: number): void {
    if (this.state !== "open") return;
    this.state = "head-sent";
    this.#putHead(status, statusText, list, contentLength, this.#costsConnection());
    queueMicrotask(() => this.#flushHead());
  }

  /** A head whose body did not come within the tick must not wait for it. */
  #flushHead(): void {
    if (this.state === "head-sent" && this.#bytesWritten === 0) this.#res.flushHeaders();
  }

  write(chunk: Uint8Array): boolean {
    if (this.state !== "head-sent" || this.#isBodiless) return true;
    this.#bytesWritten += chunk.length;
    return this.#res.write(Buffer.from(chunk)); // Buffer.from copies
  }

  end(): void {
    if (this.state !== "head-sent") return;
    if (!this.#isBodiless && this.#contentLength >= 0 && this.#bytesWritten < this.#contentLength) {
      this.abort();
      return;
    }
    this.#finish("ended");
    this.#res.end();
    this.#dropBody();
  }

  respond(
    status: number,
    statusText: string,
    fields: readonly string[],
    body: Uint8Array | string,
    close: boolean,
  ): void {
    if (this.state !== "open") return;
    this.state = "head-sent";
    this.#putHead(status, statusText, fields, body.length, close || this.#costsConnection());
    this.#finish("ended");
    this.#res.end(this.#isBodiless ? undefined : body);
    this.#dropBody();
  }

  abort(): void {
    if (this.state === "ended" || this.state === "aborted") return;
    this.#finish("aborted");
    this.#req.socket.resetAndDestroy?.();
    this.#res.destroy();
  }

  #putHead(
    status: number,
    statusText: string,
    headers: readonly string[],
    contentLength: number,
    close: boolean,
  ): void {
    this.#isBodiless = isBodiless(this.head.method, status);
    this.#contentLength = contentLength;
    const lines = headers.concat(this.#ownLine);
    if (contentLength >= 0 && status !== 204) lines.push("Content-Length", String(contentLength));
    if (close || this.#engine.isDraining) lines.push("Connection", "close");
    this.#res.writeHead(status, statusText, lines);
  }

  /** The rest of a request body that nobody wants: dropped, then the connection is kept or closed. */
  #dropBody(): void {
    if (this.#bodyComplete) return;
    this.#req.resume();
    if (!this.#costsConnection()) return;
    const timer = setTimeout(() => this.#req.destroy(), LINGER_MS);
    this.#req.on("close", () => clearTimeout(timer));
  }

  #costsConnection(): boolean {
    if (this.#bodyComplete) return false;
    return this.head.bodyLength < 0 || this.head.bodyLength > DRAIN_BYTES_MAX;
  }

  #closed(): void {
    if (this.state === "ended" || this.state === "aborted") return;
    const listener = this.listener;
    this.#finish("aborted");
    listener?.onAborted(null);
  }

  #finish(state: "ended" | "aborted"): void {
    this.state = state;
    this.listener = null;
    this.#engine.finished();
  }
}
