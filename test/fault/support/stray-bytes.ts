/** A client that sends what it likes on one connection, and readers that tell which requests are in the bytes. */
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { MessageReader, valuesOf } from "../../conformance/support/wire.js";

export const ID_HEADER = "x-fuzz";

/** A connection whose errors are part of the test. */
export class StrayClient {
  readonly #socket: Socket;
  readonly #watchers = new Set<() => void>();
  text = "";
  isOver = false;

  constructor(port: number) {
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.on("error", () => undefined);
    this.#socket.setEncoding("latin1").on("data", (text: string) => {
      this.text += text;
      this.#wake();
    });
    this.#socket.on("close", () => {
      this.isOver = true;
      this.#wake();
    });
  }

  /** In the pieces given, a turn of the event loop apart. */
  async send(pieces: readonly Buffer[]): Promise<void> {
    for (const piece of pieces) {
      if (this.isOver) return;
      this.#socket.write(piece);
      await new Promise(setImmediate);
    }
  }

  /** Resolves when the text is there, or the connection has ended. */
  async until(part: string): Promise<void> {
    while (!this.isOver && !this.text.includes(part))
      await new Promise<void>((resolve) => {
        this.#watchers.add(resolve);
      });
  }

  close(): void {
    this.#socket.destroy();
  }

  #wake(): void {
    for (const watcher of this.#watchers) watcher();
    this.#watchers.clear();
  }
}

/** Ids of the requests that a reader which forgives nothing finds, and that Node.js would serve. */
export async function readIds(bytes: Buffer): Promise<ReadonlySet<string>> {
  const reader = new MessageReader("request");
  reader.feed(bytes);
  const ids = new Set(
    reader.messages.filter((one) => one.complete).flatMap((one) => valuesOf(one.headers, ID_HEADER)),
  );
  const server = createServer((req, res) => {
    const id = req.headers[ID_HEADER];
    if (typeof id === "string") ids.add(id);
    req.resume();
    res.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.on("error", () => undefined).resume();
  socket.end(bytes);
  await new Promise((resolve) => socket.once("close", resolve));
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  return ids;
}
