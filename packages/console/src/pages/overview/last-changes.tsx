/** The newest entries of the audit log, one line each. */
import { Link } from "react-router";
import { Panel } from "../../ui/page.js";
import { TimeAgo } from "../../ui/time-ago.js";
import { changeText } from "./change-text.js";
import classes from "./overview.module.css";
import type { OverviewData } from "./overview-data.js";

export function LastChanges({ entries }: { readonly entries: OverviewData["auditLog"]["nodes"] }) {
  return (
    <Panel title="Last changes" actions={<Link to="/activity">All activity</Link>} padded={false}>
      {entries.length === 0 && <p className={classes.nothing}>Nothing was changed yet.</p>}
      <ol className={classes.changes} aria-label="Last changes">
        {entries.map((entry) => {
          const { text, to } = changeText(entry);
          return (
            <li key={entry.id}>
              <span className={classes.changeText}>
                {text} {to === null ? <bdi>{entry.targetName}</bdi> : <Link to={to}>{entry.targetName}</Link>}
              </span>
              <span className={classes.changeMeta}>
                {entry.actor} · <TimeAgo at={entry.at} />
              </span>
            </li>
          );
        })}
      </ol>
    </Panel>
  );
}
