/**
 * Accepts the connections of nodes, with or without TLS, and can cut each of them. Our own listener, because a call
 * whose node does not read can only be ended at its socket, and because gRPC's TLS cannot take another certificate while
 * it runs (docs/adr/0305). Knows nothing of gRPC.
 */
import { createServer, type Socket, type Server as TcpServer } from "node:net";
import {
  createServer as createTlsServer,
  type SecureContextOptions,
  type Server as TlsServer,
} from "node:tls";
import type { Logger } from "@latchkey/observe";
import type { StreamTls } from "./stream-options.js";

const TLS_HANDSHAKE_MS_MAX = 10_000;

export interface StreamListenerOptions {
  readonly tls: StreamTls | null;
  /** More are refused by the system. */
  readonly connectionsMax: number;
  readonly logger: Logger;
  /** Called with each connection once its TLS is done. */
  readonly onConnection: (socket: Socket) => void;
}

export class StreamListener {
  readonly #options: StreamListenerOptions;
  readonly #server: TcpServer;
  readonly #tls: TlsServer | null;
  /** All connections, also those that have not finished their TLS handshake. */
  readonly #connections = new Set<Socket>();
  /** By `address:port` of the node's end; those whose TLS is done. */
  readonly #sockets = new Map<string, Socket>();

  constructor(options: StreamListenerOptions) {
    this.#options = options;
    const accept = (socket: Socket): void => this.#accept(socket);
    const { tls } = options;
    this.#tls = tls === null ? null : tlsServer(tls, accept);
    this.#tls?.on("tlsClientError", (error) => options.logger.info({ err: error }, "a TLS handshake failed"));
    this.#server = this.#tls ?? createServer({ noDelay: true }, accept);
    this.#server.on("connection", (socket: Socket) => {
      this.#connections.add(socket);
      socket.once("close", () => this.#connections.delete(socket));
    });
    this.#server.maxConnections = options.connectionsMax;
  }

  /** 0 before it listens. */
  get port(): number {
    const address = this.#server.address();
    return address !== null && typeof address === "object" ? address.port : 0;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Rejects with the system's error when the port cannot be had. */
  listen(host: string, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, host, () => {
        this.#server.removeListener("error", reject);
        this.#server.on("error", (error) => this.#options.logger.error({ err: error }, "snapshot listener"));
        resolve();
      });
    });
  }

  /** For connections from now on. @throws Error when it is unfit, or TLS was not on from the start */
  setTls(tls: StreamTls): void {
    if (this.#tls === null) throw new Error("the stream was started without TLS");
    this.#tls.setSecureContext(secureContext(tls));
  }

  /** Cuts the connection of this peer (`address:port`), if there is one. */
  cut(peer: string): void {
    this.#sockets.get(peer)?.destroy();
  }

  cutAll(): void {
    for (const socket of this.#connections) socket.destroy();
  }

  /** Takes no more connections; resolves when the last one is gone. */
  stopAccepting(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    this.#sockets.set(peer, socket);
    socket.once("close", () => this.#sockets.delete(peer));
    socket.on("error", (error) =>
      this.#options.logger.debug({ err: error, peer }, "a node's connection broke"),
    );
    this.#options.onConnection(socket);
  }
}

function tlsServer(tls: StreamTls, accept: (socket: Socket) => void): TlsServer {
  const isMutual = tls.clientCa !== null;
  return createTlsServer(
    {
      ...secureContext(tls),
      ALPNProtocols: ["h2"],
      requestCert: isMutual,
      rejectUnauthorized: isMutual,
      noDelay: true,
      handshakeTimeout: TLS_HANDSHAKE_MS_MAX,
    },
    accept,
  );
}

function secureContext(tls: StreamTls): SecureContextOptions {
  const { cert, key, clientCa } = tls;
  return { cert, key, minVersion: "TLSv1.2", ...(clientCa === null ? {} : { ca: clientCa }) };
}
