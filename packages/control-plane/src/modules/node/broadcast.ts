/**
 * Values for many listeners as async iterators, for GraphQL subscriptions. A slow listener loses the oldest values;
 * nobody waits for anybody. At most `listenersMax` listeners.
 */

export class TooManyListeners extends Error {
  override readonly name = "TooManyListeners";
}

export interface BroadcastOptions {
  readonly listenersMax: number;
  /** Values that wait for one listener; the oldest is dropped beyond. 1 = only the newest counts. */
  readonly backlogMax: number;
}

export class Broadcast<T> {
  readonly #options: BroadcastOptions;
  readonly #listeners = new Set<Listener<T>>();

  constructor(options: BroadcastOptions) {
    this.#options = options;
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  send(value: T): void {
    for (const listener of this.#listeners) listener.push(value);
  }

  /** Values from now on. `end` of the iterator (return) frees the place. @throws TooManyListeners */
  listen(): AsyncIterableIterator<T> {
    if (this.#listeners.size >= this.#options.listenersMax)
      throw new TooManyListeners(`at most ${this.#options.listenersMax} listeners`);
    const listener = new Listener<T>(this.#options.backlogMax, () => this.#listeners.delete(listener));
    this.#listeners.add(listener);
    return listener;
  }

  /** Ends every iterator. */
  close(): void {
    for (const listener of [...this.#listeners]) void listener.return();
  }
}

class Listener<T> implements AsyncIterableIterator<T> {
  readonly #backlogMax: number;
  readonly #onEnd: () => void;
  #backlog: T[] = [];
  #waiting: ((result: IteratorResult<T>) => void)[] = [];
  #isOver = false;

  constructor(backlogMax: number, onEnd: () => void) {
    this.#backlogMax = backlogMax;
    this.#onEnd = onEnd;
  }

  push(value: T): void {
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) {
      waiting({ value, done: false });
      return;
    }
    this.#backlog.push(value);
    if (this.#backlog.length > this.#backlogMax) this.#backlog.shift();
  }

  next(): Promise<IteratorResult<T>> {
    const [value, ...rest] = this.#backlog;
    if (value !== undefined) {
      this.#backlog = rest;
      return Promise.resolve({ value, done: false });
    }
    if (this.#isOver) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return(): Promise<IteratorResult<T>> {
    this.#isOver = true;
    this.#backlog = [];
    this.#onEnd();
    for (const waiting of this.#waiting) waiting({ value: undefined, done: true });
    this.#waiting = [];
    return Promise.resolve({ value: undefined, done: true });
  }

  throw(error: unknown): Promise<IteratorResult<T>> {
    void this.return();
    return Promise.reject(error instanceof Error ? error : new Error("the listener failed"));
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return this;
  }
}
