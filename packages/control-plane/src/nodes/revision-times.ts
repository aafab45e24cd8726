/** When the newest revisions were committed, by the monotonic clock, for lags and receipts. Bounded; says nothing of older ones. */
import type { Revision } from "@latchkey/snapshot";

const REVISIONS_MAX = 10_000;

interface Entry {
  readonly number: number;
  readonly atMs: number;
}

export class RevisionTimes {
  #epoch: number;
  #entries: Entry[] = [];
  #newest: number;
  #sinceMs: number;

  constructor(revision: Revision, nowMs: number) {
    this.#epoch = revision.epoch;
    this.#newest = revision.number;
    this.#sinceMs = nowMs;
  }

  get newest(): Revision {
    return { epoch: this.#epoch, number: this.#newest };
  }

  /** Notes a commit; one that is known already changes nothing. */
  note(revision: Revision, atMs: number): void {
    if (revision.epoch !== this.#epoch) {
      if (revision.epoch < this.#epoch) return;
      this.#epoch = revision.epoch;
      this.#entries = [];
      this.#sinceMs = atMs;
    } else if (revision.number <= this.#newest) return;
    this.#newest = revision.number;
    this.#entries.push({ number: revision.number, atMs });
    if (this.#entries.length > REVISIONS_MAX * 2) this.#entries = this.#entries.slice(-REVISIONS_MAX);
  }

  /** When the revision was committed; null when that was before our time. A later one seen with it counts for it. */
  committedAtMs(number: number): number | null {
    const first = this.#entries[0];
    if (first === undefined || number < first.number) return null;
    return this.#firstFrom(number)?.atMs ?? null;
  }

  /** Since when something after this revision has been waiting; null when it is the newest. */
  owedSinceMs(number: number): number | null {
    if (number >= this.#newest) return null;
    return this.#firstFrom(number + 1)?.atMs ?? this.#sinceMs;
  }

  #firstFrom(number: number): Entry | undefined {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle]?.number ?? 0) < number) low = middle + 1;
      else high = middle;
    }
    return this.#entries[low];
  }
}
