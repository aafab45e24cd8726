/**
 * Who may hold how many WebSockets. One that has not authenticated is given a few seconds and gives its place to a
 * newer one when there are too many of them, so that strangers displace each other and never an operator.
 */
import { clientNetwork } from "@latchkey/core";
import type { WebSocket } from "ws";

export interface SocketLimits {
  readonly socketsMax: number;
  /** Of one client: an IPv4 address or an IPv6 /64. */
  readonly socketsPerAddressMax: number;
}

/** Sockets that have not authenticated. Each holds at most one message. */
const WAITING_MAX = 200;
const WAITING_PER_ADDRESS_MAX = 50;

interface Seat {
  readonly client: string;
  isAuthenticated: boolean;
}

export class SocketSeats {
  readonly #limits: SocketLimits;
  /** In the order in which they were opened. */
  readonly #seats = new Map<WebSocket, Seat>();

  constructor(limits: SocketLimits) {
    this.#limits = limits;
  }

  get sockets(): Iterable<WebSocket> {
    return this.#seats.keys();
  }

  /** Gives a new socket a seat until it closes; the longest waiting one may lose its own. */
  admit(socket: WebSocket, address: string): void {
    const client = clientNetwork(address);
    const waiting = [...this.#seats].filter(([, seat]) => !seat.isAuthenticated);
    const own = waiting.filter(([, seat]) => seat.client === client);
    const [oldest] =
      own.length >= WAITING_PER_ADDRESS_MAX ? own : waiting.length >= WAITING_MAX ? waiting : [];
    oldest?.[0].terminate();
    if (oldest !== undefined) this.#seats.delete(oldest[0]);
    this.#seats.set(socket, { client, isAuthenticated: false });
    socket.once("close", () => this.#seats.delete(socket));
  }

  /** Makes the seat an operator's. False: there is no room for more of them. */
  authenticate(socket: WebSocket): boolean {
    const seat = this.#seats.get(socket);
    if (seat === undefined) return false;
    const others = [...this.#seats.values()].filter(({ isAuthenticated }) => isAuthenticated);
    if (others.length >= this.#limits.socketsMax) return false;
    if (others.filter(({ client }) => client === seat.client).length >= this.#limits.socketsPerAddressMax)
      return false;
    seat.isAuthenticated = true;
    return true;
  }

  isAuthenticated(socket: WebSocket): boolean {
    return this.#seats.get(socket)?.isAuthenticated === true;
  }
}
