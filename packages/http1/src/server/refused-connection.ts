// Connections that the server does not take: each is given a response where it is plain text, time to read it, and an
// end. Bounded: past so many at a time they are dropped.

import type { Socket } from "node:net";
import { responseHeaderText } from "../codec/head-text.js";
import { dateLine } from "./http-date.js";
import type { ServerRefusal } from "./server-refusal.js";

/** Refused connections that may wait for their client to read: each holds a file descriptor. */
const WAITING_MAX = 128;
/** A client that has just sent its request is given this long to read the response: an earlier close would reset it. */
const WAIT_MS = 1_000;

export class RefusedConnections {
  readonly #waiting = new Set<Socket>();

  /** @param refusal null: no response, the connection is dropped */
  refuse(socket: Socket, refusal: ServerRefusal | null): void {
    if (refusal === null || this.#waiting.size >= WAITING_MAX) {
      socket.destroy();
      return;
    }
    this.#waiting.add(socket);
    const timer = setTimeout(() => socket.destroy(), WAIT_MS);
    socket.on("close", () => {
      clearTimeout(timer);
      this.#waiting.delete(socket);
    });
    socket.on("error", () => {}); // the client left: `close` follows
    socket.on("end", () => socket.destroy());
    socket.resume(); // what arrives is dropped
    socket.end(bytesOf(refusal));
  }

  destroy(): void {
    for (const socket of this.#waiting) socket.destroy();
  }
}

function bytesOf({ status, statusText, headers, body }: ServerRefusal): Buffer {
  const lines = `${responseHeaderText(headers) ?? ""}\r\ncontent-length: ${body.length}\r\nconnection: close`;
  const head = `HTTP/1.1 ${status} ${statusText}${lines}${dateLine.text()}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head, "latin1"), body]);
}
