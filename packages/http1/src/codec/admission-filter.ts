// Decides whether to cache a new value: after four misses in a row, one in 32 is cached. So values that never repeat
// cost little more than a comparison.

/** Misses in a row of which each is cached. */
const MISSES_MAX = 4;
/** After that, one of so many. Power of two. */
const ONE_IN = 32;
/** After so many misses in a row, one of so many values is compared with the cached one. Power of two. */
const COMPARED_ONE_IN = 8;

export class AdmissionFilter {
  /** In a row. */
  #misses = 0;

  /** Whether to compare a value with the cached one, where that costs. Always true after something was cached. */
  isWorthComparing(): boolean {
    return this.#misses <= COMPARED_ONE_IN || (this.#misses & (COMPARED_ONE_IN - 1)) === 1;
  }

  /** @returns whether to cache the value */
  admitsMiss(): boolean {
    const before = this.#misses++;
    return before < MISSES_MAX || (before & (ONE_IN - 1)) === 0;
  }

  hit(): void {
    this.#misses = 0;
  }
}
