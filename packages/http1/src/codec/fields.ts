// Headers that may belong to many heads: equal heads of an origin have the same object, and a
// gateway has lines that it adds to every request. So what is made of them is made once.

/** Lines were written once: not worth keeping what was made of them yet. */
export const ONCE = Symbol("once");

export class Fields {
  /** Flat `name, value, name, value, …`, in order. Never changed. */
  readonly list: readonly string[];
  /** What the one who reads or writes these lines made of them, to find it again. */
  derived: unknown = null;

  constructor(list: readonly string[]) {
    this.list = list;
  }
}
