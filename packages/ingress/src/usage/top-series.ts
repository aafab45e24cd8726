/**
 * Decides which of many names have series of their own: those with most traffic. All others are counted together.
 * While there is room each name that comes gets in. Then, once a period, a name with more than twice a member's traffic
 * takes that member's place. A member that left goes on with its old value when it comes back while that is remembered.
 */

/** Values of names that left are remembered, this many times as many as there are members. */
const LEFT_PER_MEMBER = 4;
/** Names without series of their own that are counted within a period. The busiest come early. */
const CANDIDATES_MAX = 8_192;

interface Member<N, V> {
  readonly key: string;
  readonly name: N;
  readonly value: V;
  /** Of this period. */
  requests: number;
  /** Requests of its busiest period lately: halves each period. */
  lately: number;
}

interface Candidate<N> {
  readonly key: string;
  readonly name: N;
  requests: number;
}

export class TopSeries<N, V> {
  /** Of all names that have none of their own. */
  readonly other: V;
  readonly #max: number;
  readonly #make: () => V;
  readonly #members = new Map<string, Member<N, V>>();
  /** The name that left first comes first. */
  readonly #left = new Map<string, V>();
  readonly #candidates = new Map<string, Candidate<N>>();

  constructor(max: number, make: () => V, other = make()) {
    this.#max = max;
    this.#make = make;
    this.other = other;
  }

  /** Where requests of a name are counted. @param key tells names apart */
  of(key: string, name: N, requests: number): V {
    const member = this.#members.get(key) ?? (this.#members.size < this.#max ? this.#enter(key, name) : null);
    if (member !== null) {
      member.requests += requests;
      return member.value;
    }
    const candidate = this.#candidates.get(key);
    if (candidate !== undefined) candidate.requests += requests;
    else if (this.#candidates.size < CANDIDATES_MAX) this.#candidates.set(key, { key, name, requests });
    return this.other;
  }

  members(): readonly { readonly name: N; readonly value: V }[] {
    return [...this.#members.values()];
  }

  endPeriod(): void {
    const busiest = [...this.#candidates.values()].sort((a, b) => b.requests - a.requests);
    const quietest = [...this.#members.values()];
    for (const member of quietest) {
      member.lately = Math.max(member.requests, member.lately / 2);
      member.requests = 0;
    }
    quietest.sort((a, b) => a.lately - b.lately);
    for (const [i, member] of quietest.entries()) {
      const candidate = busiest[i];
      if (candidate === undefined || candidate.requests <= 2 * member.lately) break;
      this.#leave(member);
      this.#enter(candidate.key, candidate.name).lately = candidate.requests;
    }
    this.#candidates.clear();
  }

  #enter(key: string, name: N): Member<N, V> {
    const value = this.#left.get(key) ?? this.#make();
    this.#left.delete(key);
    const member: Member<N, V> = { key, name, value, requests: 0, lately: 0 };
    this.#members.set(key, member);
    return member;
  }

  #leave({ key, value }: Member<N, V>): void {
    this.#members.delete(key);
    this.#left.set(key, value);
    if (this.#left.size <= this.#max * LEFT_PER_MEMBER) return;
    const [oldest] = this.#left.keys();
    if (oldest !== undefined) this.#left.delete(oldest);
  }
}
