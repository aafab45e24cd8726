/** Everything known of one node, and the resources it could not use. */
import type { NodeFieldsFragment } from "../../gen/nodes.js";
import { Dialog } from "../../ui/dialog.js";
import { formatBytes, formatDuration } from "../../ui/format.js";
import { exactTime } from "../../ui/time-ago.js";
import { statusWords } from "./node-status.js";
import classes from "./nodes.module.css";
import { RejectedResources } from "./rejected-resources.js";

export function NodeDialog({
  node,
  onClose,
}: {
  readonly node: NodeFieldsFragment | null;
  readonly onClose: () => void;
}) {
  return (
    <Dialog
      title={node === null ? "Node" : `Node ${node.name}`}
      opened={node !== null}
      onClose={onClose}
      size="lg"
    >
      {node !== null && (
        <>
          <p className="lk-muted">{statusWords[node.status].meaning}</p>
          <dl className={classes.facts}>
            {factsOf(node).map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
          {node.rejectedResources.length > 0 && <RejectedResources of={node.rejectedResources} />}
        </>
      )}
    </Dialog>
  );
}

function factsOf(node: NodeFieldsFragment): readonly (readonly [string, string])[] {
  const revision = node.revision;
  return [
    ["Id", node.id],
    ["Stream", node.connected ? "open" : "closed"],
    ["Software", node.softwareVersion ?? "unknown"],
    [
      "Enforces revision",
      revision === null ? "none confirmed" : `${revision.number} of epoch ${revision.epoch}`,
    ],
    ["Digest", node.digest ?? "not known"],
    ["Applied in", node.applyMicroseconds === null ? "not measured" : formatDuration(node.applyMicroseconds)],
    ["Requests in flight", node.requestsInFlight === null ? "not known" : String(node.requestsInFlight)],
    ["Memory", node.rssBytes === null ? "not known" : formatBytes(node.rssBytes)],
    ["Last seen", node.lastSeenAt === null ? "never" : exactTime(node.lastSeenAt)],
    ["Streams replaced", String(node.replacedCount)],
  ];
}
