/** (epoch, number): the order of revisions. A restore starts a new epoch; within an epoch numbers only grow. */

export interface Revision {
  /** Milliseconds since 1970 at which the epoch began; > 0. */
  readonly epoch: number;
  /** Grows by one with each committed change; ≥ 0. */
  readonly number: number;
}

/** False for numbers that no revision has: those beyond 2^53 - 1, which would not survive arithmetic. */
export function isRevision({ epoch, number }: Revision): boolean {
  return Number.isSafeInteger(epoch) && epoch > 0 && Number.isSafeInteger(number) && number >= 0;
}

/** Negative, zero or positive, as for `Array.prototype.sort`. */
export function compareRevisions(a: Revision, b: Revision): number {
  return a.epoch - b.epoch || a.number - b.number;
}

export function sameRevision(a: Revision, b: Revision): boolean {
  return a.epoch === b.epoch && a.number === b.number;
}

/** `epoch/number`, for logs and messages. */
export function formatRevision(revision: Revision): string {
  return `${revision.epoch}/${revision.number}`;
}
