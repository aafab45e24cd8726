/**
 * Accepts the connections of nodes, with or without TLS, and can cut each of them; cuts those that no node uses. Our own listener, because a call
 * whose node does not read can only be ended at its socket, and because gRPC's TLS cannot take another certificate while
 * it runs (docs/adr/0305). Knows nothing of gRPC.
 */
import { createServer, type Socket, type Server as TcpServer } from "node:net";
import {
  createServer as createTlsServer,
  type SecureContextOptions,
  type Server as TlsServer,
} from "node:tls";
import type { Clock } from "@latchkey/core";
import type { Logger } from "@latchkey/observe";
import { IdleConnections, type IdleLimits } from "./idle-connections.js";
import type { StreamTls } from "./stream-options.js";

const TLS_HANDSHAKE_MS_MAX = 10_000;
/** For the other end to close a connection that no node uses, when the server stops: health checks may watch for ever. */
const LEAVE_MS_MAX = 1_000;

export interface StreamListenerOptions {
  readonly tls: StreamTls | null;
  /** A further one is refused when all of them are in use. */
  readonly connectionsMax: number;
  readonly idleLimits: IdleLimits;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called with each connection once its TLS is done. */
  readonly onConnection: (socket: Socket) => void;
}

export class StreamListener {
  readonly #options: StreamListenerOptions;
  readonly #server: TcpServer;
  readonly #tls: TlsServer | null;
  /** All connections by `address:port` of the other end, also those that have not finished their TLS handshake. */
  readonly #connections = new Map<string, Connection>();
  readonly #idle: IdleConnections;
  #isStopping = false;
  /** Since the last tick. */
  #cutCount = 0;

  constructor(options: StreamListenerOptions) {
    this.#options = options;
    const accept = (socket: Socket): void => this.#accept(socket);
    const { tls } = options;
    this.#tls = tls === null ? null : tlsServer(tls, accept);
    this.#tls?.on("tlsClientError", (error) => options.logger.info({ err: error }, "a TLS handshake failed"));
    this.#server = this.#tls ?? createServer({ noDelay: true }, accept);
    this.#idle = new IdleConnections(options.idleLimits);
    this.#server.on("connection", (socket: Socket) => this.#count(socket));
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
    this.#connections.get(peer)?.socket.destroy();
  }

  cutAll(): void {
    for (const { socket } of this.#connections.values()) socket.destroy();
  }

  /** A node has shown its token in a call over this connection. Call what is returned when that call is over. */
  use(peer: string): () => void {
    const connection = this.#connections.get(peer);
    if (connection === undefined) return () => {};
    connection.calls++;
    this.#idle.remove(peer);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      connection.calls--;
      if (connection.calls === 0 && this.#connections.get(peer) === connection) this.#rest(peer, connection);
    };
  }

  /** Cuts connections that no node uses for too long. Call it about once a second. */
  tick(): void {
    this.#cutCount += this.#idle.cutLate(this.#options.clock.monotonicMs());
    if (this.#cutCount > 0)
      this.#options.logger.info({ count: this.#cutCount }, "cut connections that no node used");
    this.#cutCount = 0;
  }

  /** Takes no more connections, and cuts those that no node uses; resolves when the last one is gone. */
  stopAccepting(): Promise<void> {
    this.#isStopping = true;
    for (const connection of this.#connections.values()) if (connection.calls === 0) leave(connection);
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  /** From the TCP handshake on, whatever comes of it. */
  #count(socket: Socket): void {
    socket.on("error", (error) => this.#options.logger.debug({ err: error }, "a node's connection broke"));
    const { remoteAddress: address } = socket;
    // It is gone already.
    if (address === undefined) {
      socket.destroy();
      return;
    }
    const peer = peerOf(socket);
    if (this.#connections.size >= this.#options.connectionsMax) {
      const count = this.#idle.cutOne();
      this.#cutCount += count;
      if (count === 0) {
        socket.destroy();
        return;
      }
    }
    const connection: Connection = { socket, address, calls: 0 };
    this.#connections.set(peer, connection);
    socket.once("close", () => {
      if (this.#connections.get(peer) !== connection) return;
      this.#connections.delete(peer);
      this.#idle.remove(peer);
    });
    this.#rest(peer, connection);
  }

  #rest(peer: string, connection: Connection): void {
    const { socket, address } = connection;
    if (this.#isStopping) leave(connection);
    const nowMs = this.#options.clock.monotonicMs();
    this.#cutCount += this.#idle.add(peer, address, nowMs, () => socket.destroy());
  }

  #accept(socket: Socket): void {
    socket.on("error", (error) => this.#options.logger.debug({ err: error }, "a node's connection broke"));
    this.#options.onConnection(socket);
  }
}

interface Connection {
  readonly socket: Socket;
  readonly address: string;
  /** Calls of nodes. */
  calls: number;
}

/** Time for the peer to read what was sent and to close. */
function leave({ socket }: Connection): void {
  const timer = setTimeout(() => socket.destroy(), LEAVE_MS_MAX);
  socket.once("close", () => clearTimeout(timer));
}

/** As gRPC names the other end of a call. */
function peerOf(socket: Socket): string {
  return `${socket.remoteAddress}:${socket.remotePort}`;
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
