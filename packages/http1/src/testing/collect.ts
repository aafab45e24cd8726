// A handler that keeps what it hears, and promises about it. Tests only.

import type {
  OutgoingRequest,
  UpstreamClient,
  UpstreamError,
  UpstreamHandler,
  UpstreamRequest,
} from "../client/upstream-client.js";
import "./select-io.js";

export class Collector implements UpstreamHandler {
  status = 0;
  statusText = "";
  headers: readonly string[] = [];
  contentLength = Number.NaN;
  body = "";
  pieces = 0;
  drains = 0;
  ended = false;
  error: UpstreamError | null = null;
  /** What `onResponseData` returns. */
  takes = true;
  /** Calls in order, to see that none comes after the last. */
  readonly calls: string[] = [];
  readonly over: Promise<this>;
  #settle: () => void = () => {};
  #waiters: (() => void)[] = [];

  constructor() {
    this.over = new Promise((resolve) => {
      this.#settle = () => resolve(this);
    });
  }

  onResponseStart(
    status: number,
    statusText: string,
    headers: readonly string[],
    contentLength: number,
  ): void {
    Object.assign(this, { status, statusText, headers, contentLength });
    this.#heard("start");
  }

  onResponseData(chunk: Uint8Array): boolean {
    this.body += Buffer.from(chunk).toString("latin1");
    this.pieces++;
    this.#heard("data");
    return this.takes;
  }

  onResponseEnd(): void {
    this.ended = true;
    this.#heard("end");
    this.#settle();
  }

  onError(error: UpstreamError): void {
    this.error = error;
    this.#heard("error");
    this.#settle();
  }

  onDrain(): void {
    this.drains++;
    this.#heard("drain");
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  #heard(call: string): void {
    this.calls.push(call);
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter();
  }
}

export const GET: UpstreamRequest = { method: "GET", path: "/", headers: [], contentLength: 0 };
export const POST: UpstreamRequest = { ...GET, method: "POST" };

export function send(
  client: UpstreamClient,
  request: Partial<UpstreamRequest> = {},
): { readonly outgoing: OutgoingRequest; readonly got: Collector } {
  const got = new Collector();
  const outgoing = client.dispatch({ ...GET, ...request }, got);
  if (got.calls.length > 0) throw new Error("the handler was called from inside dispatch");
  return { outgoing, got };
}

export function fetchOnce(
  client: UpstreamClient,
  request: Partial<UpstreamRequest> = {},
): Promise<Collector> {
  return send(client, request).got.over;
}
