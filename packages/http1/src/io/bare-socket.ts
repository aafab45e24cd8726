// A client connection on its TCP handle alone. A `net.Socket` around it is a quarter of what a new connection costs and half of
// what an idle one holds, and offers streams that the server does not use. Names internals of Node.js, as node-internals.ts does.

import { type Server, Socket } from "node:net";
import { sharedRead } from "./read-arena.js";

export interface BareSocketOwner {
  /** So many bytes are in `sharedRead`, until the call returns. @returns false to stop reading */
  onSharedRead(length: number): boolean;
  /** The peer sends no more. */
  onEnd(): void;
  /** Once, also after `destroy`. */
  onClosed(): void;
}

/** Node's `TCP`. Results are 0 or libuv's error, which is negative. */
interface TcpHandle {
  [property: symbol]: unknown;
  onread: unknown;
  reading: boolean;
  /** In all: more than before when there are bytes in the buffer. */
  readonly bytesRead: number;
  useUserBuffer(buffer: Uint8Array): void;
  readStart(): number;
  readStop(): number;
  getpeername(to: { address?: string }): number;
  /** @returns also 1: done at once */
  shutdown(request: ShutdownRequest): number;
  close(): void;
  reset(): number;
}

interface ListeningHandle {
  onconnection: (status: number, client?: TcpHandle) => void;
  setNoDelay(enabled: boolean): number;
  setKeepAlive(enabled: boolean, delaySeconds: number): number;
}

interface ShutdownRequest {
  oncomplete?: (status: number) => void;
}

/** What `net.Socket` sets on a handle and gives to it, and what the function that a handle calls reads of the socket. */
interface SocketInternals {
  readonly owner: symbol;
  /** The function. */
  readonly onRead: (this: TcpHandle, arrayBuffer: unknown) => void;
  readonly updateTimer: symbol;
  readonly ShutdownRequest: new () => ShutdownRequest;
}

/** Null: this version of Node.js has something otherwise. */
const internals: SocketInternals | null = findInternals();

function findInternals(): SocketInternals | null {
  let shutdown: object | null = null;
  const handle: Record<string | symbol, unknown> = {
    readStart: () => 0,
    readStop: () => 0,
    close: () => {},
    useUserBuffer: () => {},
    shutdown: (request: object) => {
      shutdown = request;
      return 0;
    },
  };
  try {
    const onread = { buffer: new Uint8Array(1), callback: () => true };
    const socket = new Socket({ handle, manualStart: true, onread } as object);
    socket.on("error", () => {}).end();
    const named = (of: object, name: string): symbol | undefined =>
      Object.getOwnPropertySymbols(of).find((symbol) => symbol.description === name);
    const owner = named(handle, "owner_symbol");
    const updateTimer = named(Socket.prototype, "kUpdateTimer");
    const onRead = handle.onread as SocketInternals["onRead"];
    socket.destroy();
    if (!owner || !updateTimer || typeof onRead !== "function" || shutdown === null) return null;
    const ShutdownRequest = (shutdown as object).constructor as new () => ShutdownRequest;
    return { owner, onRead, updateTimer, ShutdownRequest };
  } catch {
    return null;
  }
}

const NOT_ENDED = { endEmitted: false };
const DONE_AT_ONCE = 1;

export class BareSocket {
  destroyed = false;
  /** Null once it is destroyed. For `SocketHandle`. */
  _handle: TcpHandle | null;
  readonly #remoteAddress: string | undefined;
  #owner: BareSocketOwner | null = null;
  #bytesRead = 0;
  #endState: "open" | "ending" | "ended" = "open";
  #peerEnded = false;

  constructor(handle: TcpHandle) {
    this._handle = handle;
    const peer: { address?: string } = {};
    handle.getpeername(peer);
    this.#remoteAddress = peer.address;
  }

  get remoteAddress(): string | undefined {
    return this.#remoteAddress;
  }

  /** Begins to read. */
  start(owner: BareSocketOwner): void {
    this.#owner = owner;
    const handle = this._handle!;
    handle[internals!.owner] = this;
    handle.onread = onRead;
    handle.useUserBuffer(sharedRead.bytes);
    this.resume();
  }

  /** Instead of `start`: the same connection as a socket, which reads nothing yet. */
  toSocket(): Socket {
    const handle = this._handle;
    this._handle = null;
    this.destroyed = true;
    return new Socket({ handle, allowHalfOpen: true } as object);
  }

  pause(): void {
    const handle = this._handle;
    if (handle === null || !handle.reading) return;
    handle.reading = false;
    handle.readStop();
  }

  resume(): void {
    const handle = this._handle;
    if (handle === null || handle.reading || this.#peerEnded) return;
    handle.reading = true;
    handle.readStart();
  }

  /** FIN, behind what was written. Once the peer has ended as well, the connection is closed. */
  end(): void {
    const handle = this._handle;
    if (handle === null || this.#endState !== "open") return;
    this.#endState = "ending";
    const request = new internals!.ShutdownRequest();
    request.oncomplete = () => this.#onEnded();
    const result = handle.shutdown(request);
    if (result === DONE_AT_ONCE) this.#onEnded();
    else if (result !== 0) this.destroy();
  }

  #onEnded(): void {
    this.#endState = "ended";
    if (this.#peerEnded) this.destroy();
  }

  destroy(): void {
    const handle = this.#take();
    if (handle === null) return;
    handle.close();
    this.#owner?.onClosed();
  }

  resetAndDestroy(): void {
    const handle = this.#take();
    if (handle === null) return;
    if (handle.reset() !== 0) handle.close();
    this.#owner?.onClosed();
  }

  #take(): TcpHandle | null {
    const handle = this._handle;
    this._handle = null;
    this.destroyed = true;
    return handle;
  }

  /** @param bytesRead in all @returns false: there is nothing new in the buffer */
  takeRead(bytesRead: number): boolean {
    const length = bytesRead - this.#bytesRead;
    if (length === 0) return false;
    this.#bytesRead = bytesRead;
    if (!this.destroyed && !this.#owner!.onSharedRead(length)) this.pause();
    return true;
  }

  // What Node's function for reads calls, beside `destroy`.

  get _readableState(): { readonly endEmitted: boolean } {
    return NOT_ENDED;
  }

  /** With null: the peer ended. */
  push(_chunk: null): void {
    this.#peerEnded = true;
    if (this._handle !== null) this._handle.reading = false;
    this.#owner!.onEnd();
    if (this.#endState === "ended") this.destroy();
  }

  read(): void {}

  static {
    if (internals !== null)
      Object.defineProperty(BareSocket.prototype, internals.updateTimer, { value: () => {} });
  }
}

/**
 * What a handle calls after a read. Node's function serves sockets of many shapes, so it finds their properties anew each time: that
 * took 0.4 µs of a small request. It is called for what brings no bytes: the peer's end, and errors.
 */
function onRead(this: TcpHandle, arrayBuffer: unknown): void {
  const socket = this[internals!.owner] as BareSocket;
  if (!socket.takeRead(this.bytesRead)) internals!.onRead.call(this, arrayBuffer);
}

export interface AcceptOptions {
  readonly keepAliveDelayMs: number;
}

/**
 * From now on a listening server's connections go to `onAccepted`, with what `noDelay` and `keepAlive` set on sockets: they inherit
 * it from the listening one. The server does not count them.
 * @returns false: not possible with this server or this version of Node.js, nothing was changed
 */
export function acceptBareSockets(
  server: Server,
  { keepAliveDelayMs }: AcceptOptions,
  onAccepted: (socket: BareSocket) => void,
): boolean {
  const { _handle: handle } = server as unknown as { readonly _handle?: Partial<ListeningHandle> | null };
  const accept = handle?.onconnection;
  if (internals === null || handle == null || typeof accept !== "function") return false;
  if (typeof handle.setNoDelay !== "function" || typeof handle.setKeepAlive !== "function") return false;
  handle.setNoDelay(true);
  handle.setKeepAlive(true, keepAliveDelayMs / 1_000);
  handle.onconnection = function onBareConnection(status, client) {
    if (status !== 0 || client === undefined) accept.call(this as ListeningHandle, status, client);
    else onAccepted(new BareSocket(client));
  };
  return true;
}
