// Asks the kernel whether the peer reset a connection, where libuv does not say so: it reports a reset only to readers and to
// writes that wait, and as an end of the stream when it comes together with data. A write of no bytes sends nothing and fails
// on a reset connection. It shows no FIN.

import type { Socket } from "node:net";
import { newWriteRequest, type StreamHandle } from "./handle-writer.js";

interface WithHandle {
  /** `_parent`: of TLS, the TCP connection below. */
  readonly _handle?: (Partial<StreamHandle> & { readonly _parent?: Partial<StreamHandle> | null }) | null;
}

const NO_BYTES = new Uint8Array(0);

/** Of an open socket with no unsent bytes. False where this version of Node.js has other handles. */
export function isReset(socket: Socket): boolean {
  const { _handle: handle } = socket as WithHandle;
  const tcp = handle?._parent ?? handle;
  const request = newWriteRequest();
  if (request === null || typeof tcp?.writeBuffer !== "function") return false;
  return tcp.writeBuffer(request, NO_BYTES) !== 0;
}
