// An origin that sends exactly the bytes of a test, and keeps what it received. Tests only.

import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

export interface OriginConnection {
  readonly socket: Socket;
  /** Everything received so far, latin1. */
  received: string;
}

/** Called for every piece that arrives; responds by writing to the socket. */
export type OriginScript = (connection: OriginConnection, index: number) => void;

export class RawOrigin implements AsyncDisposable {
  readonly connections: OriginConnection[] = [];
  readonly #server: Server;
  #waiters: (() => void)[] = [];

  private constructor(script: OriginScript) {
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      const connection: OriginConnection = { socket, received: "" };
      const index = this.connections.push(connection) - 1;
      socket.on("data", (chunk: Buffer) => {
        connection.received += chunk.toString("latin1");
        script(connection, index);
        this.#wake();
      });
      socket.on("error", () => {});
      socket.on("end", () => socket.end());
      socket.on("close", () => this.#wake());
      this.#wake();
    });
  }

  static async start(script: OriginScript): Promise<RawOrigin> {
    const origin = new RawOrigin(script);
    origin.#server.listen(0, "127.0.0.1");
    await once(origin.#server, "listening");
    return origin;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Resolves when `condition` holds; it is asked again whenever something happened on the wire. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  /** Resolves when some request has begun to arrive. */
  untilAsked(): Promise<void> {
    return this.until(() => (this.connections[0]?.received ?? "") !== "");
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { socket } of this.connections) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }
}

/** Responds to each request whose head (and body, by `complete`) is there, on every connection in the same way. */
export function respondingWith(
  response: string | ((request: string, connection: OriginConnection) => string),
  complete: (received: string) => boolean = (received) => received.endsWith("\r\n\r\n"),
): OriginScript {
  return (connection) => {
    if (!complete(connection.received)) return;
    const request = connection.received;
    connection.received = "";
    connection.socket.write(
      typeof response === "string" ? response : response(request, connection),
      "latin1",
    );
  };
}
