// HOT. Whether what is new is worth keeping for the next time: what is new each time is tried only now and then.

/** So many that are new in a row are kept. */
const NEW_MAX = 4;
/** After that, one of so many. Power of two. */
const NOW_AND_THEN = 32;
/** After so many that were new in a row, one of so many is compared with what is kept. Power of two. */
const COMPARED = 8;

export class Novelty {
  /** In a row. */
  #new = 0;

  /** Whether to compare what came with what is kept, where comparing costs. Always right after something was kept. */
  isWorthComparing(): boolean {
    return this.#new <= COMPARED || (this.#new & (COMPARED - 1)) === 1;
  }

  /** Something new came. @returns whether to keep it */
  isWorthKeeping(): boolean {
    const before = this.#new++;
    return before < NEW_MAX || (before & (NOW_AND_THEN - 1)) === 0;
  }

  /** What was kept came again. */
  metAgain(): void {
    this.#new = 0;
  }
}
