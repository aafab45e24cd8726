// A client that sends exactly what a test wants and keeps what comes back. Tests only.

import { once } from "node:events";
import { connect, type Socket } from "node:net";

export class RawClient implements Disposable {
  readonly socket: Socket;
  /** Bytes received; cheap to ask. */
  length = 0;
  /** The server sent FIN. */
  ended = false;
  /** The connection broke (reset). */
  error: NodeJS.ErrnoException | null = null;
  closed = false;
  #waiters: (() => void)[] = [];
  #pieces: Buffer[] = [];

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      this.#pieces.push(chunk);
      this.length += chunk.length;
      this.#wake();
    });
    socket.on("end", () => {
      this.ended = true;
      this.#wake();
    });
    socket.on("error", (error) => {
      this.error = error;
    });
    socket.on("close", () => {
      this.closed = true;
      this.#wake();
    });
  }

  static async open(port: number): Promise<RawClient> {
    const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
    await once(socket, "connect");
    return new RawClient(socket);
  }

  /** Everything received so far, latin1. */
  get received(): string {
    if (this.#pieces.length > 1) this.#pieces = [Buffer.concat(this.#pieces)];
    return this.#pieces[0]?.toString("latin1") ?? "";
  }

  send(text: string): this {
    this.socket.write(text, "latin1");
    return this;
  }

  async until(condition: () => boolean): Promise<this> {
    while (!condition()) {
      if (this.closed) throw new Error(`closed after ${JSON.stringify(this.received)}`);
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
    return this;
  }

  untilText(text: string): Promise<this> {
    return this.until(() => this.received.includes(text));
  }

  /** Waits for the server's FIN. */
  async untilEnded(): Promise<this> {
    while (!this.ended && !this.closed) await new Promise<void>((resolve) => this.#waiters.push(resolve));
    return this;
  }

  async untilClosed(): Promise<this> {
    while (!this.closed) await new Promise<void>((resolve) => this.#waiters.push(resolve));
    return this;
  }

  /** Status codes of all responses so far, interim ones too. */
  get statuses(): number[] {
    return [...this.received.matchAll(/(?:^|\r\n|[^\r\n])HTTP\/1\.1 (\d{3}) /g)].map((match) =>
      Number(match[1]),
    );
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter();
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}
