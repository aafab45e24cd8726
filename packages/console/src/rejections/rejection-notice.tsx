/** On the page of something that nodes cannot use, or whose credential they cannot use: which nodes, why, and what helps. */
import { Fragment, type ReactNode } from "react";
import { Link } from "react-router";
import { useQuery } from "urql";
import { type RejectionFieldsFragment, RejectionsDocument } from "../gen/rejections.js";
import { usePolling } from "../graphql/use-polling.js";
import { counted } from "../ui/format.js";
import { Icon } from "../ui/icon.js";
import { TimeAgo } from "../ui/time-ago.js";
import { type RejectionGroup, rejectionGroups } from "./rejection-groups.js";
import classes from "./rejection-notice.module.css";

/** A reference that is mended is tried by nodes within seconds. */
const POLL_MS = 5_000;
const GROUPS_SHOWN_MAX = 5;
/** Of one reason. */
const NODES_SHOWN_MAX = 10;

const whatToDo = {
  API: "Change it, or upgrade the nodes. Until then its requests fail there.",
  integration: "Change it, or upgrade the nodes. Until then requests to it fail there.",
  key: "Regenerate or change it, or upgrade the nodes. Until then its requests fail there.",
  credential:
    "Put the variable or the file on the nodes, or change the secret. Until then requests to its integrations fail there.",
} as const;

export interface RejectionNoticeProps {
  readonly id: string;
  readonly noun: keyof typeof whatToDo;
}

interface Resource {
  readonly id: string;
  readonly rejections?: readonly RejectionFieldsFragment[];
  /** Of an integration. */
  readonly credentials?: readonly {
    readonly id: string;
    readonly name: string;
    readonly rejections: readonly RejectionFieldsFragment[];
  }[];
}

export function RejectionNotice({ id, noun }: RejectionNoticeProps) {
  const [{ data }, execute] = useQuery({
    query: RejectionsDocument,
    variables: { id },
    requestPolicy: "cache-and-network",
  });
  usePolling(execute, POLL_MS);
  const resource: Resource | null = data?.node ?? null;
  return (
    <>
      <Notice what={`this ${noun}`} help={whatToDo[noun]} rejections={resource?.rejections ?? []} />
      {resource?.credentials?.map((credential) => (
        <Notice
          key={credential.id}
          what={
            <>
              its credential{" "}
              <Link to={`/credentials/${credential.id}`}>
                <bdi>{credential.name}</bdi>
              </Link>
            </>
          }
          help={whatToDo.credential}
          rejections={credential.rejections}
        />
      ))}
    </>
  );
}

interface NoticeProps {
  readonly what: ReactNode;
  readonly help: string;
  readonly rejections: readonly RejectionFieldsFragment[];
}

function Notice({ what, help, rejections }: NoticeProps) {
  if (rejections.length === 0) return null;
  const groups = rejectionGroups(rejections);
  return (
    <div className={classes.notice} role="alert">
      <Icon name="alert-triangle" size={20} />
      <div className={classes.text}>
        <strong>
          {counted(rejections.length, "node")} cannot use {what}.
        </strong>
        <ul className={classes.reasons}>
          {groups.slice(0, GROUPS_SHOWN_MAX).map((group) => (
            <Reason key={group.reason} group={group} />
          ))}
          {groups.length > GROUPS_SHOWN_MAX && <li>{groups.length - GROUPS_SHOWN_MAX} more reasons</li>}
        </ul>
        <span>{help}</span>
      </div>
    </div>
  );
}

function Reason({ group: { reason, nodes, since } }: { readonly group: RejectionGroup }) {
  const more = nodes.length - NODES_SHOWN_MAX;
  return (
    <li>
      {nodes.slice(0, NODES_SHOWN_MAX).map(({ id, name }, index) => (
        <Fragment key={id}>
          {index > 0 && ", "}
          <Link to={`/nodes?node=${id}`}>
            <bdi>{name}</bdi>
          </Link>
        </Fragment>
      ))}
      {more > 0 && ` and ${more} more`}: {reason} (since <TimeAgo at={since} />)
    </li>
  );
}
