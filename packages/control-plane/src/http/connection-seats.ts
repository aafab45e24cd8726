/**
 * Who may hold how many connections of the HTTP port. A connection that has no request under way gives its place to a
 * new one when its address, or the server, has too many: silent connections displace each other and nobody else. When
 * all are busy, a new one gets a reserve seat, which is good for health checks only.
 */
import type { Socket } from "node:net";
import { clientNetwork, plainAddress } from "@latchkey/core";
import type { ClientAddresses } from "./client-address.js";

export interface ConnectionLimits {
  readonly connectionsMax: number;
  /** Of one client: an IPv4 address or an IPv6 /64. Trusted proxies are not counted. */
  readonly connectionsPerAddressMax: number;
}

/** Connections beyond the limit, so that a health check gets its response. */
const RESERVE_MAX = 32;

interface Seat {
  readonly socket: Socket;
  /** Null: of a trusted proxy. */
  readonly client: string | null;
  readonly isReserve: boolean;
  /** Requests under way, an upgrade included. */
  busy: number;
}

export interface ConnectionSeatsOptions extends ConnectionLimits {
  readonly addresses: ClientAddresses;
  /** Called with each connection that is closed to keep a limit. */
  readonly onDropped: (why: "address" | "total") => void;
}

export class ConnectionSeats {
  readonly #options: ConnectionSeatsOptions;
  /** By `address|port` of the client's end, which a TLS socket shares with the socket below it. */
  readonly #seats = new Map<string, Seat>();
  /** Ordinary seats by client, and those of trusted proxies; who became idle longest ago comes first. */
  readonly #byClient = new Map<string, Set<Seat>>();
  readonly #reserve = new Set<Seat>();

  constructor(options: ConnectionSeatsOptions) {
    this.#options = options;
  }

  /** Connections with an ordinary seat. */
  get size(): number {
    return this.#seats.size - this.#reserve.size;
  }

  /** Gives a new connection a seat, or closes it. */
  admit(socket: Socket): void {
    const { connectionsMax, connectionsPerAddressMax, addresses, onDropped } = this.#options;
    const { remoteAddress } = socket;
    if (remoteAddress === undefined) {
      socket.destroy();
      return;
    }
    const address = plainAddress(remoteAddress);
    const client = addresses.isTrusted(address) ? null : clientNetwork(address);
    let isReserve = false;
    if (client !== null && (this.#byClient.get(client)?.size ?? 0) >= connectionsPerAddressMax) {
      onDropped("address");
      isReserve = !this.#displace(this.#byClient.get(client));
    } else if (this.size >= connectionsMax) {
      onDropped("total");
      isReserve = !this.#displace(this.#largest());
    }
    if (isReserve && this.#reserve.size >= RESERVE_MAX && !this.#displace(this.#reserve)) {
      socket.destroy();
      return;
    }
    this.#seat({ socket, client, isReserve, busy: 0 });
  }

  /** A request or an upgrade began on this connection. */
  markBusy(socket: Socket): void {
    const seat = this.#seats.get(endOf(socket));
    if (seat !== undefined) seat.busy += 1;
  }

  /** A request on this connection is over. */
  markIdle(socket: Socket): void {
    const seat = this.#seats.get(endOf(socket));
    if (seat === undefined) return;
    seat.busy -= 1;
    if (seat.busy > 0) return;
    const peers = this.#peersOf(seat);
    if (peers.delete(seat)) peers.add(seat);
  }

  /** Whether the connection is there for health checks only. */
  isReserve(socket: Socket): boolean {
    return this.#seats.get(endOf(socket))?.isReserve === true;
  }

  /** Closes every connection, upgraded ones included. */
  closeAll(): void {
    for (const { socket } of this.#seats.values()) socket.destroy();
  }

  #seat(seat: Seat): void {
    const end = endOf(seat.socket);
    this.#seats.set(end, seat);
    this.#peersOf(seat).add(seat);
    seat.socket.once("close", () => {
      if (this.#seats.get(end) === seat) this.#seats.delete(end);
      this.#leave(seat);
    });
  }

  /** Closes the connection that has been idle for longest; false when all are busy. */
  #displace(seats: Set<Seat> | undefined): boolean {
    for (const seat of seats ?? []) {
      if (seat.busy > 0) continue;
      // Counted out now: its `close` comes later.
      this.#seats.delete(endOf(seat.socket));
      this.#leave(seat);
      seat.socket.destroy();
      return true;
    }
    return false;
  }

  /** The seats of the client with the most connections that has an idle one. */
  #largest(): Set<Seat> | undefined {
    let largest: Set<Seat> | undefined;
    for (const seats of this.#byClient.values())
      if (seats.size > (largest?.size ?? 0) && [...seats].some((seat) => seat.busy === 0)) largest = seats;
    return largest;
  }

  #peersOf(seat: Seat): Set<Seat> {
    if (seat.isReserve) return this.#reserve;
    const client = seat.client ?? "";
    let peers = this.#byClient.get(client);
    if (peers === undefined) {
      peers = new Set();
      this.#byClient.set(client, peers);
    }
    return peers;
  }

  #leave(seat: Seat): void {
    if (seat.isReserve) {
      this.#reserve.delete(seat);
      return;
    }
    const client = seat.client ?? "";
    const peers = this.#byClient.get(client);
    peers?.delete(seat);
    if (peers?.size === 0) this.#byClient.delete(client);
  }
}

function endOf(socket: Socket): string {
  return `${socket.remoteAddress}|${socket.remotePort}`;
}
