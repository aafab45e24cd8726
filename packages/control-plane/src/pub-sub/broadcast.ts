/** Values for many listeners. Nobody waits for anybody: a slow one loses the oldest. At most `listenersMax` listeners. */
import { Mailbox } from "./mailbox.js";

export class TooManyListeners extends Error {
  override readonly name = "TooManyListeners";
}

export interface BroadcastOptions {
  readonly listenersMax: number;
  /** Values that wait for one listener. */
  readonly backlogMax: number;
}

export class Broadcast<T> {
  readonly #options: BroadcastOptions;
  readonly #listeners = new Set<Mailbox<T>>();

  constructor(options: BroadcastOptions) {
    this.#options = options;
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  send(value: T): void {
    for (const listener of this.#listeners) listener.push(value);
  }

  /** Values from now on. Returning the iterator frees the place. @throws TooManyListeners */
  listen(): Mailbox<T> {
    if (this.#listeners.size >= this.#options.listenersMax)
      throw new TooManyListeners(`at most ${this.#options.listenersMax} listeners`);
    const listener = new Mailbox<T>(this.#options.backlogMax, () => this.#listeners.delete(listener));
    this.#listeners.add(listener);
    return listener;
  }

  /** Ends every iterator. */
  close(): void {
    for (const listener of [...this.#listeners]) listener.finish();
  }
}
