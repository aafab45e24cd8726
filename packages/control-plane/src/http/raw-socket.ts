/**
 * Connections that node:http hands over without a listener of its own, such as those of an upgrade. A reset on a socket
 * without an `error` listener ends the process, so every connection of the server gets one when it opens.
 */
import type { Duplex } from "node:stream";

/** How long a refused client may take to read the response and close. */
const CLOSE_MS_MAX = 1_000;

/** Errors of the connection close it and go no further. */
export function catchErrors(socket: Duplex): void {
  socket.on("error", () => socket.destroy());
}

/** Sends a last response and closes. `status` is a status line without the version: `403 Forbidden`. */
export function refuseConnection(
  socket: Duplex,
  status: string,
  response: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string } = {},
): void {
  if (socket.destroyed) return;
  const { headers = {}, body = "" } = response;
  const lines = Object.entries({
    ...headers,
    ...(body === "" ? {} : { "content-type": "application/json; charset=utf-8" }),
    connection: "close",
    "content-length": String(Buffer.byteLength(body)),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  const timer = setTimeout(() => socket.destroy(), CLOSE_MS_MAX).unref();
  socket.once("close", () => clearTimeout(timer));
  // What the client still sends is dropped: with unread bytes the system would reset before it reads the response.
  socket.resume();
  socket.end(`HTTP/1.1 ${status}\r\n${lines.join("")}\r\n${body}`);
}
