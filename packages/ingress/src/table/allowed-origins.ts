/**
 * What the APIs of a table allow pages of an origin, taken together. A preflight request carries no key, so it gets the
 * response that suits any API of the node; the request that follows it gets its own API's policy. Never linear in the
 * number of APIs.
 */
import { ANY_ORIGIN, type CorsPolicy, originPatternsOf } from "@latchkey/core";

const ANY = "*";

/** What pages of an origin may do. */
export class OriginRules {
  /** The origin itself, or `*` where nothing allows it by name. */
  readonly allowOrigin: string;
  readonly #entries: readonly OriginEntry[];

  constructor(allowOrigin: string, entries: readonly OriginEntry[]) {
    this.allowOrigin = allowOrigin;
    this.#entries = entries;
  }

  allowsMethod(method: string): boolean {
    return this.#entries.some(({ methods }) => methods.has(ANY) || methods.has(method));
  }

  /** @param name in lower case */
  allowsHeader(name: string): boolean {
    return this.#entries.some(({ headers }) => headers.has(ANY) || headers.has(name));
  }

  get credentials(): boolean {
    return this.#entries.some(({ credentialsCount }) => credentialsCount > 0);
  }

  /** The shortest, so that no API's change is seen later than it says. */
  get maxAgeSeconds(): number {
    return Math.min(...this.#entries.flatMap(({ ages }) => ages.values()));
  }
}

export class AllowedOrigins {
  readonly #entries = new Map<string, OriginEntry>();

  /** No API of the table has a policy. */
  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  add(policy: CorsPolicy): void {
    for (const origin of policy.origins) {
      let entry = this.#entries.get(origin);
      if (entry === undefined) {
        entry = new OriginEntry();
        this.#entries.set(origin, entry);
      }
      entry.add(policy);
    }
  }

  /** Of a policy that was added. */
  remove(policy: CorsPolicy): void {
    for (const origin of policy.origins)
      if (this.#entries.get(origin)?.remove(policy)) this.#entries.delete(origin);
  }

  /** Null: no API allows the origin. @param origin as the browser sent it */
  rulesFor(origin: string): OriginRules | null {
    const entries: OriginEntry[] = [];
    let allowOrigin = ANY_ORIGIN;
    for (const pattern of originPatternsOf(origin)) {
      const entry = this.#entries.get(pattern);
      if (entry === undefined) continue;
      entries.push(entry);
      if (pattern !== ANY_ORIGIN) allowOrigin = origin;
    }
    return entries.length === 0 ? null : new OriginRules(allowOrigin, entries);
  }
}

/** The APIs that name one origin or wildcard. */
class OriginEntry {
  readonly methods = new Tally<string>();
  readonly headers = new Tally<string>();
  readonly ages = new Tally<number>();
  credentialsCount = 0;
  #policyCount = 0;

  add(policy: CorsPolicy): void {
    this.#policyCount++;
    for (const method of orAny(policy.methods)) this.methods.add(method);
    for (const header of orAny(policy.headers)) this.headers.add(header);
    this.ages.add(policy.maxAgeSeconds);
    if (policy.credentials) this.credentialsCount++;
  }

  /** @returns whether none is left */
  remove(policy: CorsPolicy): boolean {
    this.#policyCount--;
    for (const method of orAny(policy.methods)) this.methods.remove(method);
    for (const header of orAny(policy.headers)) this.headers.remove(header);
    this.ages.remove(policy.maxAgeSeconds);
    if (policy.credentials) this.credentialsCount--;
    return this.#policyCount === 0;
  }
}

/** How often each value was added and not removed. */
class Tally<T> {
  readonly #counts = new Map<T, number>();

  add(value: T): void {
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1);
  }

  remove(value: T): void {
    const count = this.#counts.get(value) ?? 0;
    if (count > 1) this.#counts.set(value, count - 1);
    else this.#counts.delete(value);
  }

  has(value: T): boolean {
    return this.#counts.has(value);
  }

  values(): T[] {
    return [...this.#counts.keys()];
  }
}

function orAny(names: readonly string[]): readonly string[] {
  return names.length === 0 ? [ANY] : names;
}

/** Whether a policy lets pages of the origin read responses. */
export function allowsOrigin({ origins }: CorsPolicy, origin: string): boolean {
  // Named as it is: the patterns need not be made. What has a wildcard is a pattern and no origin.
  if (origins.includes(origin) && !origin.includes(ANY_ORIGIN)) return true;
  return originPatternsOf(origin).some((pattern) => origins.includes(pattern));
}
