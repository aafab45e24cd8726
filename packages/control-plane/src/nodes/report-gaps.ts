/** Since when a node reports nothing. Its counts of that time are missing or late. */

export interface TimeSpan {
  readonly fromMs: number;
  /** Null: it still lasts. */
  readonly toMs: number | null;
}

/** Nodes speak every 5 s. Shorter gaps are reconnects: the counts come with the next report. */
const GAP_MS_MIN = 15_000;
/** A stream that is closed may be back at once. */
const GONE_MS_MIN = 3_000;

/** Null while it reports, and when it never did. */
export function silenceOf({
  lastHeardMs,
  isGone,
  nowMs,
}: {
  readonly lastHeardMs: number | null;
  /** Its stream has ended. */
  readonly isGone: boolean;
  readonly nowMs: number;
}): TimeSpan | null {
  if (lastHeardMs === null || nowMs - lastHeardMs < (isGone ? GONE_MS_MIN : GAP_MS_MIN)) return null;
  return { fromMs: lastHeardMs, toMs: null };
}
