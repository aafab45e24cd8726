/** One connection of a client that asks again and again, and keeps what it sent while nobody read it. */
import { connect, type Socket } from "node:net";

export class KeepAliveClient implements Disposable {
  readonly #socket: Socket;
  readonly #head: string;
  #received = "";
  #onResponse: ((status: string) => void) | null = null;

  constructor(port: number, secret: string) {
    this.#head = `GET /a HTTP/1.1\r\nHost: a\r\nConnxio-Api-Key: ${secret}\r\n\r\n`;
    this.#socket = connect(port, "127.0.0.1");
    this.#socket.setNoDelay(true);
    this.#socket.on("data", (bytes) => this.#onData(bytes.toString("latin1")));
    this.#socket.on("error", () => undefined);
    this.#socket.on("close", () => this.#response("cut"));
  }

  /** The status of the response; `cut` when the connection ends without one. */
  ask(): Promise<string> {
    if (this.#socket.destroyed) return Promise.resolve("cut");
    return new Promise((resolve) => {
      this.#onResponse = resolve;
      this.#socket.write(this.#head);
    });
  }

  #onData(text: string): void {
    this.#received += text;
    const end = this.#received.indexOf("\r\n\r\n");
    if (end === -1) return;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(this.#received)?.[1] ?? 0);
    if (this.#received.length < end + 4 + length) return;
    const status = this.#received.slice(9, 12);
    this.#received = "";
    this.#response(status);
  }

  #response(status: string): void {
    const onResponse = this.#onResponse;
    this.#onResponse = null;
    onResponse?.(status);
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}
