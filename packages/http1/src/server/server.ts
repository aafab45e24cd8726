// The strict front: accepts connections on TCP or TLS and hands each valid request to one handler. Routes nothing.

import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import {
  createServer as createTlsServer,
  type SecureContextOptions,
  type Server as TlsServer,
} from "node:tls";
import { plainAddress } from "@latchkey/core";
import type { BodyLimits } from "../codec/body-decoder.js";
import type { RequestRules } from "../codec/request-parser.js";
import { acceptBareSockets, BareSocket } from "../io/bare-socket.js";
import { eventLoopBatch } from "../io/event-loop-batch.js";
import { ioPath } from "../io/io-path.js";
import { RestingList } from "../io/resting-list.js";
import { type Ticked, ticker, ticksFor } from "../io/ticker.js";
import type { ServerTicks } from "./connection-deadlines.js";
import type { ConnectionMemo } from "./connection-memo.js";
import type { ConnectionServer } from "./connection-server.js";
import { RefusedConnections } from "./refused-connection.js";
import { type AdmittedConnection, ServerConnection } from "./server-connection.js";
import {
  type Http1ServerOptions,
  type ResolvedServerOptions,
  resolveServerOptions,
  type ServerTlsOptions,
} from "./server-options.js";

interface Handshake extends AdmittedConnection {
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
const KEEP_ALIVE = { keepAliveDelayMs: 30_000 };

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
  readonly #connections = new RestingList<ServerConnection<M>>();
  /** Connections that are none yet, by the other end, the oldest first. */
  readonly #handshakes = new Map<string, Handshake>();
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
      keepAliveInitialDelay: KEEP_ALIVE.keepAliveDelayMs,
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
        (socket) => {
          resolved.onHandshake(true);
          this.#onSecured(socket);
        },
      );
      // A failed handshake concerns that client only.
      this.#server.on("tlsClientError", (_error: Error, socket: Socket) => {
        resolved.onHandshake(false);
        socket.destroy();
      });
    }
    this.#server.on("connection", (socket: Socket) => this.#onConnection(socket));
  }

  /**
   * Listens and gives the port. Rejects with the system's error (`EADDRINUSE`).
   */
  async listen(host: string, port: number): Promise<number> {
    this.#server.listen({ host, port, backlog: 1_024 });
    await once(this.#server, "listening");
    if (this.options.tls === undefined && ioPath.usesBareSockets)
      acceptBareSockets(this.#server, KEEP_ALIVE, (socket) => this.#onConnection(socket));
    ticker.add(this);
    return (this.#server.address() as AddressInfo).port;
  }

  /** Open connections, those in a TLS handshake among them. */
  connections(): number {
    return this.#connections.size + this.#handshakes.size;
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
    if (this.connections() > 0) {
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
    for (const { socket } of this.#handshakes.values()) socket.destroy();
    this.#refused.destroy();
    ticker.remove(this);
  }

  connectionClosed(connection: ServerConnection<M>): void {
    this.#connections.delete(connection);
    this.#leave(connection.client);
  }

  restUntil(connection: ServerConnection<M>, tick: number): void {
    this.#connections.restUntil(connection, tick);
  }

  #leave(client: string): void {
    this.options.admission.leave(client);
    if (this.#onEmpty !== null && this.connections() === 0) this.#onEmpty();
  }

  onTick(): void {
    if (this.#ticking > 0) return; // a walk that takes longer than a tick goes on with the new one
    this.#ticking = this.#connections.size;
    this.#tickOn();
  }

  #tickOn(): void {
    let expired = 0;
    for (;;) {
      const place = this.#connections.awakeBelow(this.#ticking, ticker.tick);
      this.#ticking = Math.max(0, place);
      if (place < 0) return;
      if (this.#connections.at(place)!.onTick(ticker.tick) && ++expired === EXPIRED_MAX && place > 0) {
        setImmediate(() => this.#tickOn());
        return;
      }
    }
  }

  #onConnection(socket: Socket | BareSocket): void {
    eventLoopBatch.connectionAccepted();
    const { remoteAddress } = socket;
    if (remoteAddress === undefined) {
      socket.destroy(); // reset meanwhile
      return;
    }
    const { admission, connectionsMax } = this.options;
    const address = plainAddress(remoteAddress);
    // In this order: who is not admitted must not close others' connections.
    const client = admission.enter(address);
    if (client === null || (this.connections() >= connectionsMax && !this.#makeRoom())) {
      if (client !== null) admission.leave(client);
      this.#refuse(socket, address, client !== null);
      return;
    }
    if (this.options.tls === undefined) this.#accept(socket, { address, client, encrypted: false });
    else this.#watchHandshake(socket as Socket, address, client);
  }

  #watchHandshake(socket: Socket, address: string, client: string): void {
    const handshake: Handshake = { socket, sinceTick: ticker.tick, address, client, encrypted: true };
    const end = endOf(socket);
    // The client used its port again before the close of the earlier connection was seen here.
    const earlier = this.#handshakes.get(end);
    if (earlier !== undefined) this.#endHandshake(end, earlier);
    this.#handshakes.set(end, handshake);
    socket.on("close", () => {
      if (this.#handshakes.get(end) === handshake) this.#endHandshake(end, handshake);
    });
  }

  #endHandshake(end: string, { client }: Handshake): void {
    this.#handshakes.delete(end);
    this.#leave(client);
  }

  #onSecured(socket: Socket): void {
    const end = endOf(socket);
    const handshake = this.#handshakes.get(end);
    this.#handshakes.delete(end);
    // Without: it was closed meanwhile.
    if (handshake === undefined) socket.destroy();
    else this.#accept(socket, handshake);
  }

  #refuse(socket: Socket | BareSocket, address: string, isAdmitted: boolean): void {
    const refusal = this.options.connectionRefusal(isAdmitted ? "server_full" : "not_admitted", address);
    const refused = socket instanceof BareSocket ? socket.toSocket() : socket;
    this.#refused.refuse(refused, this.options.tls === undefined ? refusal : null);
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
    const [[end, handshake] = []] = this.#handshakes;
    const found =
      handshake !== undefined && tick - handshake.sinceTick > silentTicks
        ? handshake.socket
        : (silent ?? idle);
    if (found === null) return false;
    // A socket tells later that it is closed, and further connections may come until then.
    if (handshake !== undefined && found === handshake.socket) this.#endHandshake(end!, handshake);
    found.destroy();
    this.options.onIdleClosed();
    return true;
  }

  #accept(socket: Socket | BareSocket, admitted: AdmittedConnection): void {
    this.#connections.add(new ServerConnection(this, socket, admitted));
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
