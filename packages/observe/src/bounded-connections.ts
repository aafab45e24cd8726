/**
 * Bounds the connections of a small `node:http` server, such as one of metrics: a further connection takes the place of the one
 * that has sent no request for longest. A server that refuses new ones instead is closed to all by a crowd that sends nothing.
 */
import type { Server } from "node:http";
import type { Socket } from "node:net";

/** Far more than probes and scrapers need. A crowd of silent connections takes no more descriptors than this. */
const CONNECTIONS_MAX = 64;

/** Errors of a connection close it and go no further, also of one that leaves HTTP, by CONNECT or by what is no HTTP at all. */
export function boundConnections(server: Server): void {
  /** The one without a request for longest comes first. */
  const connections = new Set<Socket>();
  server.on("connection", (socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("close", () => connections.delete(socket));
    connections.add(socket);
    if (connections.size <= CONNECTIONS_MAX) return;
    const [oldest] = connections;
    if (oldest === undefined) return;
    connections.delete(oldest);
    oldest.destroy();
  });
  server.on("request", ({ socket }) => {
    if (connections.delete(socket)) connections.add(socket);
  });
}
