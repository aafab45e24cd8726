/** Ingress nodes, as the control plane knows them: how each does, and what it cannot use. */
import type { GraphqlClient } from "../graphql-client.js";
import { kindNamed } from "../resources/kinds.js";
import { listFirst } from "../resources/list-all.js";
import { type Finding, ok, problem, warning } from "./finding.js";

/** As many as a control plane has. */
const NODES_MAX = 10_000;
/** Of one node. */
const REJECTED_SHOWN_MAX = 10;

interface Node {
  readonly name: string;
  readonly status: string;
  readonly softwareVersion: string | null;
  readonly lastNack: { readonly reason: string } | null;
  readonly rejectedResources: readonly Rejected[];
}

interface Rejected {
  readonly kind: string;
  readonly resourceId: string;
  readonly reason: string;
}

/** What control planes of older releases have as well: it is asked before an upgrade. */
const SELECTION =
  "name status softwareVersion lastNack { reason } rejectedResources { kind resourceId reason }";

/** What to do for each state of a node. */
const NODE_TODO: Readonly<Record<string, string>> = {
  NEVER_SEEN: "Start it with its token, or delete it: docs/operations.md.",
  SILENT: "Check its process and its way to the control plane's gRPC port: docs/operations.md.",
  LAGGING: "Check its processor and network: docs/operations.md.",
  DRIFTED: "Restart it; it takes a snapshot anew: docs/operations.md.",
  REJECTING: "Read its log; a newer release may be needed: docs/operations.md.",
};

/** @param version the control plane's */
export async function checkNodes(client: GraphqlClient, version: string): Promise<Finding[]> {
  const kind = { ...kindNamed("node"), selection: SELECTION };
  const { items, isWhole } = await listFirst(client, kind, {}, { itemsMax: NODES_MAX });
  const findings = (items as unknown as readonly Node[]).flatMap((node) => checkNode(node, version));
  if (!isWhole)
    findings.push(
      warning(
        "nodes",
        `only the first ${items.length} are checked`,
        "Look at the others: `latchkey list nodes`.",
      ),
    );
  return findings;
}

function checkNode(node: Node, version: string): Finding[] {
  const subject = `node ${node.name}`;
  if (node.status === "REJECTING" && node.rejectedResources.length > 0)
    return rejectedFindings(subject, node.rejectedResources);
  return [nodeFinding(node, subject, version)];
}

function rejectedFindings(subject: string, rejected: readonly Rejected[]): Finding[] {
  const findings = rejected
    .slice(0, REJECTED_SHOWN_MAX)
    .map(({ kind, resourceId, reason }) =>
      problem(
        subject,
        `cannot use ${kind === "API" ? "API" : kind.toLowerCase()} ${resourceId}: ${reason}`,
        kind === "CREDENTIAL"
          ? "Put the variable or the file on the node, or change the credential: docs/credentials.md."
          : "Change or delete it, or upgrade the node: docs/operations.md.",
      ),
    );
  const more = rejected.length - findings.length;
  return more <= 0
    ? findings
    : [...findings, problem(subject, `cannot use ${more} more resources`, "Read its /status.")];
}

function nodeFinding(node: Node, subject: string, version: string): Finding {
  const todo = NODE_TODO[node.status];
  const nack = node.lastNack === null ? "" : `: ${node.lastNack.reason}`;
  if (todo !== undefined)
    return problem(subject, `${node.status.toLowerCase().replace("_", " ")}${nack}`, todo);
  if (node.softwareVersion !== null && node.softwareVersion !== version)
    return warning(
      subject,
      `healthy, of release ${node.softwareVersion}`,
      `Upgrade it to ${version}: docs/deploy.md.`,
    );
  return ok(subject, "healthy");
}
