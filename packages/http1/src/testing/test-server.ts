// Servers whose requests a test sees, and raw clients; both are closed when the test is over. Tests only.

import { onTestFinished } from "vitest";
import type { FaultCode } from "../codec/fault.js";
import { type Ticked, ticker } from "../io/ticker.js";
import { ConnectionMemo } from "../server/connection-memo.js";
import { Http1Server } from "../server/server.js";
import type { Http1ServerOptions } from "../server/server-options.js";
import type { ServerListener, ServerRequest } from "../server/server-request.js";
import { RawClient } from "./raw-client.js";
import "./select-io.js";

export const H = "Host: a.example\r\n";

/** One request as a test sees it. */
export class Seen implements ServerListener {
  readonly request: ServerRequest;
  body = "";
  ended = false;
  aborted = false;
  writables = 0;
  onEnd: (() => void) | null = null;
  onData: (() => void) | null = null;
  constructor(request: ServerRequest) {
    this.request = request;
  }
  onBodyData(chunk: Uint8Array): void {
    this.body += Buffer.from(chunk).toString("latin1");
    this.onData?.();
  }
  onBodyEnd(): void {
    this.ended = true;
    this.onEnd?.();
  }
  onWritable(): void {
    this.writables++;
    this.onData?.();
  }
  onAborted(): void {
    this.aborted = true;
    this.onEnd?.();
  }
}

export const text = (request: ServerRequest, body: string, close = false): void =>
  request.respond(200, "OK", ["content-type", "text/plain"], Buffer.from(body, "latin1"), close);

/** Responds with method, path, query and body once the body is complete. */
export function echo(request: ServerRequest): ServerListener | null {
  const { method, path, query } = request;
  if (request.bodyLength === 0) {
    text(request, `${method} ${path} ${query} []`);
    return null;
  }
  const seen = new Seen(request);
  seen.onEnd = () => text(request, `${method} ${path} ${query} [${seen.body}]`);
  return seen;
}

export async function serve(
  onRequest: Http1ServerOptions["onRequest"],
  options: Partial<Http1ServerOptions> = {},
): Promise<{ readonly port: number; readonly server: Http1Server; readonly refused: FaultCode[] }> {
  const refused: FaultCode[] = [];
  const server = new Http1Server({
    createMemo: () => new ConnectionMemo(),
    onRequest,
    refusal: (fault) => {
      refused.push(fault);
      return { status: 400, statusText: "Bad", headers: ["x-fault", fault], body: Buffer.from(fault) };
    },
    ...options,
  });
  closeAfterTest(server);
  return { port: await server.listen("127.0.0.1", 0), server, refused };
}

export function closeAfterTest(server: Http1Server): void {
  onTestFinished(() => server.destroy());
}

export async function client(port: number): Promise<RawClient> {
  const opened = await RawClient.open(port);
  onTestFinished(() => opened[Symbol.dispose]());
  return opened;
}

/** By the server's own clock. */
export async function ticks(count: number): Promise<void> {
  let left = count;
  await new Promise<void>((resolve) => {
    const member: Ticked = {
      onTick: () => {
        if (--left > 0) return;
        ticker.remove(member);
        resolve();
      },
    };
    ticker.add(member);
  });
}
