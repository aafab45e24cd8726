/**
 * HOT. The forwardings in flight: a dense list, each member knowing its place. Not a Set: each time V8 makes a Set's table
 * anew (here every few dozen requests) the old table points to the new one and still holds its members. Once one old table
 * is in the old generation, whole requests follow it there until the next full collection: measured, a third of all bytes.
 */
export interface Placed {
  /** -1 outside. Only the list writes it. */
  place: number;
}

export class InFlight<T extends Placed> {
  readonly #members: T[] = [];

  get size(): number {
    return this.#members.length;
  }

  add(member: T): void {
    if (member.place >= 0) return;
    member.place = this.#members.push(member) - 1;
  }

  delete(member: T): void {
    const { place } = member;
    if (place < 0) return;
    member.place = -1;
    const last = this.#members.pop() as T;
    if (last === member) return;
    this.#members[place] = last;
    last.place = place;
  }

  /** Of this moment: members may go meanwhile. */
  toArray(): T[] {
    return this.#members.slice();
  }
}
