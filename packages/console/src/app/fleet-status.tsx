/** The fleet at a glance: newest revision and how many nodes are healthy, of those that ever connected. Leads to the nodes. */
import { Link } from "react-router";
import { useBreak } from "../graphql/connection.js";
import { useRefreshOnChange } from "../graphql/use-refresh-on-change.js";
import { useNodes } from "../pages/nodes/use-nodes.js";
import classes from "./fleet-status.module.css";

export function FleetStatus() {
  const { nodes: registered, newestRevision } = useNodes();
  const isLost = useBreak() !== null;
  useRefreshOnChange(newestRevision);
  if (registered === null) return null;
  const nodes = registered.filter((node) => node.status !== "NEVER_SEEN");
  const healthy = nodes.filter((node) => node.status === "HEALTHY").length;
  const tone = isLost ? "warn" : nodes.length === 0 ? "neutral" : healthy === nodes.length ? "ok" : "warn";
  return (
    <Link to="/nodes" className={classes.status} data-tone={tone}>
      <span className={classes.dot} aria-hidden="true" />
      <span>
        <strong>
          {nodes.length === 0
            ? "No nodes"
            : `${healthy} of ${nodes.length} ${nodes.length === 1 ? "node" : "nodes"} healthy`}
        </strong>
        {isLost && <span className={classes.revision}>Not up to date</span>}
        {!isLost && newestRevision !== null && (
          <span className={classes.revision}>Revision {newestRevision}</span>
        )}
      </span>
    </Link>
  );
}
