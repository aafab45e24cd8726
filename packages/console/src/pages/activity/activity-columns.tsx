/** The columns of the audit log. */
import type { ActivityQuery } from "../../gen/activity.js";
import type { Column } from "../../ui/column.js";
import { RowLink } from "../../ui/row-link.js";
import tableClasses from "../../ui/table.module.css";
import { Tag } from "../../ui/tag.js";
import { TimeAgo } from "../../ui/time-ago.js";
import { actionWords, kindWords } from "./activity-words.js";
import { changesOf } from "./changes-of.js";

export type ActivityEntry = ActivityQuery["auditLog"]["nodes"][number];

/** `entryLink`: opens the details of an entry. */
export function activityColumns(entryLink: (id: string) => string): readonly Column<ActivityEntry>[] {
  return [
    {
      key: "what",
      label: "What happened",
      kind: "title",
      cell: (entry) => (
        <RowLink to={entryLink(entry.id)}>
          <Sentence entry={entry} />
        </RowLink>
      ),
    },
    {
      key: "action",
      label: "Action",
      cell: ({ action }) => <Tag tone={actionWords(action).tone}>{action}</Tag>,
    },
    { key: "fields", label: "Fields", shown: "wide", cell: (entry) => <Fields entry={entry} /> },
    {
      key: "address",
      label: "Address",
      shown: "chosen",
      cell: (entry) => <span className="lk-mono lk-break">{entry.address ?? "–"}</span>,
    },
    {
      key: "revision",
      label: "Revision",
      kind: "number",
      shown: "wide",
      cell: (entry) => entry.revision?.number ?? "–",
    },
    { key: "when", label: "When", cell: (entry) => <TimeAgo at={entry.at} /> },
  ];
}

export function Sentence({ entry }: { readonly entry: ActivityEntry }) {
  return (
    <>
      <bdi>{entry.actor}</bdi>{" "}
      <span className={tableClasses.plain}>
        {actionWords(entry.action).text} {kindWords[entry.targetKind]}
      </span>{" "}
      <bdi>{entry.targetName}</bdi>
    </>
  );
}

/** Names of changed fields; of a creation or deletion all of them changed, which says nothing. */
function Fields({ entry }: { readonly entry: ActivityEntry }) {
  if (entry.before === null || entry.after === null) return <span className="lk-muted">–</span>;
  const names = changesOf(entry.before, entry.after).map(({ name }) => name);
  return <span className="lk-muted">{names.length === 0 ? "–" : names.join(", ")}</span>;
}
