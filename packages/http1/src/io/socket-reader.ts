// How a socket that a server accepted is read. By internals of Node.js a plain one is a handle that reads into a buffer that all
// share, and a TLS one gives what it reads past its stream, whose own work is a sixth of the user time of a small request; by
// public interfaces both emit `data`. What its owner does not need at once waits for the batch. Looks at no bytes.

import type { Socket } from "node:net";
import { BareSocket, type BareSocketOwner } from "./bare-socket.js";
import { type BatchReader, eventLoopBatch } from "./event-loop-batch.js";
import { ioPath } from "./io-path.js";
import { readInto, returnReads, takeReads } from "./node-internals.js";
import { readArena, sharedRead } from "./read-arena.js";

/** Larger pieces do not wait for the batch. */
const BATCHED_BYTES_MAX = 16_384;

export interface ReaderOwner {
  /** What arrives now may wait for the batch. */
  readonly mayBatch: boolean;
  /** The bytes `[from, to)` arrived. They are the reader's: what is needed after the call is to be copied. */
  onRead(bytes: Buffer, from: number, to: number): void;
  /** The peer sends no more. Everything before has been read. */
  onEnd(): void;
  /** Once or more often. */
  onClosed(): void;
}

export class SocketReader implements BatchReader, BareSocketOwner {
  readonly #socket: Socket | BareSocket;
  readonly #owner: ReaderOwner;
  readonly #isShared: boolean;
  /** Reads come past the stream. */
  #isDirect = false;
  #isPaused = false;
  /** Bytes that wait for the batch: `[#from, #to)`. */
  #batched: Buffer | null = null;
  #from = 0;
  #to = 0;

  constructor(socket: Socket | BareSocket, owner: ReaderOwner, encrypted: boolean) {
    this.#socket = socket;
    this.#owner = owner;
    if (socket instanceof BareSocket) {
      this.#isShared = true;
      socket.start(this);
      return;
    }
    // For TLS, too: for what the stream has buffered.
    socket.on("data", (chunk: Buffer) => this.#onChunk(chunk));
    socket.on("end", () => this.onEnd());
    socket.on("error", () => this.onClosed());
    socket.on("close", () => this.onClosed());
    this.#isShared =
      !encrypted &&
      ioPath.uses("sharedReads") &&
      readInto(socket, sharedRead.bytes, (length) => this.onSharedRead(length));
    if (!this.#isShared) this.#readDirectly(socket);
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  pause(): void {
    this.#isPaused = true;
    if (this.#isDirect) {
      this.#isDirect = false;
      returnReads(this.#socket as Socket); // the stream knows how to stop reading
    }
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket.resume();
  }

  /** Reads past the stream again, after a pause, if the stream has nothing left. Called between requests. */
  restoreDirect(): void {
    if (this.#isShared || this.#isDirect || this.#isPaused) return;
    const socket = this.#socket as Socket;
    if (socket.readableLength === 0) this.#readDirectly(socket);
  }

  #readDirectly(socket: Socket): void {
    if (!ioPath.uses("directReads")) return;
    takeReads(socket, (chunk) => this.#onChunk(chunk));
    this.#isDirect = true;
  }

  #onChunk(chunk: Buffer): void {
    if (this.#mayBatch(chunk.length)) {
      this.#batch(chunk, 0, chunk.length);
    } else {
      this.onBatch(); // in order
      this.#owner.onRead(chunk, 0, chunk.length);
    }
  }

  // What the socket calls.

  onEnd(): void {
    this.onBatch();
    this.#owner.onEnd();
  }

  onClosed(): void {
    this.#owner.onClosed();
  }

  /** `length` bytes are in `sharedRead`, until the call returns. @returns false to stop reading */
  onSharedRead(length: number): boolean {
    if (this.#mayBatch(length)) {
      const from = readArena.append(sharedRead, length);
      if (from >= 0) this.#batch(readArena.bytes, from, from + length);
      else this.#batch(Buffer.from(sharedRead.bytes.subarray(0, length)), 0, length);
    } else {
      this.onBatch(); // in order
      this.#owner.onRead(sharedRead.bytes, 0, length);
    }
    return !this.#isPaused;
  }

  #mayBatch(length: number): boolean {
    return this.#batched === null && length <= BATCHED_BYTES_MAX && this.#owner.mayBatch;
  }

  #batch(bytes: Buffer, from: number, to: number): void {
    this.#batched = bytes;
    this.#from = from;
    this.#to = to;
    eventLoopBatch.readLater(this);
  }

  /** Gives the owner what waits for the batch. */
  onBatch(): void {
    const batched = this.#batched;
    if (batched === null) return;
    this.#batched = null;
    this.#owner.onRead(batched, this.#from, this.#to);
  }
}
