// What this package uses of Node.js without being promised it: the handles below sockets, the symbols behind `onread`, the
// request objects of writes, and `push` of a socket. Only bare-socket.ts names them, too. Says null or false where a version of Node.js
// has something otherwise; whether it works is tried by internals-check.ts, and who may use it is decided by io-path.ts.

import { type ConnectOpts, Socket, type SocketConstructorOpts } from "node:net";
import { Readable } from "node:stream";
import type { BareSocket } from "./bare-socket.js";

export const INTERNALS = ["bareSockets", "sharedReads", "directReads", "directWrites", "resetProbe"] as const;
export type Internal = (typeof INTERNALS)[number];

/** What `net.Socket` keeps below its stream. */
interface StreamHandle {
  /** @returns 0, libuv's error (which is negative), or the request of a write that waits */
  writeBuffer(request: WriteRequest | null, bytes: Uint8Array): number | WriteRequest;
  writev(request: WriteRequest | null, parts: readonly Uint8Array[], allBuffers: true): number | WriteRequest;
  /** Bytes that the kernel has not taken. */
  readonly writeQueueSize: number;
  useUserBuffer(buffer: Uint8Array): void;
  /** What it calls after a read, by bytes or none. */
  onread: (this: StreamHandle, arrayBuffer: unknown) => void;
  /** In all: more than before when bytes were read. */
  readonly bytesRead: number;
  reading: boolean;
  readStop(): number;
  /** Of TLS: the TCP connection below. */
  readonly _parent?: Partial<StreamHandle> | null;
}

interface WithHandle {
  readonly _handle?: Partial<StreamHandle> | null;
}

/** Node's `WriteWrap`: stands for a write of which the kernel did not take everything at once. */
interface WriteRequest {
  /** -1 for one that was not taken by a handle. */
  getAsyncId(): number;
  /** Keeps the bytes alive. */
  buffer?: unknown;
  oncomplete?: (status: number) => void;
  /** Node.js 24: it was complete before there was an `oncomplete`. */
  readonly writeStatus?: number | null;
}

type WriteRequestClass = new () => WriteRequest;

const NOT_TAKEN = -1;
const NO_BYTES = new Uint8Array(0);

/**
 * Where requests of writes come from. Up to Node.js 22 the caller gives the handle one, which it takes when the write waits;
 * Node.js 24 is given null, and returns one when the write waits.
 */
class WriteRequests {
  readonly #class: WriteRequestClass | null = null;
  /** Neither is so: this version of Node.js has it otherwise. */
  readonly isUnknown: boolean;
  /** One for all writes: what the kernel takes at once leaves it untouched. Null: the handle makes them. */
  spare: WriteRequest | null = null;

  constructor() {
    const given = requestOfOneWrite();
    this.isUnknown = given === undefined;
    if (given == null) return;
    this.#class = given.constructor as WriteRequestClass;
    this.replaceSpare();
    this.isUnknown = this.#class.name !== "WriteWrap" || this.spare?.getAsyncId?.() !== NOT_TAKEN;
  }

  /** The spare one was taken, or may have been. */
  replaceSpare(): void {
    if (this.#class !== null) this.spare = new this.#class();
  }
}

/** What a socket gives to its handle with a write. Undefined: there was no write. */
function requestOfOneWrite(): object | null | undefined {
  let given: object | null | undefined;
  const handle = {
    readStart: () => 0,
    readStop: () => 0,
    close: () => {},
    writeBuffer: (request: object | null) => {
      given = request;
      return 0;
    },
  };
  try {
    const socket = new Socket({ handle, manualStart: true } as object);
    socket.on("error", () => {}).write(new Uint8Array(1));
    socket.destroy();
  } catch {
    return undefined;
  }
  return given;
}

/** The process's. */
const writeRequests = new WriteRequests();

/** The kernel took everything. */
export const WRITTEN = 0;
/** The handle keeps a part of it, and completes it later. */
export const WAITING = 1;

/** The handle of a connected socket. */
export class SocketHandle {
  readonly #socket: Socket | BareSocket;
  readonly #handle: StreamHandle;
  readonly #onComplete: (status: number) => void;

  /**
   * @param onComplete a write that waited is over, with 0 or libuv's error
   * @returns null: not possible with this socket or this version of Node.js
   */
  static of(socket: Socket | BareSocket, onComplete: (status: number) => void): SocketHandle | null {
    const { _handle: handle } = socket as WithHandle;
    if (writeRequests.isUnknown || handle == null || !("writeQueueSize" in handle)) return null;
    if (typeof handle.writeBuffer !== "function" || typeof handle.writev !== "function") return null;
    return new SocketHandle(socket, handle as StreamHandle, onComplete);
  }

  private constructor(
    socket: Socket | BareSocket,
    handle: StreamHandle,
    onComplete: (status: number) => void,
  ) {
    this.#socket = socket;
    this.#handle = handle;
    this.#onComplete = onComplete;
  }

  /** The socket was not destroyed. */
  get isOpen(): boolean {
    return (this.#socket as WithHandle)._handle === this.#handle;
  }

  /** Bytes that the kernel has not taken. */
  get queuedBytes(): number {
    return this.#handle.writeQueueSize;
  }

  /** @returns `WRITTEN`, `WAITING`, or libuv's error, which is negative: the kernel took nothing */
  write(bytes: Uint8Array): number {
    return this.#result(this.#handle.writeBuffer(writeRequests.spare, bytes), bytes);
  }

  /** As `write`, all parts at once. */
  writeAll(parts: readonly Uint8Array[]): number {
    return this.#result(this.#handle.writev(writeRequests.spare, parts, true), parts);
  }

  #result(result: number | WriteRequest, bytes: unknown): number {
    if (typeof result !== "number") return this.#wait(result, bytes);
    const request = writeRequests.spare;
    if (result !== 0) {
      writeRequests.replaceSpare(); // whether the handle had taken it cannot be seen any more
      return result;
    }
    // Not by what is left in the queue: that may be empty again, and the request taken all the same.
    if (request === null || request.getAsyncId() === NOT_TAKEN) return WRITTEN;
    writeRequests.replaceSpare();
    return this.#wait(request, bytes);
  }

  #wait(request: WriteRequest, bytes: unknown): number {
    if (typeof request.writeStatus === "number") return request.writeStatus;
    request.buffer = bytes;
    request.oncomplete = this.#onComplete;
    return WAITING;
  }
}

/**
 * Asks the kernel whether the peer reset an open connection that has no unsent bytes, where libuv does not say so: it
 * reports a reset only to readers and to writes that wait, and as an end of the stream when it comes together with data. A
 * write of no bytes sends nothing and fails on a reset connection. It shows no FIN.
 * @returns null: not possible with this socket or this version of Node.js
 */
export function isReset(socket: Socket | BareSocket): boolean | null {
  const { _handle: handle } = socket as WithHandle;
  const tcp = handle?._parent ?? handle;
  if (writeRequests.isUnknown || typeof tcp?.writeBuffer !== "function") return null;
  const result = tcp.writeBuffer(writeRequests.spare, NO_BYTES);
  writeRequests.replaceSpare();
  return typeof result === "number" && result !== 0;
}

/** What `onread` of `net.connect` sets on its socket, which `net.createServer` does not offer. */
function findReadSymbols(): { readonly buffer?: symbol | undefined; readonly callback?: symbol | undefined } {
  const options: SocketConstructorOpts & ConnectOpts = {
    onread: { buffer: new Uint8Array(1), callback: () => true },
  };
  const symbols = Object.getOwnPropertySymbols(new Socket(options));
  const named = (name: string): symbol | undefined => symbols.find((symbol) => symbol.description === name);
  return { buffer: named("kBuffer"), callback: named("kBufferCb") };
}

const readSymbols = findReadSymbols();

/** @returns false to stop reading. The bytes die with the call. */
export type ReadCallback = (length: number, bytes: Buffer) => boolean;

/**
 * From now on what the socket reads goes into `buffer`, which may be shared by many, and to `callback`. `data` is not
 * emitted any more; `pause`, `resume`, `end`, `error` and `close` are as always.
 * @returns false: not possible with this socket or this version of Node.js, nothing was changed.
 */
export function readInto(socket: Socket, buffer: Buffer, callback: ReadCallback): boolean {
  const inner = socket as unknown as Record<symbol, unknown> & WithHandle;
  const { _handle: handle } = inner;
  const { buffer: bufferSymbol, callback: callbackSymbol } = readSymbols;
  if (bufferSymbol === undefined || callbackSymbol === undefined) return false;
  if (!(bufferSymbol in inner) || !(callbackSymbol in inner)) return false;
  if (typeof handle?.useUserBuffer !== "function") return false;
  handle.useUserBuffer(buffer);
  inner[bufferSymbol] = buffer;
  inner[callbackSymbol] = callback;
  return true;
}

/**
 * From now on bytes that a connected TCP socket with `onread` reads into its buffer go to `onRead` where the handle tells of them.
 * Node's function, which the end and errors still go to, serves sockets of many shapes and finds their properties anew each time.
 * @param onRead returns false to stop reading, until `resume`
 */
export function readAtHandle(socket: Socket, onRead: (length: number) => boolean): void {
  const { _handle: handle } = socket as unknown as { readonly _handle: StreamHandle };
  const { onread } = handle;
  let { bytesRead } = handle;
  handle.onread = function onHandleRead(arrayBuffer) {
    const before = bytesRead;
    bytesRead = this.bytesRead;
    if (bytesRead === before) onread.call(this, arrayBuffer);
    else if (!onRead(bytesRead - before) && !socket.destroyed) {
      this.reading = false;
      this.readStop();
    }
  };
}

/**
 * From now on what the socket reads goes to `onRead` where it enters its stream (`push`), instead of behind it. `data` is
 * emitted for what the stream has buffered, and where a socket does not call `push`.
 */
export function takeReads(socket: Socket, onRead: (chunk: Buffer) => void): void {
  socket.push = (chunk: Buffer | null, encoding?: BufferEncoding): boolean => {
    if (chunk === null || typeof chunk === "string")
      return Readable.prototype.push.call(socket, chunk, encoding);
    onRead(chunk);
    return true;
  };
}

/** Undoes `takeReads`. */
export function returnReads(socket: Socket): void {
  socket.push = Readable.prototype.push;
}
