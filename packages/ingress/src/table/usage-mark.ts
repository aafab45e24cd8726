/** Where a key's counts of the present interval are among the rows of usage/; stale once the interval is over. */
export class UsageMark {
  /** Of the rows that `row` is among; 0 before the first request. */
  interval = 0;
  /** The latest of the key's rows, and what it counts: asked here first, since the key is at hand and the row is not. */
  row = -1;
  route: object | null = null;
  outcome = 0;
}
