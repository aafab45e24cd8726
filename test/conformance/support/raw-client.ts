// One client connection of raw bytes. Sends what it is given, reads responses strictly, and keeps how it ended.
import { connect, type Socket } from "node:net";
import type { Watch } from "./watch.js";
import { MessageReader, statusOf, type WireMessage } from "./wire.js";

export class RawClient {
  readonly reader: MessageReader;
  /** How the other side ended it; null while it is open. */
  ended: "end" | "reset" | null = null;
  readonly #socket: Socket;
  readonly #watch: Watch;

  private constructor(socket: Socket, watch: Watch, headResponses: readonly number[]) {
    this.#socket = socket;
    this.#watch = watch;
    this.reader = new MessageReader("response", (index) => headResponses.includes(index));
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      this.reader.feed(chunk);
      watch.poke();
    });
    socket.on("end", () => this.#end("end"));
    socket.on("error", () => this.#end("reset"));
    socket.on("close", () => this.#end("end"));
  }

  static async connect(
    port: number,
    watch: Watch,
    headResponses: readonly number[] = [],
  ): Promise<RawClient> {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return new RawClient(socket, watch, headResponses);
  }

  get finals(): readonly WireMessage[] {
    return this.reader.messages.filter((one) => statusOf(one) >= 200);
  }

  get finalsComplete(): number {
    return this.finals.filter((one) => one.complete).length;
  }

  get interims(): readonly WireMessage[] {
    return this.reader.messages.filter((one) => statusOf(one) < 200);
  }

  /** Resolves when the bytes left this process, or the connection is gone. */
  async send(text: string): Promise<void> {
    if (!this.#socket.writable) return;
    await new Promise<void>((resolve) => {
      this.#socket.write(Buffer.from(text, "latin1"), () => resolve());
    });
  }

  /** One write, and one turn of the event loop, for each byte. */
  async sendBytewise(text: string): Promise<void> {
    for (const char of text) {
      await this.send(char);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  halfClose(): void {
    this.#socket.end();
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #end(how: "end" | "reset"): void {
    if (this.ended !== null) return;
    this.ended = how;
    this.reader.end();
    this.#watch.poke();
  }
}
