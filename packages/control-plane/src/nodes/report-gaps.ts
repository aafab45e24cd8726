/** When a node reported nothing: its counts of these times are missing or late. Bounded; ends with the process. */

export interface TimeSpan {
  readonly fromMs: number;
  /** Null: it still lasts. */
  readonly toMs: number | null;
}

/** Nodes speak every 5 s. Shorter gaps are reconnects: the counts come with the next report. */
const GAP_MS_MIN = 15_000;
/** A stream that is closed may be back at once. */
const GONE_MS_MIN = 3_000;
const GAPS_MAX = 200;

export class ReportGaps {
  #gaps: TimeSpan[] = [];

  heard(lastHeardMs: number | null, nowMs: number): void {
    if (lastHeardMs === null || nowMs - lastHeardMs < GAP_MS_MIN) return;
    this.#gaps.push({ fromMs: lastHeardMs, toMs: nowMs });
    if (this.#gaps.length > GAPS_MAX) this.#gaps = this.#gaps.slice(-GAPS_MAX);
  }

  /** Oldest first, cut to `sinceMs`, with the one that lasts. */
  since(
    sinceMs: number,
    now: { readonly lastHeardMs: number | null; readonly isGone: boolean; readonly nowMs: number },
  ): readonly TimeSpan[] {
    const { lastHeardMs, isGone, nowMs } = now;
    const gaps = this.#gaps.filter(({ toMs }) => toMs !== null && toMs - sinceMs >= GAP_MS_MIN);
    const lasting =
      lastHeardMs !== null && nowMs - lastHeardMs >= (isGone ? GONE_MS_MIN : GAP_MS_MIN)
        ? [{ fromMs: lastHeardMs, toMs: null }]
        : [];
    return [...gaps, ...lasting].map((gap) => ({ ...gap, fromMs: Math.max(gap.fromMs, sinceMs) }));
  }
}
