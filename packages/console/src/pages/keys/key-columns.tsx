/** The columns of the table of keys. */
import type { ReactNode } from "react";
import { ReceiptStatus } from "../../receipts/receipt-status.js";
import { useReceipt, useSaved } from "../../receipts/receipt-store.js";
import { RejectionMark } from "../../rejections/rejection-mark.js";
import type { Column } from "../../ui/column.js";
import { formatCount, formatLimit } from "../../ui/format.js";
import { RowLink } from "../../ui/row-link.js";
import tableClasses from "../../ui/table.module.css";
import { Tag } from "../../ui/tag.js";
import { exactTime, TimeAgo } from "../../ui/time-ago.js";
import type { KeyRow } from "./key-form-state.js";
import { keyState } from "./key-state.js";
import type { KeyUsage } from "./use-key-usage.js";

export function keyColumns(
  apiId: string,
  usage: ReadonlyMap<string, KeyUsage>,
  now: number,
  menu: (key: KeyRow) => ReactNode,
): readonly Column<KeyRow>[] {
  return [
    {
      key: "name",
      label: "Key",
      kind: "title",
      orderBy: "NAME",
      cell: (key) => (
        <>
          <RowLink to={`/apis/${apiId}/keys/${key.id}`}>{key.name}</RowLink>
          <RejectionMark rejections={key.rejections} />
          <code className={tableClasses.sub}>{key.display}</code>
        </>
      ),
    },
    { key: "state", label: "State", cell: (key) => <KeyStateCell apiKey={key} now={now} /> },
    {
      key: "mode",
      label: "Mode",
      shown: "wide",
      cell: (key) => (key.mode === "WEBHOOK" ? "Webhook" : "Header"),
    },
    {
      key: "used",
      label: "Last used",
      cell: (key) => <LastUsed at={usage.get(key.id)?.lastUsedAt ?? key.lastUsedAt} />,
    },
    { key: "expires", label: "Expires", cell: (key) => <Expiry apiKey={key} now={now} /> },
    {
      key: "requests",
      label: "Requests, last hour",
      kind: "number",
      cell: (key) => formatCount(usage.get(key.id)?.requestsLastHour ?? key.requestsLastHour),
    },
    {
      key: "limit",
      label: "Rate limit",
      shown: "wide",
      cell: (key) => <span className={tableClasses.whole}>{formatLimit(key.rateLimit)}</span>,
    },
    {
      key: "quota",
      label: "Quota",
      shown: "chosen",
      cell: (key) => <span className={tableClasses.whole}>{formatLimit(key.quota)}</span>,
    },
    {
      key: "created",
      label: "Created",
      orderBy: "CREATED_AT",
      shown: "chosen",
      cell: (key) => <TimeAgo at={key.createdAt} />,
    },
    { key: "actions", label: "Actions", kind: "actions", cell: menu },
  ];
}

/** The stored state; grey until the nodes enforce it. */
function KeyStateCell({ apiKey, now }: { readonly apiKey: KeyRow; readonly now: number }) {
  const { label, tone } = keyState(useSaved(apiKey), now);
  const receipt = useReceipt(apiKey.id);
  const isInForce = receipt === null || receipt.state.kind === "inForce";
  return (
    <>
      <Tag tone={isInForce ? tone : "neutral"} dot>
        {label}
      </Tag>
      <span className={tableClasses.sub}>
        <ReceiptStatus subject={apiKey.id} />
      </span>
    </>
  );
}

export function LastUsed({ at }: { readonly at: string | null }) {
  return at === null ? <span className="lk-muted">Never</span> : <TimeAgo at={at} />;
}

function Expiry({ apiKey, now }: { readonly apiKey: KeyRow; readonly now: number }) {
  const { expiresAt, overlapUntil } = apiKey;
  return (
    <>
      {expiresAt === null ? <span className="lk-muted">Never</span> : <TimeAgo at={expiresAt} />}
      {overlapUntil !== null && Date.parse(overlapUntil) > now && (
        <span className={tableClasses.sub} title={exactTime(overlapUntil)}>
          Old secret expires <TimeAgo at={overlapUntil} />
        </span>
      )}
    </>
  );
}
