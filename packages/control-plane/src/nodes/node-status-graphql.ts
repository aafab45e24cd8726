/** A node's status as GraphQL shows it. */
import { registerEnumType } from "type-graphql";
import type { NodeStatus } from "./node.js";

const statusDescriptions: Record<NodeStatus, string> = {
  HEALTHY: "Heard lately, enforces the newest revision or is about to, and could use all of it.",
  LAGGING: "Has not acknowledged a revision for more than two seconds, or is being filled.",
  DRIFTED: "Holds something else than it should, by its own digest; it is being filled anew.",
  REJECTING: "Refused a revision, or put resources aside that it cannot use.",
  SILENT: "Not heard from, or without a stream: nothing is known of what it does now.",
  NEVER_SEEN: "Registered, and never connected.",
};

export const NodeStatusEnum = Object.fromEntries(Object.keys(statusDescriptions).map((s) => [s, s])) as {
  readonly [S in NodeStatus]: S;
};
registerEnumType(NodeStatusEnum, {
  name: "IngressNodeStatus",
  description: "How a node does. The worst of what is true.",
  valuesConfig: Object.fromEntries(
    Object.entries(statusDescriptions).map(([status, description]) => [status, { description }]),
  ) as Record<NodeStatus, { description: string }>,
});
