// Connects to the first of several addresses that accepts (RFC 8305 §5). An attempt that takes long goes on beside the next
// one, so that a distant origin is not cut off and a dead address costs a quarter of a second. Knows neither HTTP nor TLS.

import type { Socket } from "node:net";
import type { UpstreamAddress } from "./upstream-client.js";

/** RFC 8305 §5 recommends it. A failure starts the next attempt at once. */
const ATTEMPT_DELAY_MS = 250;
/** More addresses than this are not tried: each attempt holds a socket. */
const ATTEMPTS_MAX = 8;

/** Says that the network of the address cannot be reached from here, which is less telling than a refusal. */
const NO_ROUTE: ReadonlySet<string | undefined> = new Set([
  "ENETUNREACH",
  "EHOSTUNREACH",
  "EADDRNOTAVAIL",
  "EAFNOSUPPORT",
]);

const ignore = (): void => {};

export class AddressRace {
  readonly #addresses: readonly UpstreamAddress[];
  readonly #open: (address: UpstreamAddress) => Socket;
  readonly #onConnected: (socket: Socket, address: UpstreamAddress) => void;
  readonly #onFailed: (error: Error) => void;
  readonly #running = new Set<Socket>();
  #next = 0;
  #timer: NodeJS.Timeout | undefined;
  #error: NodeJS.ErrnoException | null = null;
  #over = false;

  /**
   * Calls back once, later, unless it is canceled: with a connected socket that has none of the race's listeners, or when no
   * address is left.
   * @param open starts to connect; the socket emits `connect` or `error`
   */
  constructor(
    addresses: readonly UpstreamAddress[],
    open: (address: UpstreamAddress) => Socket,
    onConnected: (socket: Socket, address: UpstreamAddress) => void,
    onFailed: (error: Error) => void,
  ) {
    this.#addresses = addresses.slice(0, ATTEMPTS_MAX);
    this.#open = open;
    this.#onConnected = onConnected;
    this.#onFailed = onFailed;
    this.#attempt();
  }

  cancel(): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    for (const socket of this.#running) discard(socket);
    this.#running.clear();
  }

  #attempt(): void {
    const address = this.#addresses[this.#next++];
    if (address === undefined) return;
    const socket = this.#open(address);
    this.#running.add(socket);
    const onConnect = (): void => {
      socket.off("error", onError);
      this.#running.delete(socket);
      this.cancel();
      this.#onConnected(socket, address);
    };
    const onError = (error: NodeJS.ErrnoException): void => {
      socket.off("connect", onConnect);
      this.#running.delete(socket);
      this.#failed(error);
    };
    socket.once("connect", onConnect);
    socket.once("error", onError);
    if (this.#next < this.#addresses.length)
      this.#timer = setTimeout(() => this.#attempt(), ATTEMPT_DELAY_MS);
  }

  #failed(error: NodeJS.ErrnoException): void {
    if (this.#over) return;
    if (this.#error === null || (NO_ROUTE.has(this.#error.code) && !NO_ROUTE.has(error.code)))
      this.#error = error;
    clearTimeout(this.#timer);
    if (this.#next < this.#addresses.length) this.#attempt();
    else if (this.#running.size === 0) {
      this.#over = true;
      this.#onFailed(this.#error);
    }
  }
}

function discard(socket: Socket): void {
  socket.removeAllListeners();
  socket.on("error", ignore);
  socket.destroy();
}
