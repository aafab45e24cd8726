/** The columns of the list of credentials. */
import type { CredentialListQuery } from "../../gen/credentials.js";
import { RejectionMark } from "../../rejections/rejection-mark.js";
import type { Column } from "../../ui/column.js";
import { formatCount } from "../../ui/format.js";
import { RowLink } from "../../ui/row-link.js";
import { TimeAgo } from "../../ui/time-ago.js";
import { kindLabels } from "./credential-kinds.js";

export type CredentialRow = CredentialListQuery["credentials"]["nodes"][number];

export const credentialColumns: readonly Column<CredentialRow>[] = [
  {
    key: "name",
    label: "Credential",
    kind: "title",
    orderBy: "NAME",
    cell: (credential) => (
      <>
        <RowLink to={`/credentials/${credential.id}`}>{credential.name}</RowLink>
        <RejectionMark rejections={credential.rejections} />
      </>
    ),
  },
  { key: "kind", label: "Kind", cell: (credential) => kindLabels[credential.kind] },
  {
    key: "secret",
    label: "Secret",
    cell: ({ secretReference, secretSetAt }) =>
      secretReference === null ? (
        <span>
          Set <TimeAgo at={secretSetAt} />
        </span>
      ) : (
        <code className="lk-break">{secretReference}</code>
      ),
  },
  {
    key: "subscription",
    label: "Subscription",
    shown: "wide",
    cell: (credential) => <bdi className="lk-break">{credential.subscription.name}</bdi>,
  },
  {
    key: "integrations",
    label: "Integrations",
    kind: "number",
    cell: (credential) => formatCount(credential.integrationCount),
  },
  {
    key: "updated",
    label: "Changed",
    orderBy: "UPDATED_AT",
    cell: (credential) => <TimeAgo at={credential.updatedAt} />,
  },
  {
    key: "created",
    label: "Created",
    orderBy: "CREATED_AT",
    shown: "chosen",
    cell: (credential) => <TimeAgo at={credential.createdAt} />,
  },
];
