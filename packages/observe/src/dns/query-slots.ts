/**
 * Bounds how many names are asked about at once. Questions that get no response hold a slot for seconds and must not keep
 * others waiting: they have slots of their own, and a question that turns out to be slow moves there.
 */

export interface Slot {
  isSlow: boolean;
}

interface Job {
  readonly slot: Slot;
  readonly run: (slot: Slot) => void;
}

/** Slow questions may be many when they all began as others: together with them, this many times the slots. */
const ALL_FACTOR = 4;

export class QuerySlots {
  readonly #slotsMax: number;
  readonly #slowMax: number;
  readonly #queueMax: number;
  readonly #queue: Job[] = [];
  readonly #slowQueue: Job[] = [];
  #active = 0;
  #slowActive = 0;

  constructor(slotsMax: number, queueMax: number) {
    this.#slotsMax = slotsMax;
    this.#slowMax = Math.max(1, slotsMax >> 1);
    this.#queueMax = queueMax;
  }

  get active(): number {
    return this.#active + this.#slowActive;
  }

  /** Runs the job now or when a slot is free; it must call `release` once. False: the queue is full. */
  take(isSlow: boolean, run: (slot: Slot) => void): boolean {
    const queue = isSlow ? this.#slowQueue : this.#queue;
    queue.push({ slot: { isSlow }, run });
    this.#start();
    if (queue.length <= this.#queueMax) return true;
    queue.pop();
    return false;
  }

  becameSlow(slot: Slot): void {
    if (slot.isSlow) return;
    slot.isSlow = true;
    this.#active--;
    this.#slowActive++;
    this.#start();
  }

  release(slot: Slot): void {
    if (slot.isSlow) this.#slowActive--;
    else this.#active--;
    this.#start();
  }

  #start(): void {
    while (this.active < this.#slotsMax * ALL_FACTOR) {
      const job =
        (this.#active < this.#slotsMax ? this.#queue.shift() : undefined) ??
        (this.#slowActive < this.#slowMax ? this.#slowQueue.shift() : undefined);
      if (job === undefined) return;
      if (job.slot.isSlow) this.#slowActive++;
      else this.#active++;
      job.run(job.slot);
    }
  }
}
