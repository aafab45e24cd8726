/** The columns of the list of sessions. */
import { Button } from "@mantine/core";
import type { SessionListQuery } from "../../gen/sessions.js";
import type { Column } from "../../ui/column.js";
import tableClasses from "../../ui/table.module.css";
import { Tag } from "../../ui/tag.js";
import { TimeAgo } from "../../ui/time-ago.js";
import { browserName } from "./browser-name.js";

export type SessionRow = SessionListQuery["sessions"]["nodes"][number];

export function sessionColumns(onSignOut: (row: SessionRow) => void): readonly Column<SessionRow>[] {
  return [
    {
      key: "actor",
      label: "Operator",
      kind: "title",
      cell: (row) => (
        <>
          <strong>
            <bdi>{row.actor}</bdi>
          </strong>{" "}
          {row.isCurrent && <Tag tone="ok">This browser</Tag>}
          <span className={tableClasses.sub} title={row.userAgent ?? undefined}>
            {row.userAgent === null ? "Unknown browser" : (browserName(row.userAgent) ?? row.userAgent)}
          </span>
        </>
      ),
    },
    { key: "address", label: "Address", cell: (row) => row.address ?? "–" },
    { key: "created", label: "Signed in", cell: (row) => <TimeAgo at={row.createdAt} /> },
    { key: "used", label: "Last used", cell: (row) => <TimeAgo at={row.lastUsedAt} /> },
    {
      key: "expires",
      label: "Ends without use",
      shown: "wide",
      cell: (row) => <TimeAgo at={row.expiresAt} />,
    },
    {
      key: "actions",
      label: "Actions",
      kind: "actions",
      cell: (row) =>
        row.isCurrent ? null : (
          <Button
            variant="default"
            size="xs"
            aria-label={`Sign out ${row.actor} at ${row.address ?? "an unknown address"}`}
            onClick={() => onSignOut(row)}
          >
            Sign out
          </Button>
        ),
    },
  ];
}
