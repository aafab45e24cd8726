// Members that are called with each tick of the clock, unless they rest. When each one rests until stands in one array, so that
// thousands of idle connections cost a tick some microseconds: a look at each of them was a cache miss each.

import { DenseList, type Placed } from "./dense-list.js";

export class RestingList<T extends Placed> extends DenseList<T> {
  /** By place: no tick before this one is of interest. */
  readonly #until: number[] = [];

  override add(member: T): void {
    super.add(member);
    this.#until[member.place] = 0;
  }

  override delete(member: T): void {
    const { place } = member;
    super.delete(member);
    if (place < 0) return;
    const last = this.#until.pop()!;
    if (place < this.#until.length) this.#until[place] = last;
  }

  /** @param tick 0: wakes it */
  restUntil(member: T, tick: number): void {
    if (member.place >= 0) this.#until[member.place] = tick;
  }

  /** The next member that does not rest, from `place` down to the first; -1: there is none. */
  awakeBelow(place: number, tick: number): number {
    const until = this.#until;
    let at = Math.min(place, until.length) - 1;
    while (at >= 0 && until[at]! > tick) at--;
    return at;
  }
}
