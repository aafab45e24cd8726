/** What is known of each name, and who waits for more. Bounded: the name that was not used for longest makes room. */
import type { DnsClient, QueryResult } from "./dns-query.js";
import type { HostAddress } from "./host-address.js";
import type { NameError } from "./name-error.js";

export type ResolveCallback = (error: NameError | null, addresses: readonly HostAddress[]) => void;
export type AddressListener = (addresses: readonly HostAddress[]) => void;

/** What is known of a name. */
export interface NameEntry {
  readonly name: string;
  addresses: readonly HostAddress[];
  expiresAtMs: number;
  error: NameError | null;
  errorUntilMs: number;
  /** The last question got no response. */
  isSuspect: boolean;
  query: Query | null;
  readonly listeners: Set<AddressListener>;
  refresh: NodeJS.Timeout | null;
}

/** A question that is on its way. */
export interface Query {
  readonly waiters: ResolveCallback[];
  /** What callers get while it goes on: addresses of the first family, or stale ones. */
  interim: readonly HostAddress[] | null;
  /** What is known since one family has replied. */
  first: QueryResult | null;
  /** The client that asks beside the shared one. */
  patient: DnsClient | null;
  readonly timers: NodeJS.Timeout[];
}

export const NO_ADDRESSES: readonly HostAddress[] = [];

export class NameCache {
  readonly #namesMax: number;
  /** The name used last is at the end. */
  readonly #entries = new Map<string, NameEntry>();

  constructor(namesMax: number) {
    this.#namesMax = namesMax;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The entry of a name, made where there is none. */
  entryOf(name: string): NameEntry {
    const key = keyOf(name);
    const known = this.#entries.get(key);
    if (known !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known;
    }
    if (this.#entries.size >= this.#namesMax) this.#evict();
    const entry: NameEntry = {
      name: key,
      addresses: NO_ADDRESSES,
      expiresAtMs: 0,
      error: null,
      errorUntilMs: 0,
      isSuspect: false,
      query: null,
      listeners: new Set(),
      refresh: null,
    };
    this.#entries.set(key, entry);
    return entry;
  }

  /** Makes room for one name. Names that are asked about or watched stay: their number has bounds of its own. */
  #evict(): void {
    for (const [key, entry] of this.#entries) {
      if (entry.query !== null || entry.listeners.size > 0) continue;
      this.#entries.delete(key);
      return;
    }
  }
}

/** Names are compared without regard to case. */
export function keyOf(name: string): string {
  return name.toLowerCase();
}
