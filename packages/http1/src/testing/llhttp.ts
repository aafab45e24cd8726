// What llhttp makes of the same bytes, through node:http over an in-memory stream: the oracle of the
// differential tests. Only what node:http shows its users is reported.

import { createServer, request as httpRequest } from "node:http";
import { Duplex } from "node:stream";

/** A stream whose input is given by the test and whose output is kept. */
class Wire extends Duplex {
  readonly written: Buffer[] = [];
  override _read(): void {}
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written.push(chunk);
    done();
  }
  // node:http calls these on what it takes for a socket.
  setTimeout(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
}

export interface OracleRequest {
  readonly method: string;
  readonly url: string;
  /** Flat, names in lower case. */
  readonly headers: readonly string[];
  readonly body: string;
  readonly complete: boolean;
}

const flatLower = (raw: readonly string[]): string[] =>
  raw.map((item, i) => (i % 2 === 0 ? item.toLowerCase() : item));

/** Requests that node:http's server finds in `bytes`; `refused` when it gave up on the connection. */
export async function llhttpRequests(
  bytes: Uint8Array,
): Promise<{ readonly messages: OracleRequest[]; readonly refused: boolean }> {
  const messages: { -readonly [K in keyof OracleRequest]: OracleRequest[K] }[] = [];
  let refused = false;
  const server = createServer({ maxHeaderSize: 65_536, requireHostHeader: true }, (req, res) => {
    const { method = "", url = "", rawHeaders } = req;
    const message = { method, url, headers: flatLower(rawHeaders), body: "", complete: false };
    messages.push(message);
    req.setEncoding("latin1");
    req.on("data", (text: string) => {
      message.body += text;
    });
    req.on("end", () => {
      message.complete = req.complete;
      res.end();
    });
    req.on("error", () => {});
  });
  server.keepAliveTimeout = 0;
  server.on("checkExpectation", (_req, res) => {
    refused = true;
    res.destroy();
  });
  server.on("upgrade", (_req, socket) => socket.destroy());
  server.on("connect", (_req, socket) => socket.destroy());
  server.on("clientError", (_error, socket) => {
    refused = true;
    // The requests before the broken one have been parsed, but their events are still on their way.
    setImmediate(() => setImmediate(() => socket.destroy()));
  });
  const wire = new Wire();
  wire.on("error", () => {});
  const closed = new Promise<void>((resolve) => wire.on("close", resolve));
  server.emit("connection", wire);
  wire.push(Buffer.from(bytes));
  wire.push(null);
  await closed;
  server.closeAllConnections();
  return { messages, refused };
}

export interface OracleResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly string[];
  readonly body: string;
  readonly complete: boolean;
}

/** The final response that node:http's client finds in `bytes`, or null when it refused them. */
export function llhttpResponse(bytes: Uint8Array, method: string): Promise<OracleResponse | null> {
  return new Promise((resolve) => {
    const wire = new Wire();
    const request = httpRequest({
      createConnection: () => wire,
      method,
      host: "a.example",
      maxHeaderSize: 65_536,
    });
    request.on("error", () => resolve(null));
    request.on("upgrade", () => resolve(null));
    request.on("response", (res) => {
      let body = "";
      res.setEncoding("latin1");
      res.on("data", (text: string) => {
        body += text;
      });
      const { statusCode: status = 0, statusMessage: statusText = "" } = res;
      const headers = flatLower(res.rawHeaders);
      const done = (complete: boolean): void => resolve({ status, statusText, headers, body, complete });
      res.on("end", () => done(res.complete));
      res.on("error", () => done(false));
    });
    request.end();
    wire.push(Buffer.from(bytes));
    wire.push(null);
  });
}
