// Lets an accepted socket read into a buffer of ours, as `onread` of `net.connect` does; `net.createServer` does not
// offer it. Without it each read costs a buffer of 64 KiB, its shrinking and its collection: a tenth of a small
// request. What `onread` sets is found by name, and nothing is done where a version of Node has it otherwise.

import { type ConnectOpts, Socket, type SocketConstructorOpts } from "node:net";

/** @returns false to stop reading. The bytes die with the call. */
export type ReadCallback = (length: number, bytes: Buffer) => boolean;

interface ReadHandle {
  useUserBuffer(buffer: Uint8Array): void;
}

function symbolsOf(socket: Socket): ReadonlyMap<string | undefined, symbol> {
  return new Map(Object.getOwnPropertySymbols(socket).map((symbol) => [symbol.description, symbol]));
}

const options: SocketConstructorOpts & ConnectOpts = {
  onread: { buffer: new Uint8Array(1), callback: () => true },
};
const symbols = symbolsOf(new Socket(options));
const bufferSymbol = symbols.get("kBuffer");
const callbackSymbol = symbols.get("kBufferCb");

/**
 * From now on what the socket reads goes into `buffer`, which may be shared by many, and to `callback`. `data` is not
 * emitted any more; `pause`, `resume`, `end`, `error` and `close` are as always.
 * @returns false: not possible with this socket or this version of Node, nothing was changed.
 */
export function readInto(socket: Socket, buffer: Buffer, callback: ReadCallback): boolean {
  const inner = socket as unknown as Record<symbol, unknown> & {
    readonly _handle?: Partial<ReadHandle> | null;
  };
  const handle = inner._handle;
  if (bufferSymbol === undefined || callbackSymbol === undefined) return false;
  if (!(bufferSymbol in inner) || !(callbackSymbol in inner)) return false;
  if (handle == null || typeof handle.useUserBuffer !== "function") return false;
  handle.useUserBuffer(buffer);
  inner[bufferSymbol] = buffer;
  inner[callbackSymbol] = callback;
  return true;
}
