/**
 * Connections that no node uses: those that have not shown a token yet, and those whose call is over. Bounded in number by
 * address and in all, and in time. Room is made by cutting the oldest one of the address that has the most, so that silent
 * connections never keep a node out. Knows no sockets beyond their end.
 */
import { clientNetwork } from "@latchkey/core";

export interface IdleLimits {
  /** Of one address (IPv6: of one /64). A fleet behind one address translator comes from one address. */
  readonly perAddressMax: number;
  readonly totalMax: number;
  /** How long a connection may go without a node's call. */
  readonly idleMs: number;
}

export const idleLimits: IdleLimits = { perAddressMax: 256, totalMax: 1_024, idleMs: 10_000 };

interface Idle {
  readonly sinceMs: number;
  readonly network: string;
  readonly cut: () => void;
}

export class IdleConnections {
  readonly #limits: IdleLimits;
  /** By peer (`address:port`), the one that has been idle for longest first. */
  readonly #idle = new Map<string, Idle>();
  /** Peers by network, likewise. */
  readonly #byNetwork = new Map<string, Set<string>>();

  constructor(limits: IdleLimits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#idle.size;
  }

  /** The peer has no call. Gives how many others were cut to make room. */
  add(peer: string, address: string, nowMs: number, cut: () => void): number {
    const network = clientNetwork(address);
    this.#idle.set(peer, { sinceMs: nowMs, network, cut });
    const peers = this.#byNetwork.get(network) ?? new Set();
    this.#byNetwork.set(network, peers);
    peers.add(peer);
    if (peers.size > this.#limits.perAddressMax) return this.#cutOldest(peers);
    if (this.#idle.size > this.#limits.totalMax) return this.cutOne();
    return 0;
  }

  /** The peer has a call, or is gone. */
  remove(peer: string): void {
    const idle = this.#idle.get(peer);
    if (idle === undefined) return;
    this.#idle.delete(peer);
    const peers = this.#byNetwork.get(idle.network);
    peers?.delete(peer);
    if (peers?.size === 0) this.#byNetwork.delete(idle.network);
  }

  /** Makes room for another connection. Gives how many were cut: 0 when all are in use. */
  cutOne(): number {
    let most: Set<string> | undefined;
    for (const peers of this.#byNetwork.values()) if (peers.size > (most?.size ?? 0)) most = peers;
    return most === undefined ? 0 : this.#cutOldest(most);
  }

  /** Cuts those whose time is over, and gives how many they were. */
  cutLate(nowMs: number): number {
    let count = 0;
    for (const [peer, idle] of this.#idle) {
      if (nowMs - idle.sinceMs < this.#limits.idleMs) break;
      this.remove(peer);
      idle.cut();
      count++;
    }
    return count;
  }

  #cutOldest(peers: ReadonlySet<string>): number {
    const [oldest] = peers;
    const idle = oldest === undefined ? undefined : this.#idle.get(oldest);
    if (oldest === undefined || idle === undefined) return 0;
    this.remove(oldest);
    idle.cut();
    return 1;
  }
}
