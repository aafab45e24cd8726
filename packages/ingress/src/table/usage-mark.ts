/** HOT. Where a key's counts of the present interval are among the rows of usage/; stale once the interval is over. */
export class UsageMark {
  /** Of the rows that `row` is among; 0 before the first request. */
  interval = 0;
  /** The latest of the key's rows. */
  row = -1;
}
