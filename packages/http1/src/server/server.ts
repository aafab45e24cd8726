// The strict front: accepts connections on TCP or TLS and hands each valid request to one handler. Routes nothing.

import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import {
  createServer as createTlsServer,
  type SecureContextOptions,
  type Server as TlsServer,
} from "node:tls";
import type { BodyLimits } from "../codec/body-decoder.js";
import type { RequestRules } from "../codec/request-parser.js";
import { DenseList, type Placed } from "../io/dense-list.js";
import { eventLoopBatch } from "../io/event-loop-batch.js";
import { type Ticked, ticker, ticksFor } from "../io/ticker.js";
import type { ServerTicks } from "./connection-deadlines.js";
import type { ConnectionMemo } from "./connection-memo.js";
import type { ConnectionServer } from "./connection-server.js";
import { RefusedConnections } from "./refused-connection.js";
import { ServerConnection } from "./server-connection.js";
import {
  type ConnectionRefusalReason,
  type Http1ServerOptions,
  type ResolvedServerOptions,
  resolveServerOptions,
  type ServerTlsOptions,
} from "./server-options.js";

interface OpenSocket extends Placed {
  readonly socket: Socket;
  readonly sinceTick: number;
}

/**
 * Connections that are ended for their time-outs in one iteration of the event loop. Thousands that came together have the
 * same deadline, and the requests of others go between.
 */
const EXPIRED_MAX = 32;

/** Connections that are looked at to find one that makes room. */
const CANDIDATES_MAX = 64;
/**
 * How long a connection is left alone that has sent no whole request yet: one may be on its way. Short, because a crowd that
 * comes back as soon as it is closed is never older than the time in which it replaces itself.
 */
const SILENT_TICKS_MIN = ticksFor(200);
/** The same for a connection between two requests. */
const IDLE_TICKS_MIN = ticksFor(1_000);
/** TCP keep-alive: a peer that vanished without a FIN is noticed after this long and ten more seconds. */
const TCP_KEEP_ALIVE_DELAY_MS = 30_000;

export class Http1Server<M extends ConnectionMemo = ConnectionMemo>
  implements ConnectionServer<ServerConnection<M>, M>, Ticked
{
  readonly options: ResolvedServerOptions<M>;
  readonly rules: RequestRules;
  readonly bodyLimits: BodyLimits;
  readonly ticks: ServerTicks;
  readonly bodyBytesPerWindow: number;
  closing = false;

  readonly #server: Server | TlsServer;
  readonly #connections = new DenseList<ServerConnection<M>>();
  /** Those in a TLS handshake among them. */
  readonly #sockets = new DenseList<OpenSocket>();
  /** Those alone, by the other end, the oldest first. */
  readonly #handshakes = new Map<string, OpenSocket>();
  readonly #refused = new RefusedConnections();
  /** Where the search for an idle connection goes on. */
  #candidate = 0;
  #onEmpty: (() => void) | null = null;
  /** Null: Node.js makes some of its own. */
  #ticketKeys: Buffer | null = null;
  /** Connections with a place below this have not had the tick yet. */
  #ticking = 0;

  /** @throws RangeError about every option out of bounds. */
  constructor(options: Http1ServerOptions<M>) {
    const resolved = resolveServerOptions(options);
    this.options = resolved;
    this.rules = resolved;
    this.bodyLimits = resolved;
    this.ticks = {
      head: ticksFor(resolved.headTimeoutMs),
      idle: ticksFor(resolved.idleTimeoutMs),
      bodyIdle: ticksFor(resolved.bodyIdleTimeoutMs),
      body: ticksFor(resolved.bodyTimeoutMs),
      write: ticksFor(resolved.writeTimeoutMs),
      linger: ticksFor(resolved.lingerTimeoutMs),
    };
    this.bodyBytesPerWindow = (resolved.bodyBytesPerSecondMin * resolved.bodyIdleTimeoutMs) / 1_000;
    const { tls } = resolved;
    const tcp = {
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: TCP_KEEP_ALIVE_DELAY_MS,
    };
    if (tls === undefined) {
      this.#server = createServer(tcp);
    } else {
      this.#server = createTlsServer(
        {
          ...secureContext(tls),
          ...tcp,
          ALPNProtocols: ["http/1.1"],
          handshakeTimeout: resolved.headTimeoutMs,
          requestCert: tls.clientCa !== undefined,
          rejectUnauthorized: tls.clientCa !== undefined,
        },
        (socket) => this.#accept(socket, true),
      );
      // A failed handshake concerns that client only.
      this.#server.on("tlsClientError", (_error: Error, socket: Socket) => socket.destroy());
    }
    this.#server.on("connection", (socket: Socket) => this.#onConnection(socket, tls !== undefined));
  }

  /**
   * Listens and gives the port. Rejects with the system's error (`EADDRINUSE`).
   */
  async listen(host: string, port: number): Promise<number> {
    this.#server.listen({ host, port, backlog: 1_024 });
    await once(this.#server, "listening");
    ticker.add(this);
    return (this.#server.address() as AddressInfo).port;
  }

  /** Open connections, those in a TLS handshake among them. */
  connections(): number {
    return this.#sockets.size;
  }

  /** New handshakes use the new certificate; open connections go on. */
  reloadTls(tls: ServerTlsOptions): void {
    if (!("setSecureContext" in this.#server)) throw new Error("this server does not speak TLS");
    this.#server.setSecureContext(secureContext(tls));
    if (this.#ticketKeys !== null) this.#server.setTicketKeys(this.#ticketKeys);
  }

  /**
   * What tickets of TLS sessions are encrypted with from now on, also under another certificate. Tickets under other keys lead to a
   * full handshake. Servers with the same keys resume each other's sessions. Once it listens: `node:cluster` sets some then.
   * Other clientCa need other keys: a resumed session is not verified again.
   * @param keys 48 random bytes
   */
  setTicketKeys(keys: Buffer): void {
    if (!("setTicketKeys" in this.#server)) throw new Error("this server does not speak TLS");
    this.#ticketKeys = keys;
    this.#server.setTicketKeys(keys);
  }

  /**
   * Stops accepting, and ends each connection after its current response; an idle one after `closeGraceMs`, so that
   * clients between two requests get `Connection: close` and lose nothing.
   * @param limitMs what is left after this long is dropped; 0 = no limit.
   */
  async close(limitMs = 0): Promise<void> {
    this.closing = true;
    if (this.#server.listening) this.#server.close();
    for (const connection of this.#connections.toArray()) {
      if (connection.idle) connection.expire(ticksFor(this.options.closeGraceMs));
    }
    let timer: NodeJS.Timeout | null = null;
    if (limitMs > 0) timer = setTimeout(() => this.destroy(), limitMs);
    if (this.#sockets.size > 0) {
      await new Promise<void>((resolve) => {
        const before = this.#onEmpty;
        this.#onEmpty = () => {
          before?.();
          resolve();
        };
      });
    }
    if (timer !== null) clearTimeout(timer);
    ticker.remove(this);
  }

  /** Drops everything. */
  destroy(): void {
    this.closing = true;
    if (this.#server.listening) this.#server.close();
    for (const connection of this.#connections.toArray()) connection.destroy();
    for (const { socket } of this.#sockets.toArray()) socket.destroy();
    this.#refused.destroy();
    ticker.remove(this);
  }

  connectionClosed(connection: ServerConnection<M>): void {
    this.#connections.delete(connection);
  }

  onTick(): void {
    if (this.#ticking > 0) return; // a walk that takes longer than a tick goes on with the new one
    this.#ticking = this.#connections.size;
    this.#tickOn();
  }

  #tickOn(): void {
    let expired = 0;
    while (this.#ticking > 0) {
      const connection = this.#connections.at(--this.#ticking);
      if (connection?.onTick(ticker.tick) === true && ++expired === EXPIRED_MAX && this.#ticking > 0) {
        setImmediate(() => this.#tickOn());
        return;
      }
    }
  }

  #onConnection(socket: Socket, encrypted: boolean): void {
    eventLoopBatch.connectionAccepted();
    const { admits, connectionsMax } = this.options;
    // In this order: who is not admitted must not close others' connections.
    const isAdmitted = admits(socket);
    if (!isAdmitted || (this.#sockets.size >= connectionsMax && !this.#makeRoom())) {
      this.#refuse(socket, isAdmitted ? "server_full" : "not_admitted", encrypted);
      return;
    }
    const open: OpenSocket = { socket, sinceTick: ticker.tick, place: -1 };
    this.#sockets.add(open);
    socket.on("close", () => {
      this.#sockets.delete(open);
      this.#checkEmpty();
    });
    if (encrypted) this.#watchHandshake(open);
    else this.#accept(socket, false);
  }

  #watchHandshake(open: OpenSocket): void {
    const end = endOf(open.socket);
    this.#handshakes.set(end, open);
    open.socket.on("close", () => {
      if (this.#handshakes.get(end) === open) this.#handshakes.delete(end);
    });
  }

  #refuse(socket: Socket, reason: ConnectionRefusalReason, encrypted: boolean): void {
    const refusal = this.options.connectionRefusal(reason, socket);
    this.#refused.refuse(socket, encrypted ? null : refusal);
  }

  /**
   * Closes the connection that has sent no whole request for longest, its TLS handshake included; without one, the connection
   * that has been idle between two requests for longest. So a crowd that sends nothing, or half of something, closes itself.
   * @returns false: none was found
   */
  #makeRoom(): boolean {
    const { tick } = ticker;
    const { size } = this.#connections;
    let silent: ServerConnection<M> | null = null;
    let silentTicks = SILENT_TICKS_MIN - 1;
    let idle: ServerConnection<M> | null = null;
    let idleTicks = IDLE_TICKS_MIN - 1;
    for (let looked = Math.min(size, CANDIDATES_MAX); looked > 0; looked--) {
      this.#candidate = (this.#candidate + 1) % size;
      const connection = this.#connections.at(this.#candidate)!;
      const ticks = connection.waitedTicks(tick);
      if (connection.hasServed) {
        if (ticks > idleTicks) [idle, idleTicks] = [connection, ticks];
      } else if (ticks > silentTicks) [silent, silentTicks] = [connection, ticks];
    }
    const [handshake] = this.#handshakes.values();
    const found =
      handshake !== undefined && tick - handshake.sinceTick > silentTicks
        ? handshake.socket
        : (silent ?? idle);
    if (found === null) return false;
    // A socket tells later that it is closed, and further connections may come until then.
    if (found === handshake?.socket) this.#handshakes.delete(endOf(handshake.socket));
    found.destroy();
    this.options.onIdleClosed();
    return true;
  }

  #accept(socket: Socket, encrypted: boolean): void {
    if (encrypted) this.#handshakes.delete(endOf(socket));
    this.#connections.add(new ServerConnection(this, socket, encrypted));
  }

  #checkEmpty(): void {
    if (this.#sockets.size === 0) this.#onEmpty?.();
  }
}

function secureContext(tls: ServerTlsOptions): SecureContextOptions {
  const { cert, key, clientCa, minVersion = "TLSv1.2" } = tls;
  return { cert, key, minVersion, ...(clientCa === undefined ? {} : { ca: clientCa }) };
}

/** The client's end, which a TLS socket shares with the socket below it. */
function endOf(socket: Socket): string {
  return `${socket.remoteAddress}|${socket.remotePort}`;
}
