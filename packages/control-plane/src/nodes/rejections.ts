/** What a node cannot use, since when, and the text it rests as. Immutable; no I/O. */
import { type ResourceRef, resourceName } from "@latchkey/snapshot";
import type { RejectedReport } from "../snapshot/node-observer.js";

export interface Rejection extends RejectedReport {
  /** Since when the node has rejected it for this reason. */
  readonly sinceMs: number;
}

/** The resources that a node rejects, by name. */
export class Rejections {
  /** When the list last changed, and what tells it from the one before; null: it never did. */
  readonly changedAtMs: number | null;
  readonly #byName: ReadonlyMap<string, Rejection>;

  private constructor(changedAtMs: number | null, all: readonly Rejection[]) {
    this.changedAtMs = changedAtMs;
    this.#byName = new Map(all.map((rejection) => [resourceName(rejection.ref), rejection]));
  }

  static readonly none = new Rejections(null, []);

  /** @param text as `toText` made it; null: there are none */
  static fromText(text: string | null, changedAtMs: number | null): Rejections {
    return new Rejections(changedAtMs, text === null ? [] : (JSON.parse(text) as Rejection[]));
  }

  get all(): readonly Rejection[] {
    return [...this.#byName.values()];
  }

  get any(): boolean {
    return this.#byName.size > 0;
  }

  of(ref: ResourceRef): Rejection | null {
    return this.#byName.get(resourceName(ref)) ?? null;
  }

  /**
   * The list after a report; itself when nothing changed. What goes on for the same reason keeps its time.
   * @param before a list that the report goes on from, as well
   */
  next(reported: readonly RejectedReport[], nowMs: number, before: Rejections = this): Rejections {
    const sinceOf = ({ ref, reason }: RejectedReport): number =>
      [this, before].map((list) => list.of(ref)).find((known) => known?.reason === reason)?.sinceMs ?? nowMs;
    const all = reported.map((report) => ({ ...report, sinceMs: sinceOf(report) }));
    const next = new Rejections(Math.max(nowMs, (this.changedAtMs ?? 0) + 1), all);
    return next.#isSame(this) ? this : next;
  }

  /** Null: there are none. */
  toText(): string | null {
    return this.any ? JSON.stringify(this.all) : null;
  }

  #isSame(other: Rejections): boolean {
    return (
      this.#byName.size === other.#byName.size &&
      [...this.#byName].every(([name, { reason }]) => other.#byName.get(name)?.reason === reason)
    );
  }
}

/** A resource that nodes cannot use. */
interface RejectedByNodes {
  readonly ref: Rejection["ref"];
  readonly nodes: number;
  /** Since when the first of them. */
  readonly sinceMs: number;
}

/** Those on most nodes first. */
export function rejectedByNodes(lists: Iterable<Rejections>): readonly RejectedByNodes[] {
  const found = new Map<string, RejectedByNodes>();
  for (const list of lists)
    for (const { ref, sinceMs } of list.all) {
      const name = resourceName(ref);
      const known = found.get(name);
      found.set(name, {
        ref,
        nodes: (known?.nodes ?? 0) + 1,
        sinceMs: Math.min(known?.sinceMs ?? sinceMs, sinceMs),
      });
    }
  return [...found.values()].sort((a, b) => b.nodes - a.nodes || a.sinceMs - b.sinceMs);
}
