// HOT. Writes to a plain socket's handle, past its stream: of a small request the stream's own work was a tenth of the
// user time, twice. What Node's `net.Socket` itself calls is called the same way; where a version of Node has it
// otherwise there is no handle writer, and the stream is written to (docs/adr/0105-write-past-the-stream.md).

import { Socket } from "node:net";
import { getSystemErrorName } from "node:util";

/** Node's `WriteWrap`. Taken by the handle only when the kernel did not take everything at once. */
interface WriteRequest {
  /** -1 for one that was not taken. */
  getAsyncId(): number;
  /** Keeps the bytes alive. */
  bytes?: unknown;
  oncomplete?: (status: number) => void;
}

export interface StreamHandle {
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
  writev(request: WriteRequest, parts: readonly Uint8Array[], allBuffers: true): number;
  /** Bytes that the kernel has not taken. */
  readonly writeQueueSize: number;
}

interface WithHandle {
  readonly _handle?: Partial<StreamHandle> | null;
}

type WriteRequestClass = new () => WriteRequest;

/** Node tells nobody the class, but gives an object of it to the handle that it writes to. */
function findWriteRequestClass(): WriteRequestClass | null {
  let found: unknown = null;
  const handle = {
    readStart: () => 0,
    readStop: () => 0,
    close: () => {},
    writeBuffer: (request: object) => {
      found = request.constructor;
      return 0;
    },
  };
  try {
    const socket = new Socket({ handle, manualStart: true } as object);
    socket.on("error", () => {}).write(new Uint8Array(1));
    socket.destroy();
  } catch {
    return null;
  }
  return typeof found === "function" && found.name === "WriteWrap" ? (found as WriteRequestClass) : null;
}

const NOT_TAKEN = -1;
const RequestClass = findWriteRequestClass();
/** One for all writes: what the kernel takes at once leaves it untouched. */
let spare: WriteRequest | null = newWriteRequest();

/** Null: this version of Node has no such requests. */
export function newWriteRequest(): WriteRequest | null {
  const request = RequestClass === null ? null : new RequestClass();
  return request?.getAsyncId?.() === NOT_TAKEN ? request : null;
}

export interface HandleWriterOwner {
  /** The kernel has taken everything that it had not at once. */
  onDrained(): void;
  /** The kernel takes nothing more. Bytes that have arrived can still be read, unless the owner destroys the socket. */
  onWriteError(error: Error): void;
}

export class HandleWriter {
  readonly #socket: Socket;
  readonly #handle: StreamHandle;
  readonly #owner: HandleWriterOwner;
  /** Writes that the kernel has not taken whole. */
  #pending = 0;

  /**
   * The writer of a connected socket that nothing was written to by other means, and never will be.
   * @returns null: not possible with this socket or this version of Node.
   */
  static of(socket: Socket, owner: HandleWriterOwner): HandleWriter | null {
    const { _handle: handle } = socket as WithHandle;
    if (spare === null || handle == null || !("writeQueueSize" in handle)) return null;
    if (typeof handle.writeBuffer !== "function" || typeof handle.writev !== "function") return null;
    return new HandleWriter(socket, handle as StreamHandle, owner);
  }

  private constructor(socket: Socket, handle: StreamHandle, owner: HandleWriterOwner) {
    this.#socket = socket;
    this.#handle = handle;
    this.#owner = owner;
  }

  /** The socket was not destroyed. */
  get open(): boolean {
    return (this.#socket as WithHandle)._handle === this.#handle;
  }

  /** Bytes that the kernel has not taken: their memory is still read. */
  get unsent(): number {
    return this.#pending === 0 ? 0 : this.#handle.writeQueueSize;
  }

  /** @returns false: the kernel took nothing, and the owner was told. */
  write(bytes: Uint8Array): boolean {
    return this.#written(this.#handle.writeBuffer(spare!, bytes), bytes);
  }

  /** As `write`, all parts at once. */
  writeAll(parts: readonly Uint8Array[]): boolean {
    return this.#written(this.#handle.writev(spare!, parts, true), parts);
  }

  #written(status: number, bytes: unknown): boolean {
    if (status !== 0) {
      spare = newWriteRequest(); // whether the handle had taken it cannot be seen any more
      this.#break(status);
      return false;
    }
    // Not by what is left in the queue: that may be empty again, and the request taken all the same.
    if (spare!.getAsyncId() !== NOT_TAKEN) this.#wait(bytes);
    return true;
  }

  #wait(bytes: unknown): void {
    const request = spare!;
    spare = newWriteRequest();
    request.bytes = bytes;
    request.oncomplete = (status) => this.#complete(status);
    this.#pending++;
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
