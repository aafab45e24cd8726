/** A TCP relay between two ends of a test: counts bytes, cuts, and stands still on command. Understands nothing. */
import { connect, createServer, type Server, type Socket } from "node:net";

export interface RelayTarget {
  readonly host: string;
  readonly port: number;
}

export class TcpRelay implements AsyncDisposable {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #isFrozen = false;
  connectionsMade = 0;
  /** So much later comes what the target sends. Lowered only when there is no connection: bytes would overtake. */
  delayMs = 0;
  /** Bytes that went from the target to the clients, and from the clients to the target. */
  bytesDown = 0;
  bytesUp = 0;

  static async start(target: () => RelayTarget): Promise<TcpRelay> {
    const relay = new TcpRelay(target);
    await new Promise<void>((resolve, reject) => {
      relay.#server.once("error", reject);
      relay.#server.listen(0, "127.0.0.1", resolve);
    });
    return relay;
  }

  private constructor(target: () => RelayTarget) {
    this.#server = createServer({ noDelay: true }, (client) => {
      this.connectionsMade++;
      const { host, port } = target();
      const upstream = connect({ host, port, noDelay: true });
      const pair = [client, upstream] as const;
      this.#pairs.add(pair);
      client.on("data", (bytes) => {
        this.bytesUp += bytes.length;
        upstream.write(bytes);
      });
      upstream.on("data", (bytes) => {
        this.bytesDown += bytes.length;
        if (this.delayMs === 0) client.write(bytes);
        else setTimeout(() => client.write(bytes), this.delayMs);
      });
      const close = (): void => {
        this.#pairs.delete(pair);
        client.destroy();
        upstream.destroy();
      };
      for (const socket of pair) {
        socket.on("error", close);
        socket.on("close", close);
      }
      if (this.#isFrozen) for (const socket of pair) socket.pause();
    });
  }

  get port(): number {
    const address = this.#server.address();
    return address !== null && typeof address === "object" ? address.port : 0;
  }

  get connectionCount(): number {
    return this.#pairs.size;
  }

  /** Breaks every connection, without a farewell. */
  cut(): void {
    for (const pair of [...this.#pairs]) for (const socket of pair) socket.resetAndDestroy();
  }

  /** Lets nothing through in either direction; connections stay up: a half-open peer. */
  freeze(): void {
    this.#isFrozen = true;
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  thaw(): void {
    this.#isFrozen = false;
    for (const pair of this.#pairs) for (const socket of pair) socket.resume();
  }

  resetCounters(): void {
    this.bytesDown = 0;
    this.bytesUp = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
