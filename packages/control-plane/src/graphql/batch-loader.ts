/**
 * Merges the look-ups of one turn of the event loop into one query, and remembers the answers for the request.
 * One instance a request: never shared, so never stale for others.
 */
export class BatchLoader<K, V> {
  readonly #fetch: (keys: readonly K[]) => Promise<(key: K) => V>;
  readonly #known = new Map<K, Promise<V>>();
  #pending: { readonly keys: K[]; readonly answer: Promise<(key: K) => V> } | null = null;

  /** `fetch` gets distinct keys and gives a function from key to value. */
  constructor(fetch: (keys: readonly K[]) => Promise<(key: K) => V>) {
    this.#fetch = fetch;
  }

  load(key: K): Promise<V> {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const batch = this.#pending ?? this.#open();
    batch.keys.push(key);
    const value = batch.answer.then((answer) => answer(key));
    this.#known.set(key, value);
    return value;
  }

  /** Forgets what a mutation of the same request has changed. */
  clear(): void {
    this.#known.clear();
  }

  #open() {
    const keys: K[] = [];
    // After all promise callbacks of this turn, so that fields resolved one promise later still come along.
    const answer = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      this.#pending = null;
      return this.#fetch(keys);
    });
    this.#pending = { keys, answer };
    return this.#pending;
  }
}
