/** The audit log, newest first: who did what to what, and what it was before and after. */

import { Link } from "react-router";
import { useQuery } from "urql";
import { ActivityDocument, type ActivityQuery, type AuditTargetKind } from "../../gen/activity.js";
import { EmptyState } from "../../ui/empty-state.js";
import { extentOf } from "../../ui/extent.js";
import { Failure } from "../../ui/failure.js";
import { Pager } from "../../ui/pager.js";
import { RowsSkeleton } from "../../ui/skeletons.js";
import { Tag, type Tone } from "../../ui/tag.js";
import { exactTime, TimeAgo } from "../../ui/time-ago.js";
import type { ListParams } from "../../ui/use-list-params.js";
import classes from "./activity.module.css";
import { changesOf } from "./changes-of.js";

const PAGE_SIZE = 50;

type Entry = ActivityQuery["auditLog"]["nodes"][number];

const verbs: Readonly<Record<string, { readonly text: string; readonly tone: Tone }>> = {
  create: { text: "made", tone: "ok" },
  update: { text: "changed", tone: "accent" },
  delete: { text: "deleted", tone: "bad" },
  regenerate: { text: "regenerated", tone: "warn" },
  regenerateToken: { text: "gave a new token to", tone: "warn" },
  reveal: { text: "looked at the secret of", tone: "warn" },
  refuse: { text: "was refused by", tone: "bad" },
};

/** Verbs that read differently for one kind. */
const actions: typeof verbs = {
  "session.create": { text: "signed in and opened", tone: "ok" },
  "session.end": { text: "ended", tone: "neutral" },
  "epoch.begin": { text: "began a new epoch after", tone: "warn" },
  "access.refuse": { text: "was refused", tone: "bad" },
};

const kinds: Readonly<Record<AuditTargetKind, string>> = {
  API: "the API",
  API_KEY: "the key",
  INTEGRATION: "the integration",
  SUBSCRIPTION: "the subscription",
  NODE: "the node",
  SESSION: "the session of",
  ACCESS: "access to",
  DATABASE: "the restore of the",
};

function targetLink(entry: Entry): string | null {
  if (entry.action.endsWith(".delete")) return null;
  if (entry.targetKind === "API") return `/apis/${entry.targetId}`;
  if (entry.targetKind === "INTEGRATION") return `/integrations/${entry.targetId}`;
  return null;
}

export interface ActivityListProps {
  readonly list: ListParams;
  readonly filter: { readonly targetId?: string; readonly action?: string; readonly actor?: string };
}

export function ActivityList({ list, filter }: ActivityListProps) {
  const [{ data, error }, refetch] = useQuery({
    query: ActivityDocument,
    variables: { ...list.paging(PAGE_SIZE), filter },
    requestPolicy: "cache-and-network",
  });
  const log = data?.auditLog;
  if (log === undefined) {
    if (error === undefined) return <RowsSkeleton />;
    return <Failure error={error} retry={() => refetch({ requestPolicy: "network-only" })} />;
  }
  if (log.nodes.length === 0)
    return (
      <EmptyState icon="activity" title="Nothing happened here yet">
        Every change that people make is written down here, with what it was before and after.
      </EmptyState>
    );
  return (
    <>
      <ol className={classes.entries}>
        {log.nodes.map((entry) => (
          <EntryRow key={entry.id} entry={entry} />
        ))}
      </ol>
      <Pager
        pageInfo={log.pageInfo}
        extent={extentOf(list.from, log.nodes.length, log.totalCount, log.pageInfo)}
        pageSize={PAGE_SIZE}
        noun={["entry", "entries"]}
        onPage={list.page}
      />
    </>
  );
}

function EntryRow({ entry }: { readonly entry: Entry }) {
  const verb = actions[entry.action] ??
    verbs[entry.action.slice(entry.action.indexOf(".") + 1)] ?? {
      text: entry.action,
      tone: "neutral" as const,
    };
  const changes = changesOf(entry.before, entry.after);
  const link = targetLink(entry);
  return (
    <li className={classes.entry}>
      <div className={classes.line}>
        <Tag tone={verb.tone}>{entry.action}</Tag>
        <span className={classes.sentence}>
          <strong>{entry.actor}</strong> {verb.text} {kinds[entry.targetKind]}{" "}
          {link === null ? <strong>{entry.targetName}</strong> : <Link to={link}>{entry.targetName}</Link>}
        </span>
        <span className={classes.when}>
          <TimeAgo at={entry.at} />
        </span>
      </div>
      <details className={classes.details}>
        <summary>
          {changes.length === 0
            ? "Details"
            : `Details, ${changes.length} ${changes.length === 1 ? "field" : "fields"}`}
        </summary>
        <dl className={classes.facts}>
          <dt>When</dt>
          <dd>{exactTime(entry.at)}</dd>
          {entry.revision !== null && (
            <>
              <dt>Revision</dt>
              <dd>{entry.revision.number}</dd>
            </>
          )}
          {entry.address !== null && (
            <>
              <dt>Address</dt>
              <dd className="lk-mono lk-break">{entry.address}</dd>
            </>
          )}
          {entry.requestId !== null && (
            <>
              <dt>Request</dt>
              <dd className="lk-mono lk-break">{entry.requestId}</dd>
            </>
          )}
        </dl>
        {changes.length > 0 && (
          <div className={classes.scroll}>
            <table className={classes.changes}>
              <caption className="lk-visually-hidden">Changed fields</caption>
              <thead>
                <tr>
                  <th scope="col">Field</th>
                  <th scope="col">Before</th>
                  <th scope="col">After</th>
                </tr>
              </thead>
              <tbody>
                {changes.map((change) => (
                  <tr key={change.name}>
                    <th scope="row">{change.name}</th>
                    <td data-side="before">{change.before ?? <span className="lk-muted">–</span>}</td>
                    <td data-side="after">{change.after ?? <span className="lk-muted">–</span>}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </details>
    </li>
  );
}
