/** An entry of the audit log as a short line: "Changed API". Pure. */
import type { OverviewQuery } from "../../gen/overview.js";

type Entry = OverviewQuery["auditLog"]["nodes"][number];

const verbs: Readonly<Record<string, string>> = {
  create: "Created",
  update: "Changed",
  delete: "Deleted",
  regenerate: "Regenerated",
  regenerateToken: "Regenerated the token of",
  reveal: "Read the secret of",
  refuse: "Refused",
};

const nouns: Readonly<Record<Entry["targetKind"], string>> = {
  API: "API",
  API_KEY: "key",
  INTEGRATION: "integration",
  CREDENTIAL: "credential",
  SUBSCRIPTION: "subscription",
  NODE: "node",
  SESSION: "session of",
  ACCESS: "access to",
  DATABASE: "database",
};

/** Actions that read differently. */
const sentences: Readonly<Record<string, string>> = {
  "session.create": "Signed in:",
  "session.end": "Signed out:",
  "epoch.begin": "Began a new epoch after the restore of the",
};

export function changeText(entry: Pick<Entry, "action" | "targetKind" | "targetId">): {
  readonly text: string;
  readonly to: string | null;
} {
  const { action, targetKind, targetId } = entry;
  const verb = action.slice(action.indexOf(".") + 1);
  const text = sentences[action] ?? `${verbs[verb] ?? action} ${nouns[targetKind]}`;
  const isThere = verb !== "delete";
  if (isThere && targetKind === "API") return { text, to: `/apis/${targetId}` };
  if (isThere && targetKind === "INTEGRATION") return { text, to: `/integrations/${targetId}` };
  if (isThere && targetKind === "CREDENTIAL") return { text, to: `/credentials/${targetId}` };
  return { text, to: null };
}
