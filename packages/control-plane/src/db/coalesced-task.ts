/** Runs a task one time after the other. Calls that come while it runs share one more run, so that a slow database lets none pile up. */
export class CoalescedTask {
  readonly #task: () => Promise<void>;
  #running: Promise<void> = Promise.resolve();
  /** Begins when the one that runs is over. */
  #next: Promise<void> | null = null;

  /** @param task never throws */
  constructor(task: () => Promise<void>) {
    this.#task = task;
  }

  /** Resolves after a run that began after the call. */
  run(): Promise<void> {
    this.#next ??= this.#running.then(() => this.#start());
    return this.#next;
  }

  #start(): Promise<void> {
    this.#next = null;
    this.#running = this.#task();
    return this.#running;
  }
}
