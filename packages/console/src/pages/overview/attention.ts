/** What needs attention, in words with a place to go to: nodes first, then what the server found. Pure. */
import type { NodeFieldsFragment } from "../../gen/nodes.js";
import type { OverviewQuery } from "../../gen/overview.js";
import { counted, formatCount } from "../../ui/format.js";
import { ago } from "../../ui/time-ago.js";
import { statusWords } from "../nodes/node-status.js";

type ServerItem = OverviewQuery["overview"]["attention"][number];
type FleetNode = Pick<NodeFieldsFragment, "id" | "name" | "status" | "lastSeenAt">;

export interface Attention {
  readonly id: string;
  readonly tone: "warn" | "bad";
  /** What it is: a node, a key. */
  readonly noun: string;
  readonly name: string;
  readonly text: string;
  /** Null: there is no page about it. */
  readonly to: string | null;
}

export function attentionOf(
  nodes: readonly FleetNode[],
  items: readonly ServerItem[],
  nowMs: number,
): readonly Attention[] {
  const all = [
    ...nodes.flatMap((node) => nodeAttention(node, nowMs)),
    ...items.map((item) => itemAttention(item, nowMs)),
  ];
  return all.toSorted((a, b) => Number(b.tone === "bad") - Number(a.tone === "bad"));
}

function nodeAttention({ id, name, status, lastSeenAt }: FleetNode, nowMs: number): readonly Attention[] {
  const { tone, label } = statusWords[status];
  if (tone !== "warn" && tone !== "bad") return [];
  const seen = lastSeenAt === null ? "" : `, last heard ${ago(Date.parse(lastSeenAt), nowMs)}`;
  const text = status === "SILENT" ? `${label}${seen}` : statusWords[status].meaning;
  return [{ id, tone, noun: "Node", name, text, to: `/nodes?node=${id}` }];
}

function itemAttention(item: ServerItem, nowMs: number): Attention {
  const { kind, name, targetId, apiId } = item;
  const id = `${kind} ${targetId ?? name}`;
  const atMs = item.at === null ? null : Date.parse(item.at);
  const isOver = atMs !== null && atMs <= nowMs;
  const expires = `${isOver ? "Expired" : "Expires"} ${atMs === null ? "" : ago(atMs, nowMs)}`;
  switch (kind) {
    case "KEY_EXPIRES":
      return {
        id,
        tone: isOver ? "bad" : "warn",
        noun: "Key",
        name,
        text: expires,
        to: keyPath(apiId, targetId),
      };
    case "KEY_UNUSED":
      return {
        id,
        tone: "warn",
        noun: "Key",
        name,
        text: atMs === null ? "Never used" : `Not used since ${ago(atMs, nowMs)}`,
        to: keyPath(apiId, targetId),
      };
    case "CERTIFICATE_EXPIRES":
      return { id, tone: isOver ? "bad" : "warn", noun: "Certificate", name, text: expires, to: null };
    case "INTEGRATION_FAILING":
      return {
        id,
        tone: "bad",
        noun: "Integration",
        name,
        text: `${formatCount(item.failures ?? 0)} of ${counted(item.requests ?? 0, "request")} failed in 5 minutes`,
        to: `/integrations/${targetId ?? ""}`,
      };
    case "INTEGRATION_IMPAIRED":
      return {
        id,
        tone: "bad",
        noun: "Integration",
        name,
        text: `${counted(item.urls ?? 0, "URL gets", "URLs get")} no requests from ${counted(item.nodes ?? 0, "node")}${atMs === null ? "" : ` (${ago(atMs, nowMs)})`}`,
        to: `/integrations/${targetId ?? ""}`,
      };
    case "API_REJECTED":
      return rejected(item, "API", `/apis/${targetId ?? ""}`, nowMs);
    case "INTEGRATION_REJECTED":
      return rejected(item, "Integration", `/integrations/${targetId ?? ""}`, nowMs);
    case "CREDENTIAL_REJECTED":
      return rejected(item, "Credential", `/credentials/${targetId ?? ""}`, nowMs);
    case "KEY_REJECTED":
      return rejected(item, "Key", keyPath(apiId, targetId), nowMs);
  }
}

/** Its page says why, and what helps. */
function rejected(item: ServerItem, noun: string, to: string, nowMs: number): Attention {
  const { kind, name, targetId, nodes, at } = item;
  const since = at === null ? "" : ` (${ago(Date.parse(at), nowMs)})`;
  const text = `${counted(nodes ?? 0, "node")} cannot use it${since}`;
  return { id: `${kind} ${targetId ?? name}`, tone: "bad", noun, name, text, to };
}

function keyPath(apiId: string | null, keyId: string | null): string {
  return `/apis/${apiId ?? ""}/keys/${keyId ?? ""}`;
}
