/** What the overview says of the fleet: how many nodes enforce the newest revision, and what the others do. Pure. */
import type { NodeFieldsFragment } from "../../gen/nodes.js";
import type { Tone } from "../../ui/tag.js";
import { type NodeStatus, statusWords } from "../nodes/node-status.js";

type FleetNode = Pick<NodeFieldsFragment, "id" | "name" | "status">;

export interface Fleet {
  readonly value: string;
  readonly detail: string;
  readonly tone: Tone;
  readonly statuses: readonly { readonly id: string; readonly tone: Tone }[];
}

/** The worst first. */
const troubles: readonly NodeStatus[] = ["SILENT", "REJECTING", "DRIFTED", "LAGGING"];

/** Nodes that have never connected do not count. */
export function fleetOf(nodes: readonly FleetNode[] | null): Fleet {
  if (nodes === null) return { value: "–", detail: "Loading", tone: "neutral", statuses: [] };
  const known = nodes.filter(({ status }) => status !== "NEVER_SEEN");
  const statuses = known.map(({ id, status }) => ({ id, tone: statusWords[status].tone }));
  if (known.length === 0)
    return { value: "No nodes", detail: "Requests are not served", tone: "warn", statuses };
  const counts = troubles.map((status) => ({
    status,
    count: known.filter((node) => node.status === status).length,
  }));
  const worst = counts.filter(({ count }) => count > 0);
  const healthy = known.filter(({ status }) => status === "HEALTHY").length;
  return {
    value: `${healthy} of ${known.length}`,
    detail:
      worst.length === 0
        ? "All enforce the newest revision"
        : worst.map(({ status, count }) => `${count} ${statusWords[status].label.toLowerCase()}`).join(", "),
    tone: worst.length === 0 ? "neutral" : statusWords[worst[0]?.status ?? "SILENT"].tone,
    statuses,
  };
}
