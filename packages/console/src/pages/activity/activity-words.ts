/** What the actions of the audit log are called. */
import type { AuditTargetKind } from "../../gen/activity.js";
import type { Tone } from "../../ui/tag.js";

interface Words {
  readonly text: string;
  readonly tone: Tone;
}

const verbs: Readonly<Record<string, Words>> = {
  create: { text: "created", tone: "ok" },
  update: { text: "changed", tone: "accent" },
  delete: { text: "deleted", tone: "bad" },
  regenerate: { text: "regenerated", tone: "warn" },
  regenerateToken: { text: "gave a new token to", tone: "warn" },
  reveal: { text: "saw the secret of", tone: "warn" },
  test: { text: "tested the connection of", tone: "neutral" },
  refuse: { text: "was refused by", tone: "bad" },
};

/** Actions that read differently for one kind. */
const actions: typeof verbs = {
  "session.create": { text: "signed in and opened", tone: "ok" },
  "session.end": { text: "ended", tone: "neutral" },
  "epoch.begin": { text: "began a new epoch after", tone: "warn" },
  "access.refuse": { text: "was refused", tone: "bad" },
};

export const kindWords: Readonly<Record<AuditTargetKind, string>> = {
  API: "the API",
  API_KEY: "the key",
  INTEGRATION: "the integration",
  CREDENTIAL: "the credential",
  SUBSCRIPTION: "the subscription",
  NODE: "the node",
  SESSION: "the session of",
  ACCESS: "access to",
  DATABASE: "the restore of the",
};

export function actionWords(action: string): Words {
  return actions[action] ?? verbs[action.slice(action.indexOf(".") + 1)] ?? { text: action, tone: "neutral" };
}

/** All that can be filtered by. */
export const actionNames = [
  "api.create",
  "api.update",
  "api.delete",
  "apiKey.create",
  "apiKey.update",
  "apiKey.regenerate",
  "apiKey.reveal",
  "apiKey.delete",
  "credential.create",
  "credential.update",
  "credential.delete",
  "integration.create",
  "integration.update",
  "integration.delete",
  "integration.test",
  "subscription.create",
  "subscription.update",
  "subscription.delete",
  "node.create",
  "node.regenerateToken",
  "node.delete",
  "node.refuse",
  "session.create",
  "session.end",
  "access.refuse",
  "epoch.begin",
] as const;
