// How a socket that a server accepted is read. By internals of Node.js a plain one reads into a buffer that all share, and a
// TLS one gives what it reads past its stream, whose own work is a sixth of the user time of a small request; by public
// interfaces both emit `data`. Looks at no bytes.

import type { Socket } from "node:net";
import { ioPath } from "./io-path.js";
import { readInto, returnReads, takeReads } from "./node-internals.js";
import { sharedRead } from "./read-arena.js";

export interface ReaderOwner {
  /** The bytes are the owner's. */
  onRead(chunk: Buffer): void;
  /** `length` bytes are in `sharedRead`, until the call returns. */
  onSharedRead(length: number): void;
}

export class SocketReader {
  readonly #socket: Socket;
  readonly #owner: ReaderOwner;
  readonly #isShared: boolean;
  /** Reads come past the stream. */
  #isDirect = false;
  #isPaused = false;

  constructor(socket: Socket, owner: ReaderOwner, encrypted: boolean) {
    this.#socket = socket;
    this.#owner = owner;
    // For TLS, too: for what the stream has buffered.
    socket.on("data", (chunk: Buffer) => owner.onRead(chunk));
    this.#isShared =
      !encrypted &&
      ioPath.uses("sharedReads") &&
      readInto(socket, sharedRead.bytes, (length) => {
        owner.onSharedRead(length);
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
    takeReads(this.#socket, (chunk) => this.#owner.onRead(chunk));
    this.#isDirect = true;
  }
}
