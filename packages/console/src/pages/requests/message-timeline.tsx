/** Where the time of a request went: a bar for each piece, with its name and its length. */
import type { MessageRowFragment } from "../../gen/requests.js";
import { formatDuration } from "../../ui/format.js";
import classes from "./requests.module.css";
import { pieceNames, timelineOf } from "./timeline.js";

export function MessageTimeline({ message }: { readonly message: MessageRowFragment }) {
  const pieces = timelineOf(message);
  const totalMs = Math.max(message.durationMs, ...pieces.map(({ toMs }) => toMs), 0.001);
  const hasAttempts = message.attempts.length > 1;
  return (
    <section aria-label="Timeline">
      <h3 className={classes.heading}>Timeline</h3>
      <ol className={classes.timeline}>
        {pieces.map(({ kind, attempt, fromMs, toMs }) => (
          <li key={`${kind} ${fromMs}`} className={classes.piece} data-kind={kind}>
            <span>
              {pieceNames[kind]}
              {hasAttempts && attempt > 0 && <span className="lk-muted"> · attempt {attempt}</span>}
            </span>
            <svg className={classes.bar} aria-hidden="true" focusable="false">
              <rect
                x={`${(fromMs / totalMs) * 100}%`}
                width={`${Math.max(0.6, ((toMs - fromMs) / totalMs) * 100)}%`}
                height="100%"
                rx="2"
              />
            </svg>
            <span className={classes.took}>{formatDuration((toMs - fromMs) * 1_000)}</span>
          </li>
        ))}
        <li className={classes.piece} data-kind="total">
          <span>Total</span>
          <span />
          <span className={classes.took}>{formatDuration(message.durationMs * 1_000)}</span>
        </li>
      </ol>
    </section>
  );
}
