// Members that come and go, in a dense list in which each knows its place. Not a Set: each time V8 makes a Set's table
// anew (with a few dozen members, every few dozen changes) the old table points to the new one and still holds its
// members. Once one old table is in the old generation, whole requests or connections follow it there until the next full
// collection (docs/adr/0406-requests-outside-of-sets.md).

export interface Placed {
  /** -1 outside. Only the list writes it. */
  place: number;
}

export class DenseList<T extends Placed> {
  readonly #members: T[] = [];

  get size(): number {
    return this.#members.length;
  }

  add(member: T): void {
    if (member.place >= 0) return;
    member.place = this.#members.push(member) - 1;
  }

  /** The last member takes the place that becomes free. */
  delete(member: T): void {
    const { place } = member;
    if (place < 0) return;
    member.place = -1;
    const last = this.#members.pop() as T;
    if (last === member) return;
    this.#members[place] = last;
    last.place = place;
  }

  /** Who has the place now. To meet all members although they come and go meanwhile, walk from the last to the first. */
  at(place: number): T | undefined {
    return this.#members[place];
  }

  /** A copy: members may be deleted while it is walked. */
  toArray(): T[] {
    return this.#members.slice();
  }
}
