/**
 * Resolves host names without Node's thread pool, which `dns.lookup` shares with files (docs/adr/0680-resolve-names-outside-the-thread-pool.md).
 * Addresses and localhost are resolved here, then the hosts file, then the name servers of /etc/resolv.conf by its search
 * rules. Caches by TTL, asks about a name once at a time, remembers failures, and uses old addresses while the name servers
 * are silent. Does not consult other sources of nsswitch.conf (mDNS, LDAP).
 */
import { Resolver } from "node:dns";
import type { LookupFunction } from "node:net";
import { type Clock, parseIp, systemClock } from "@latchkey/core";
import { type DnsClient, type FamilyResult, type QueryResult, queryAddresses } from "./dns-query.js";
import type { HostAddress } from "./host-address.js";
import { type Hosts, parseHosts } from "./hosts-file.js";
import {
  type AddressListener,
  keyOf,
  NameCache,
  type NameEntry,
  NO_ADDRESSES,
  type Query,
  type ResolveCallback,
} from "./name-cache.js";
import { NameError } from "./name-error.js";
import { QuerySlots, type Slot } from "./query-slots.js";
import { parseSearchRules, type SearchRules } from "./resolv-conf.js";
import { type ResolverLimits, resolverLimits } from "./resolver-limits.js";
import { WatchedText } from "./watched-text.js";

/** Names that were looked up since the start, by how. Those of the hosts file are not counted. */
export interface NameCounts {
  /** Out of the cache, with addresses or a remembered failure. */
  cached: number;
  /** The name servers were asked, and gave addresses. */
  resolved: number;
  failed: number;
}

export interface NameResolverOptions {
  /** `address` or `address:port` of name servers. Default: those of /etc/resolv.conf. */
  readonly servers?: readonly string[];
  readonly hostsPath?: string;
  readonly resolvConfPath?: string;
  readonly clock?: Clock;
  readonly limits?: Partial<ResolverLimits>;
}

const NO_REPLY: FamilyResult = { kind: "failed", code: "ETIMEOUT" };

/** Rounds of c-ares over the name servers; each waits twice as long as the one before. */
const ATTEMPTS = 3;

const LOOPBACK: readonly HostAddress[] = [
  { address: "127.0.0.1", family: 4 },
  { address: "::1", family: 6 },
];

export class NameResolver {
  readonly counts: NameCounts = { cached: 0, resolved: 0, failed: 0 };
  readonly #limits: ResolverLimits;
  readonly #clock: Clock;
  readonly #servers: readonly string[] | null;
  readonly #hosts: WatchedText<Hosts>;
  readonly #rules: WatchedText<SearchRules>;
  readonly #slots: QuerySlots;
  readonly #names: NameCache;
  #client: DnsClient;
  #patientQuestions = 0;

  constructor(options: NameResolverOptions = {}) {
    const { clock = systemClock, servers, hostsPath, resolvConfPath } = options;
    this.#limits = { ...resolverLimits, ...options.limits };
    this.#clock = clock;
    this.#servers = servers === undefined || servers.length === 0 ? null : servers;
    const nowMs = clock.monotonicMs();
    this.#hosts = new WatchedText(hostsPath ?? "/etc/hosts", parseHosts, nowMs);
    const newClient = () => {
      this.#client = this.#makeClient(); // c-ares reads the file when it is made
    };
    this.#rules = new WatchedText(resolvConfPath ?? "/etc/resolv.conf", parseSearchRules, nowMs, newClient);
    this.#names = new NameCache(this.#limits.namesMax);
    this.#slots = new QuerySlots(this.#limits.queriesMax, this.#limits.queueMax);
    this.#client = this.#makeClient();
  }

  /** For `net.connect` and what is built on it. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    this.resolve(hostname, (error, addresses) => {
      const family = options.family === 4 || options.family === "IPv4" ? 4 : options.family ? 6 : 0;
      const usable = family === 0 ? addresses : addresses.filter((each) => each.family === family);
      const first = usable[0];
      // `net.connect` expects its callback after `lookup` has returned.
      process.nextTick(() => {
        if (error !== null) callback(error, "", 0);
        else if (first === undefined) callback(noRecord(hostname, "no address of the family"), "", 0);
        else if (options.all === true) callback(null, [...usable]);
        else callback(null, first.address, first.family);
      });
    });
  };

  /** Calls back once; before it returns when nobody has to be asked. */
  resolve(name: string, callback: ResolveCallback): void {
    const local = this.#local(name);
    if (local !== null) {
      callback(null, local);
      return;
    }
    const entry = this.#names.entryOf(name);
    const nowMs = this.#clock.monotonicMs();
    if (entry.addresses.length > 0 && nowMs < entry.expiresAtMs) {
      this.counts.cached++;
      callback(null, entry.addresses);
    } else if (entry.error !== null && nowMs < entry.errorUntilMs) {
      this.counts.cached++;
      this.#callBackWithout(entry, callback, entry.error);
    } else {
      this.#ask(entry, callback);
    }
  }

  /**
   * Asks about the name again and again, as its TTL says, and reports each new set of addresses.
   * @returns stops it
   */
  watch(name: string, listener: AddressListener): () => void {
    if (this.#local(name) !== null) return () => {};
    const entry = this.#names.entryOf(name);
    entry.listeners.add(listener);
    this.#schedule(entry);
    return () => {
      entry.listeners.delete(listener);
      if (entry.listeners.size > 0 || entry.refresh === null) return;
      clearTimeout(entry.refresh);
      entry.refresh = null;
    };
  }

  /** Questions on their way, and names in the cache. */
  stats(): { readonly active: number; readonly names: number } {
    return { active: this.#slots.active, names: this.#names.size };
  }

  #makeClient(): DnsClient {
    return this.#makeResolver(this.#limits.attemptTimeoutMs, ATTEMPTS);
  }

  /**
   * For one question that is slow. c-ares drops a response that comes after it has asked again, and asks again early once a name
   * server was quick: a name that takes a second and more would never be resolved. A new client has seen no quick responses.
   * It asks the first name server last: that one may be dead.
   */
  #makePatientClient(): DnsClient {
    const client = this.#makeResolver(this.#limits.queryTimeoutMs, 1);
    const [first, ...others] = client.getServers();
    if (first !== undefined && others.length > 0) client.setServers([...others, first]);
    return client;
  }

  #makeResolver(timeout: number, tries: number): Resolver {
    const client = new Resolver({ timeout, tries });
    if (this.#servers !== null) client.setServers(this.#servers);
    return client;
  }

  /** Addresses of what no name server is asked about, or null. */
  #local(name: string): readonly HostAddress[] | null {
    const ip = parseIp(name);
    if (ip !== null) return [{ address: name, family: ip.family }];
    const key = keyOf(name).replace(/\.$/, "");
    const known = this.#hosts.current(this.#clock.monotonicMs()).get(key) ?? null;
    const isLocalhost = key === "localhost" || key.endsWith(".localhost"); // RFC 6761 §6.3
    return isLocalhost ? withLoopback(known ?? NO_ADDRESSES) : known;
  }

  /** Stale addresses if there are any, else the error. */
  #callBackWithout(entry: NameEntry, callback: ResolveCallback, error: NameError): void {
    if (this.#isStaleUsable(entry)) callback(null, entry.addresses);
    else callback(error, NO_ADDRESSES);
  }

  #isStaleUsable(entry: NameEntry): boolean {
    return entry.addresses.length > 0 && this.#clock.monotonicMs() < entry.expiresAtMs + this.#limits.staleMs;
  }

  /** @param callback null: nobody waits for it */
  #ask(entry: NameEntry, callback: ResolveCallback | null): void {
    if (entry.query !== null) {
      if (callback !== null) this.#join(entry, entry.query, callback);
      return;
    }
    const query: Query = { waiters: [], interim: null, first: null, patient: null, timers: [] };
    entry.query = query;
    if (callback !== null) query.waiters.push(callback);
    // A response that takes the whole time is one to the patient client, which is asked later.
    const { queryTimeoutMs, slowMs } = this.#limits;
    this.#after(query, slowMs + queryTimeoutMs, () => this.#timeOut(entry, query));
    if (this.#isStaleUsable(entry))
      this.#after(query, this.#limits.staleWaitMs, () => {
        if (query.interim === null) this.#useInterim(query, entry.addresses);
      });
    const isTaken = this.#slots.take(entry.isSuspect, (slot) => this.#send(entry, query, slot));
    if (!isTaken) this.#fail(entry, query, temporary(entry.name, "too many names wait to be resolved"));
  }

  #join(entry: NameEntry, query: Query, callback: ResolveCallback): void {
    if (query.interim !== null) callback(null, query.interim);
    else if (query.waiters.length < this.#limits.waitersMax) query.waiters.push(callback);
    else callback(temporary(entry.name, "too many callers wait for it"), NO_ADDRESSES);
  }

  #send(entry: NameEntry, query: Query, slot: Slot): void {
    if (entry.query !== query) {
      // It waited for its slot for too long. Not in this call, which may have come from `release`.
      setImmediate(() => this.#slots.release(slot));
      return;
    }
    const rules = this.#rules.current(this.#clock.monotonicMs());
    const onFirst = (result: FamilyResult, family: 4 | 6): void => {
      if (entry.query !== query) return;
      query.first = family === 4 ? { ipv4: result, ipv6: NO_REPLY } : { ipv4: NO_REPLY, ipv6: result };
      const addresses = addressesOf(result, family);
      this.#after(query, this.#limits.familyDelayMs, () => this.#useInterim(query, addresses));
    };
    let running = 1;
    const onResult = (result: QueryResult): void => {
      running--;
      if (running === 0) this.#slots.release(slot);
      // Of two clients the one that fails says nothing: the other one may get a response.
      if (entry.query === query && (running === 0 || !isFailed(result))) this.#settle(entry, query, result);
    };
    const askPatiently = (): void => {
      running++;
      this.#patientQuestions++;
      query.patient = this.#makePatientClient();
      queryAddresses(query.patient, entry.name, rules, onFirst, (result) => {
        this.#patientQuestions--;
        onResult(result);
      });
    };
    this.#after(query, this.#limits.slowMs, () => {
      this.#slots.becameSlow(slot);
      if (query.first === null && this.#patientQuestions < this.#limits.patientQuestionsMax) askPatiently();
    });
    queryAddresses(this.#client, entry.name, rules, onFirst, onResult);
  }

  /** Some networks drop all questions about one family: the other one's addresses count then. */
  #timeOut(entry: NameEntry, query: Query): void {
    if (entry.query !== query) return;
    if (query.first !== null) this.#settle(entry, query, query.first);
    else this.#fail(entry, query, temporary(entry.name, "the name servers do not reply"));
  }

  #settle(entry: NameEntry, query: Query, result: QueryResult): void {
    const { ipv4, ipv6 } = result;
    const addresses = [...this.#merged(entry, ipv6, 6), ...this.#merged(entry, ipv4, 4)];
    const hasSome = ipv4.kind === "addresses" || ipv6.kind === "addresses";
    if (!hasSome) {
      const failed = ipv4.kind === "failed" ? ipv4 : ipv6.kind === "failed" ? ipv6 : null;
      if (failed === null) entry.addresses = NO_ADDRESSES; // the name servers say so: old addresses are wrong
      const error =
        failed === null
          ? noRecord(entry.name, "there is no such name")
          : temporary(entry.name, `the name servers failed (${failed.code})`);
      this.#fail(entry, query, error);
      return;
    }
    this.counts.resolved++;
    const ttlMs = 1_000 * Math.min(ttlOf(ipv4), ttlOf(ipv6));
    const { ttlMinMs, ttlMaxMs } = this.#limits;
    const isChanged = !sameAddresses(entry.addresses, addresses);
    entry.addresses = addresses;
    entry.expiresAtMs = this.#clock.monotonicMs() + Math.min(ttlMaxMs, Math.max(ttlMinMs, ttlMs));
    entry.error = null;
    entry.isSuspect = false;
    this.#finish(entry, query, (waiter) => waiter(null, addresses));
    if (isChanged) for (const listener of [...entry.listeners]) listener(addresses);
  }

  /** A family that failed keeps the addresses that it had. */
  #merged(entry: NameEntry, result: FamilyResult, family: 4 | 6): readonly HostAddress[] {
    if (result.kind === "failed") return entry.addresses.filter((known) => known.family === family);
    return addressesOf(result, family);
  }

  #fail(entry: NameEntry, query: Query, error: NameError): void {
    if (entry.query !== query) return;
    this.counts.failed++;
    entry.error = error;
    entry.errorUntilMs = this.#clock.monotonicMs() + this.#limits.failureMs;
    entry.isSuspect = error.code === "EAI_AGAIN";
    this.#finish(entry, query, (waiter) => this.#callBackWithout(entry, waiter, error));
  }

  #finish(entry: NameEntry, query: Query, tell: (waiter: ResolveCallback) => void): void {
    entry.query = null;
    for (const timer of query.timers) clearTimeout(timer);
    query.patient?.cancel();
    if (entry.listeners.size > 0) this.#schedule(entry);
    for (const waiter of query.waiters.splice(0)) tell(waiter);
  }

  #useInterim(query: Query, addresses: readonly HostAddress[]): void {
    query.interim = addresses;
    for (const waiter of query.waiters.splice(0)) waiter(null, addresses);
  }

  /** The next question about a watched name: when its TTL is over, or when its failure is forgotten. */
  #schedule(entry: NameEntry): void {
    if (entry.query !== null || entry.refresh !== null) return;
    const nowMs = this.#clock.monotonicMs();
    const dueMs = entry.error === null ? entry.expiresAtMs : entry.errorUntilMs;
    entry.refresh = setTimeout(
      () => {
        entry.refresh = null;
        if (entry.listeners.size > 0) this.#ask(entry, null);
      },
      Math.max(0, dueMs - nowMs),
    ).unref();
  }

  #after(query: Query, delayMs: number, run: () => void): void {
    query.timers.push(setTimeout(run, delayMs));
  }
}

/** Hosts files often name IPv4's loopback address only. */
function withLoopback(known: readonly HostAddress[]): readonly HostAddress[] {
  const missing = LOOPBACK.filter(({ family }) => !known.some((each) => each.family === family));
  return missing.length === 0 ? known : [...known, ...missing];
}

function addressesOf(result: FamilyResult, family: 4 | 6): readonly HostAddress[] {
  return result.kind === "addresses"
    ? result.addresses.map((address) => ({ address, family }))
    : NO_ADDRESSES;
}

/** Neither addresses nor the word of a name server that there are none. */
function isFailed({ ipv4, ipv6 }: QueryResult): boolean {
  if (ipv4.kind === "addresses" || ipv6.kind === "addresses") return false;
  return ipv4.kind === "failed" || ipv6.kind === "failed";
}

function ttlOf(result: FamilyResult): number {
  return result.kind === "addresses" ? result.ttlSeconds : Number.POSITIVE_INFINITY;
}

/** In any order: name servers rotate them. */
function sameAddresses(a: readonly HostAddress[], b: readonly HostAddress[]): boolean {
  return a.length === b.length && a.every((each) => b.some((other) => other.address === each.address));
}

function noRecord(name: string, reason: string): NameError {
  return new NameError("ENOTFOUND", name, reason);
}

function temporary(name: string, reason: string): NameError {
  return new NameError("EAI_AGAIN", name, reason);
}
