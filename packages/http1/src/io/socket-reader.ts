// How a socket that a server accepted is read. By internals of Node.js a plain one reads into a buffer that all share, and a
// TLS one gives what it reads past its stream, whose own work is a sixth of the user time of a small request; by public
// interfaces both emit `data`. What its owner does not need at once waits for the batch. Looks at no bytes.

import type { Socket } from "node:net";
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
}

export class SocketReader implements BatchReader {
  readonly #socket: Socket;
  readonly #owner: ReaderOwner;
  readonly #isShared: boolean;
  /** Reads come past the stream. */
  #isDirect = false;
  #isPaused = false;
  /** Bytes that wait for the batch: `[#from, #to)`. */
  #batched: Buffer | null = null;
  #from = 0;
  #to = 0;

  constructor(socket: Socket, owner: ReaderOwner, encrypted: boolean) {
    this.#socket = socket;
    this.#owner = owner;
    // For TLS, too: for what the stream has buffered.
    socket.on("data", (chunk: Buffer) => this.#onChunk(chunk));
    this.#isShared =
      !encrypted &&
      ioPath.uses("sharedReads") &&
      readInto(socket, sharedRead.bytes, (length) => {
        this.#onSharedRead(length);
        return !this.#isPaused;
      });
    if (!this.#isShared) this.#readDirectly();
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  pause(): void {
    this.#isPaused = true;
    if (this.#isDirect) {
      this.#isDirect = false;
      returnReads(this.#socket); // the stream knows how to stop reading
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
    if (this.#isShared || this.#isDirect || this.#isPaused || this.#socket.readableLength > 0) return;
    this.#readDirectly();
  }

  #readDirectly(): void {
    if (!ioPath.uses("directReads")) return;
    takeReads(this.#socket, (chunk) => this.#onChunk(chunk));
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

  /** `length` bytes are in `sharedRead`, until the call returns. */
  #onSharedRead(length: number): void {
    if (this.#mayBatch(length)) {
      const from = readArena.append(sharedRead, length);
      if (from >= 0) this.#batch(readArena.bytes, from, from + length);
      else this.#batch(Buffer.from(sharedRead.bytes.subarray(0, length)), 0, length);
    } else {
      this.onBatch(); // in order
      this.#owner.onRead(sharedRead.bytes, 0, length);
    }
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
