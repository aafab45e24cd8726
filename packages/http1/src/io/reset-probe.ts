// Whether a peer reset a connection, seen without reading from it. A reset is the reply to bytes that are read no more, so
// what was received before it may be a part only.

import type { Socket } from "node:net";
import type { BareSocket } from "./bare-socket.js";
import { ioPath } from "./io-path.js";
import { isReset } from "./node-internals.js";

const NO_BYTES = new Uint8Array(0);

/**
 * Of a socket that is open, has no unsent bytes, and is not read from.
 * @returns true: it was reset. By public interfaces that is seen later, and the socket emits `error` then.
 */
export function probeReset(socket: Socket | BareSocket): boolean {
  if (ioPath.uses("resetProbe")) return isReset(socket) === true;
  if ("writable" in socket && socket.writable) socket.write(NO_BYTES);
  return false;
}

/** Whether what looked like an end of the peer's side was a reset. Calls back at once where internals can be used. */
export function checkReset(socket: Socket, onChecked: (wasReset: boolean) => void): void {
  if (ioPath.uses("resetProbe")) onChecked(isReset(socket) === true);
  else if (socket.writable && socket.writableLength === 0)
    socket.write(NO_BYTES, (error) => onChecked(error != null));
  else onChecked(socket.errored !== null);
}
