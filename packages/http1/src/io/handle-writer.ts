// Writes to a socket's handle, past its stream: of a small request the stream's own work was a tenth of the
// user time, twice. A TLS handle copies what it is given and takes one write at a time. What Node's `net.Socket` itself calls is called the same way; where that is not possible there is no
// handle writer, and the stream is written to (docs/adr/0105-write-past-the-stream.md).

import type { Socket } from "node:net";
import { getSystemErrorName } from "node:util";
import type { BareSocket } from "./bare-socket.js";
import { ioPath } from "./io-path.js";
import { SocketHandle, WAITING } from "./node-internals.js";

export interface HandleWriterOwner {
  /** The kernel has taken everything that it had not at once. */
  onDrained(): void;
  /** The kernel takes nothing more. Bytes that have arrived can still be read, unless the owner destroys the socket. */
  onWriteError(error: Error): void;
}

export class HandleWriter {
  #handle!: SocketHandle;
  readonly #owner: HandleWriterOwner;
  /** Writes that the kernel has not taken whole. */
  #pending = 0;

  /**
   * The writer of a connected socket that nothing was written to by other means, and never will be.
   * @returns null: not possible with this socket, this version of Node.js, or in mode `portable`
   */
  static of(socket: Socket | BareSocket, owner: HandleWriterOwner): HandleWriter | null {
    if (!ioPath.uses("directWrites")) return null;
    const writer = new HandleWriter(owner);
    const handle = SocketHandle.of(socket, (status) => writer.#complete(status));
    if (handle === null) return null;
    writer.#handle = handle;
    return writer;
  }

  private constructor(owner: HandleWriterOwner) {
    this.#owner = owner;
  }

  /** Writes are under way. */
  get isBusy(): boolean {
    return this.#pending > 0;
  }

  /** The socket was not destroyed. */
  get open(): boolean {
    return this.#handle.isOpen;
  }

  /** Bytes that the kernel has not taken: their memory is still read. */
  get unsent(): number {
    return this.#pending === 0 ? 0 : this.#handle.queuedBytes;
  }

  /** @returns false: the kernel took nothing, and `onWriteError` was called. */
  write(bytes: Uint8Array): boolean {
    return this.#isTaken(this.#handle.write(bytes));
  }

  /** As `write`, all parts at once. */
  writeAll(parts: readonly Uint8Array[]): boolean {
    return this.#isTaken(this.#handle.writeAll(parts));
  }

  #isTaken(result: number): boolean {
    if (result < 0) {
      this.#break(result);
      return false;
    }
    if (result === WAITING) this.#pending++;
    return true;
  }

  #complete(status: number): void {
    this.#pending--;
    if (status !== 0) this.#break(status);
    else if (this.#pending === 0) this.#owner.onDrained();
  }

  #break(status: number): void {
    if (!this.open) return; // it was destroyed, and so were its writes
    const code = getSystemErrorName(status);
    this.#owner.onWriteError(
      Object.assign(new Error(`write ${code}`), { code, errno: status, syscall: "write" }),
    );
  }
}
