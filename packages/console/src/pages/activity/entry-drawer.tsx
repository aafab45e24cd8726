/** One entry of the audit log: when, from where, and each field before and after. */
import { Drawer } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { useQuery } from "urql";
import { ActivityEntryDocument, type ActivityEntryQuery } from "../../gen/activity.js";
import { exactTime } from "../../ui/time-ago.js";
import classes from "./activity.module.css";
import { type ActivityEntry, Sentence } from "./activity-columns.js";
import { changesOf } from "./changes-of.js";

export interface EntryDrawerProps {
  /** Null: closed. */
  readonly id: string | null;
  /** The entry, if the list shows it. */
  readonly listed: ActivityEntry | null;
  readonly onClose: () => void;
}

export function EntryDrawer({ id, listed, onClose }: EntryDrawerProps) {
  const [{ data, fetching }] = useQuery({
    query: ActivityEntryDocument,
    variables: { id: id ?? "" },
    pause: id === null || listed !== null,
  });
  const found = data?.node ?? null;
  const entry = listed ?? (isEntry(found) && found.id === id ? found : null);
  return (
    <Drawer
      opened={id !== null}
      onClose={onClose}
      position="right"
      size="lg"
      title={entry === null ? "Entry" : entry.action}
      closeButtonProps={{ "aria-label": "Close the entry" }}
    >
      {entry !== null && <EntryDetails entry={entry} />}
      {entry === null && !fetching && (
        <p className="lk-muted">This entry does not exist. Entries are deleted after the configured time.</p>
      )}
    </Drawer>
  );
}

function isEntry(node: ActivityEntryQuery["node"]): node is ActivityEntry {
  return node !== null && "action" in node;
}

function EntryDetails({ entry }: { readonly entry: ActivityEntry }) {
  const link = targetLink(entry);
  return (
    <div className={classes.entry}>
      <p className={classes.sentence}>
        <Sentence entry={entry} />
      </p>
      <dl className={classes.facts}>
        <Fact name="When">{exactTime(entry.at)}</Fact>
        <Fact name="Object">
          {link === null ? (
            <code className="lk-break">{entry.targetId}</code>
          ) : (
            <Link to={link}>
              <bdi>{entry.targetName}</bdi>
            </Link>
          )}
        </Fact>
        {entry.revision !== null && <Fact name="Revision">{entry.revision.number}</Fact>}
        {entry.address !== null && (
          <Fact name="Address">
            <span className="lk-mono lk-break">{entry.address}</span>
          </Fact>
        )}
        {entry.requestId !== null && (
          <Fact name="Request id">
            <span className="lk-mono lk-break">{entry.requestId}</span>
          </Fact>
        )}
      </dl>
      <Changes entry={entry} />
    </div>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Changes({ entry }: { readonly entry: ActivityEntry }) {
  const changes = changesOf(entry.before, entry.after);
  if (changes.length === 0) return null;
  return (
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
  );
}

function targetLink(entry: ActivityEntry): string | null {
  if (entry.action.endsWith(".delete")) return null;
  if (entry.targetKind === "API") return `/apis/${entry.targetId}`;
  if (entry.targetKind === "INTEGRATION") return `/integrations/${entry.targetId}`;
  if (entry.targetKind === "CREDENTIAL") return `/credentials/${entry.targetId}`;
  return entry.targetKind === "NODE" ? `/nodes?node=${entry.targetId}` : null;
}
