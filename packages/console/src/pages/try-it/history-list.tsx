/** The last requests of this API; one click brings a request and its response back. */
import { EmptyState } from "../../ui/empty-state.js";
import { MethodBadge } from "../../ui/method-badge.js";
import { Tag } from "../../ui/tag.js";
import { TimeAgo } from "../../ui/time-ago.js";
import { statusTone } from "./response-view.js";
import type { HistoryEntry } from "./try-history.js";
import classes from "./try-it.module.css";

export interface HistoryListProps {
  readonly entries: readonly HistoryEntry[];
  readonly onOpen: (entry: HistoryEntry) => void;
}

export function HistoryList({ entries, onOpen }: HistoryListProps) {
  if (entries.length === 0)
    return (
      <EmptyState icon="player-play" title="No requests yet">
        Requests that you send are listed here, without their keys, until the page is loaded again.
      </EmptyState>
    );
  return (
    <ul className={classes.history} aria-label="Sent requests">
      {entries.map((entry) => (
        <li key={entry.id}>
          <button type="button" className={classes.historyEntry} onClick={() => onOpen(entry)}>
            <MethodBadge method={entry.method} compact />
            <span className="lk-mono lk-ellipsis">{entry.path}</span>
            {entry.sent.map(({ label, outcome }) => (
              <Tag
                key={label}
                tone={outcome.kind === "received" ? statusTone(outcome.response.status) : "bad"}
                title={label}
              >
                {outcome.kind === "received" ? outcome.response.status : "failed"}
              </Tag>
            ))}
            <span className="lk-muted">
              <TimeAgo at={entry.at} />
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
