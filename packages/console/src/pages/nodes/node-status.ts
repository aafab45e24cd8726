/** What a node's status is called, what it means, and how it looks. */
import type { NodeFieldsFragment } from "../../gen/nodes.js";
import type { Tone } from "../../ui/tag.js";

export type NodeStatus = NodeFieldsFragment["status"];

export interface StatusWords {
  readonly label: string;
  readonly tone: Tone;
  readonly meaning: string;
}

export const statusWords: Readonly<Record<NodeStatus, StatusWords>> = {
  HEALTHY: { label: "Healthy", tone: "ok", meaning: "Connected, and enforces the newest revision." },
  LAGGING: { label: "Lagging", tone: "warn", meaning: "Has not confirmed the newest revision yet." },
  DRIFTED: {
    label: "Drifted",
    tone: "bad",
    meaning: "Its state differs from the control plane's. It is being sent again.",
  },
  REJECTING: { label: "Rejecting", tone: "bad", meaning: "Could not use a revision or a part of it." },
  SILENT: { label: "Silent", tone: "bad", meaning: "No report lately. It may still serve requests." },
  NEVER_SEEN: { label: "Never seen", tone: "neutral", meaning: "Registered, but it has never connected." },
};
