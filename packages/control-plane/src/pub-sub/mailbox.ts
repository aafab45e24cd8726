/**
 * Values for one listener as an async iterator. Ending it takes effect at once, also while it waits (an async generator
 * would wait for its next value first, and leak until then). When full, the oldest value goes.
 */
export class Mailbox<T> implements AsyncIterableIterator<T> {
  readonly #backlogMax: number;
  readonly #onEnd: () => void;
  readonly #backlog: T[] = [];
  readonly #waiting: ((result: IteratorResult<T>) => void)[] = [];
  #isFinished = false;

  constructor(backlogMax: number, onEnd: () => void = () => {}) {
    this.#backlogMax = backlogMax;
    this.#onEnd = onEnd;
  }

  push(value: T): void {
    if (this.#isFinished) return;
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) {
      waiting({ value, done: false });
      return;
    }
    this.#backlog.push(value);
    if (this.#backlog.length > this.#backlogMax) this.#backlog.shift();
  }

  /** No more values: what is there may still be taken. */
  finish(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    for (const waiting of this.#waiting.splice(0)) waiting({ value: undefined, done: true });
    this.#onEnd();
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#backlog.length > 0) return Promise.resolve({ value: this.#backlog.shift() as T, done: false });
    if (this.#isFinished) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The listener has had enough. */
  return(): Promise<IteratorResult<T>> {
    this.#backlog.length = 0;
    this.finish();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return this;
  }
}

/** Each value as `map` makes it; those it makes `null` are left out. Ends with the source, and ends it at once. */
export function mapValues<T, R>(source: Mailbox<T>, map: (value: T) => R | null): AsyncIterableIterator<R> {
  const next = async (): Promise<IteratorResult<R>> => {
    for (;;) {
      const taken = await source.next();
      if (taken.done === true) return { value: undefined, done: true };
      const value = map(taken.value);
      if (value !== null) return { value, done: false };
    }
  };
  const mapped: AsyncIterableIterator<R> = {
    next,
    return: async () => {
      await source.return();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]: () => mapped,
  };
  return mapped;
}
