/** The columns of the list of requests. */
import type { MessageRowFragment } from "../../gen/requests.js";
import type { Column } from "../../ui/column.js";
import { formatDuration } from "../../ui/format.js";
import { MethodBadge } from "../../ui/method-badge.js";
import { RowLink } from "../../ui/row-link.js";
import { Tag, type Tone } from "../../ui/tag.js";
import { RecordingTag } from "./recording-tag.js";
import classes from "./requests.module.css";

const sameDay = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});
const otherDay = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

export function messageTime(at: string): string {
  const date = new Date(at);
  const isToday = date.toDateString() === new Date().toDateString();
  return (isToday ? sameDay : otherDay).format(date);
}

export function statusTone(message: Pick<MessageRowFragment, "status" | "errorCode">): Tone {
  if (message.status >= 500 || (message.status < 400 && message.errorCode !== null)) return "bad";
  return message.status >= 400 ? "warn" : "ok";
}

/** `linkTo`: opens a request. */
export function messageColumns(
  linkTo: (message: MessageRowFragment) => string,
  isOfOneApi: boolean,
): readonly Column<MessageRowFragment>[] {
  const columns: readonly Column<MessageRowFragment>[] = [
    {
      key: "request",
      label: "Request",
      kind: "title",
      cell: (message) => (
        <RowLink to={linkTo(message)}>
          <span className={classes.request}>
            <MethodBadge method={message.method} compact />
            <span className="lk-mono lk-break">{message.path}</span>
          </span>
        </RowLink>
      ),
    },
    {
      key: "status",
      label: "Status",
      cell: (message) => (
        <span className={classes.status}>
          <Tag tone={statusTone(message)}>{message.status}</Tag>
          {message.errorCode !== null && <code className={classes.code}>{message.errorCode}</code>}
        </span>
      ),
    },
    ...(isOfOneApi ? [] : [apiColumn]),
    {
      key: "key",
      label: "Key",
      shown: "wide",
      cell: ({ key, keyId }) => <Name name={key?.name} id={keyId} />,
    },
    {
      key: "took",
      label: "Took",
      kind: "number",
      cell: ({ durationMs }) => formatDuration(durationMs * 1_000),
    },
    {
      key: "at",
      label: "Time",
      kind: "number",
      cell: ({ at }) => (
        <time dateTime={at} title={at}>
          {messageTime(at)}
        </time>
      ),
    },
  ];
  return columns;
}

const apiColumn: Column<MessageRowFragment> = {
  key: "api",
  label: "API",
  cell: ({ api, apiId }) => (
    <span className={classes.status}>
      <Name name={api?.title} id={apiId} />
      <RecordingTag recording={api?.recording} />
    </span>
  ),
};

/** What was deleted has its id only. */
function Name({ name, id }: { readonly name: string | undefined; readonly id: string | null }) {
  if (name !== undefined) return <bdi>{name}</bdi>;
  return <span className="lk-muted">{id ?? "–"}</span>;
}
