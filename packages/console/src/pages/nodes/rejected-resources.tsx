/** What a node cannot use, by name, each with the way to its page. */
import { Link } from "react-router";
import type { NodeFieldsFragment } from "../../gen/nodes.js";
import { TimeAgo } from "../../ui/time-ago.js";
import classes from "./nodes.module.css";

type Rejected = NodeFieldsFragment["rejectedResources"][number];

const nouns: Readonly<Record<Rejected["kind"], string>> = {
  API: "API",
  INTEGRATION: "Integration",
  CREDENTIAL: "Credential",
  KEY: "Key",
};

export function RejectedResources({ of }: { readonly of: readonly Rejected[] }) {
  return (
    <>
      <h3 className={classes.small}>Resources it cannot use</h3>
      <ul className={classes.rejected}>
        {of.map((resource) => (
          <li key={`${resource.kind}/${resource.resourceId}`}>
            <strong>
              {nouns[resource.kind]} <ResourceName of={resource} />
            </strong>
            <span>
              {resource.reason} (since <TimeAgo at={resource.since} />)
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** One that is deleted has its id only. */
function ResourceName({ of: resource }: { readonly of: Rejected }) {
  if (resource.name === null) return <code>{resource.resourceId}</code>;
  return (
    <Link to={pathOf(resource)}>
      <bdi>{resource.name}</bdi>
    </Link>
  );
}

function pathOf({ kind, resourceId, apiId }: Rejected): string {
  switch (kind) {
    case "API":
      return `/apis/${resourceId}`;
    case "INTEGRATION":
      return `/integrations/${resourceId}`;
    case "CREDENTIAL":
      return `/credentials/${resourceId}`;
    case "KEY":
      return `/apis/${apiId ?? ""}/keys/${resourceId}`;
  }
}
