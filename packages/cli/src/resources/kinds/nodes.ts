/** Ingress nodes as a kind. */
import type { Kind } from "../kind.js";
import { column, id } from "./shared-columns.js";

export const nodes: Kind = {
  name: "node",
  plural: "nodes",
  typeName: "Node",
  one: "ingressNode",
  many: "ingressNodes",
  payload: "node",
  label: "name",
  selection:
    "id name status connected draining softwareVersion revision { epoch number } lagRevisions lastSeenAt requestsPerSecond requestsInFlight rssBytes rejectedResources { kind resourceId name reason since }",
  columns: [
    id,
    column("NAME", "name"),
    column("STATUS", "status"),
    column("RELEASE", "softwareVersion"),
    {
      title: "REVISION",
      value: ({ revision }) => {
        const at = revision as { readonly epoch: number; readonly number: number } | null;
        return at === null ? null : `${at.epoch}/${at.number}`;
      },
    },
    column("BEHIND", "lagRevisions"),
    { title: "REQ/S", value: (item) => (item.requestsPerSecond as number).toFixed(1) },
    column("LAST SEEN", "lastSeenAt"),
  ],
  filters: [],
  createFields: [],
  updateFields: [],
  canUpdate: false,
  secret: "token",
  hasSearch: false,
  examples: {
    list: ["latchkey list nodes"],
    get: ["latchkey get node node-1"],
    create: ["latchkey create node node-2"],
    delete: ["latchkey delete node node-2 --yes"],
  },
};
