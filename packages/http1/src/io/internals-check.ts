// The capability check: tries each internal of Node.js once, on a connection of this process to itself. A name that is there
// proves nothing about what it does, so bytes are sent and must arrive.

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { acceptBareSockets } from "./bare-socket.js";
import {
  INTERNALS,
  type Internal,
  isReset,
  readInto,
  SocketHandle,
  takeReads,
  WAITING,
  WRITTEN,
} from "./node-internals.js";
import { sharedRead } from "./read-arena.js";

export interface MissingInternal {
  readonly internal: Internal;
  /** What was seen instead, for the log. */
  readonly reason: string;
}

/** What is tried. Tests leave out or break a part. */
export interface TriedInternals {
  readonly handleOf: (
    socket: Socket,
    onComplete: (status: number) => void,
  ) => Pick<SocketHandle, "write" | "writeAll"> | null;
  readonly readInto: typeof readInto;
  readonly takeReads: typeof takeReads;
  readonly isReset: typeof isReset;
  readonly acceptBareSockets: typeof acceptBareSockets;
}

const OWN: TriedInternals = {
  handleOf: SocketHandle.of,
  readInto,
  takeReads,
  isReset,
  acceptBareSockets,
};

/** A connection of a process to itself takes milliseconds. */
const CHECK_TIMEOUT_MS = 5_000;
/** A part of these waits for the kernel to have room. */
const MANY_BYTES = 8 * 1_024 * 1_024;
const READ_BYTES = 65_536;
const UPLOAD = "to the server";
const DOWNLOAD = "to the client";
/** Event-loop iterations in which a reset arrives for certain. */
const RESET_ITERATIONS_MAX = 100;

/** Never rejects: a check that cannot be made finds everything missing. */
export async function checkInternals(tried: TriedInternals = OWN): Promise<readonly MissingInternal[]> {
  await using check = new InternalsCheck(tried);
  return await check.run();
}

class InternalsCheck implements AsyncDisposable {
  readonly #tried: TriedInternals;
  readonly #server: Server = createServer({ allowHalfOpen: true });
  readonly #bareServer: Server = createServer();
  readonly #sockets: Socket[] = [];
  readonly #missing = new Map<Internal, string>();
  readonly #passed = new Set<Internal>();
  /** Called with the number of bytes that the server's side has read in all. */
  #onUpload: (bytes: number) => void = () => {};

  constructor(tried: TriedInternals) {
    this.#tried = tried;
  }

  async run(): Promise<readonly MissingInternal[]> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error(`no result within ${CHECK_TIMEOUT_MS} ms`)),
        CHECK_TIMEOUT_MS,
      );
    });
    // What a handle calls may throw, with nobody above it.
    let onUncaught = (_error: Error): void => {};
    const uncaught = new Promise<never>((_resolve, reject) => {
      onUncaught = reject;
    });
    process.on("uncaughtException", onUncaught);
    const check = async (): Promise<void> => {
      await this.#exchangeBytes();
      await this.#exchangeBare();
    };
    try {
      await Promise.race([check(), timeout, uncaught]);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      for (const internal of INTERNALS) if (!this.#passed.has(internal)) this.#miss(internal, reason);
    } finally {
      clearTimeout(timer);
      process.off("uncaughtException", onUncaught);
    }
    return [...this.#missing].map(([internal, reason]) => ({ internal, reason }));
  }

  async #exchangeBytes(): Promise<void> {
    const received = this.#receiveUpload();
    const client = connect(await listen(this.#server), "127.0.0.1");
    this.#add(client);
    await once(client, "connect");
    const finish = this.#writeUpload(client);
    const server = await received;
    await finish(server);
    await this.#receiveDownload(client, server);
    await this.#reset(client, server);
  }

  /** Resolves with the accepted socket once it has read `UPLOAD`, by whatever way. */
  #receiveUpload(): Promise<Socket> {
    const buffer = Buffer.alloc(READ_BYTES);
    return new Promise((resolve) => {
      this.#server.once("connection", (socket: Socket) => {
        this.#add(socket);
        let text = "";
        let total = 0;
        let isShared = true;
        const read = (length: number, bytes: Buffer): boolean => {
          total += length;
          this.#onUpload(total);
          if (text.length >= UPLOAD.length) return true;
          isShared &&= bytes === buffer;
          text += bytes.toString("latin1", 0, length);
          if (text.length < UPLOAD.length) return true;
          this.#judge(
            "sharedReads",
            isShared && text === UPLOAD,
            "bytes did not come into the shared buffer",
          );
          resolve(socket);
          return true;
        };
        socket.on("data", (chunk: Buffer) => read(chunk.length, chunk));
        if (!this.#attempt("sharedReads", () => this.#tried.readInto(socket, buffer, read)))
          this.#miss("sharedReads", "sockets have no buffer to be replaced");
      });
    });
  }

  /**
   * Sends `UPLOAD`, by the handle where it can be.
   * @returns sends more than the kernel takes at once, which has to arrive, too
   */
  #writeUpload(client: Socket): (server: Socket) => Promise<void> {
    let complete = (_status: number): void => {};
    const completed = new Promise<number>((resolve) => {
      complete = resolve;
    });
    const handle = this.#attempt("directWrites", () => this.#tried.handleOf(client, complete));
    const [first, ...others] = [...UPLOAD].map((letter) => Buffer.from(letter));
    const isWritten = this.#attempt(
      "directWrites",
      () => handle?.write(first!) === WRITTEN && handle.writeAll(others) === WRITTEN,
    );
    if (isWritten === true && handle !== null) return (server) => this.#writeMany(handle, server, completed);
    this.#miss(
      "directWrites",
      handle === null ? "sockets have no handle" : "the handle did not take a few bytes",
    );
    client.write(UPLOAD);
    return () => Promise.resolve();
  }

  async #writeMany(
    handle: Pick<SocketHandle, "write">,
    server: Socket,
    completed: Promise<number>,
  ): Promise<void> {
    const arrived = new Promise<void>((resolve) => {
      this.#onUpload = (bytes) => {
        if (bytes === UPLOAD.length + MANY_BYTES) resolve();
      };
    });
    server.pause();
    const result = this.#attempt("directWrites", () => handle.write(Buffer.allocUnsafeSlow(MANY_BYTES)));
    server.resume();
    const isComplete = result === WRITTEN || (result === WAITING && (await completed) === 0);
    if (isComplete) await arrived;
    this.#judge("directWrites", isComplete, "the handle did not complete a write that waits");
  }

  async #receiveDownload(client: Socket, server: Socket): Promise<void> {
    const isTaken = new Promise<boolean>((resolve) => {
      let text = "";
      client.on("data", () => resolve(false));
      this.#attempt("directReads", () => {
        this.#tried.takeReads(client, (chunk) => {
          text += chunk.toString("latin1");
          if (text.length >= DOWNLOAD.length) resolve(text === DOWNLOAD);
        });
        return true;
      });
    });
    server.write(DOWNLOAD);
    this.#judge("directReads", await isTaken, "sockets do not call push");
  }

  /** The server's side is not read from any more, so nothing but the probe can see the reset. */
  async #reset(client: Socket, server: Socket): Promise<void> {
    server.pause();
    const probe = (): boolean | null => this.#attempt("resetProbe", () => this.#tried.isReset(server));
    const before = probe();
    client.resetAndDestroy();
    let after = probe();
    for (let i = 0; after === false && i < RESET_ITERATIONS_MAX; i++) {
      await new Promise((resolve) => setImmediate(resolve));
      after = probe();
    }
    this.#judge("resetProbe", before === false && after === true, "a reset is not seen by an empty write");
  }

  /** A connection without a socket: bytes and the end in both directions. */
  async #exchangeBare(): Promise<void> {
    const port = await listen(this.#bareServer);
    let uploaded = "";
    let downloaded = "";
    let onClosed = (): void => {};
    const closed = new Promise<void>((resolve) => {
      onClosed = resolve;
    });
    const accepts = this.#attempt("bareSockets", () =>
      this.#tried.acceptBareSockets(this.#bareServer, { keepAliveDelayMs: 30_000 }, (socket) => {
        const handle = SocketHandle.of(socket, () => {});
        socket.start({
          onSharedRead: (length) => {
            uploaded += sharedRead.bytes.toString("latin1", 0, length);
            return true;
          },
          onEnd: () => {
            handle?.write(Buffer.from(DOWNLOAD));
            socket.end();
          },
          onClosed,
        });
      }),
    );
    if (accepts !== true) return this.#miss("bareSockets", "the handle of a server gives none of a client");
    const client = connect(port, "127.0.0.1");
    this.#add(client);
    client.on("data", (chunk: Buffer) => {
      downloaded += chunk.toString("latin1");
    });
    client.end(UPLOAD);
    await Promise.all([once(client, "close"), closed]);
    const isWhole = uploaded === UPLOAD && downloaded === DOWNLOAD;
    this.#judge("bareSockets", isWhole, "bytes were lost");
  }

  /** Null where it throws: then it is missing. */
  #attempt<T>(internal: Internal, action: () => T): T | null {
    try {
      return action();
    } catch (error) {
      this.#miss(internal, `it throws: ${error instanceof Error ? error.message : String(error)}`);
      return null;
    }
  }

  #judge(internal: Internal, works: boolean, otherwise: string): void {
    if (works) this.#passed.add(internal);
    else this.#miss(internal, otherwise);
  }

  /** The first reason is the cause of the others. */
  #miss(internal: Internal, reason: string): void {
    if (!this.#missing.has(internal)) this.#missing.set(internal, reason);
  }

  #add(socket: Socket): void {
    socket.on("error", () => {}); // a reset is a part of the check
    this.#sockets.push(socket);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    for (const server of [this.#server, this.#bareServer]) {
      if (!server.listening) continue;
      server.close();
      await once(server, "close");
    }
  }
}

async function listen(server: Server): Promise<number> {
  // Workers of a cluster would share the port, and accept each other's connections.
  server.listen({ host: "127.0.0.1", port: 0, exclusive: true });
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
