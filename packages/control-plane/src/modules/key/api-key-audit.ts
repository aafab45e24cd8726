/** What the audit log says of a change of a key, and of a look at its secret. */
import type { UnitOfWork } from "../../unit-of-work/unit-of-work.js";
import type { Api } from "../api/api.js";
import type { ApiKey } from "./api-key.js";

export interface AuditedKey {
  readonly key: ApiKey;
  /** Without both, its secret was shown and nothing was changed. */
  readonly before?: ApiKey;
  readonly after?: ApiKey;
}

export function auditApiKey(
  scope: UnitOfWork,
  verb: "create" | "update" | "regenerate" | "delete" | "reveal",
  api: Api,
  { key, before, after }: AuditedKey,
): void {
  scope.audit({
    action: `apiKey.${verb}`,
    targetKind: "apiKey",
    targetId: key.id,
    apiId: api.id,
    targetName: `${key.name} of ${api.title}`,
    subscriptionId: api.subscriptionId,
    before: before === undefined ? null : auditView(before),
    after: after === undefined ? null : auditView(after),
  });
}

/** Neither secret nor digest. */
export function auditView(key: ApiKey): object {
  const { name, display, active, mode, rateLimit, quota, ipRules, scopes, owner, labels, metadata } = key;
  return {
    name,
    display,
    active,
    mode,
    expiresAt: key.expiresAtMs === null ? null : new Date(key.expiresAtMs).toISOString(),
    overlapUntil: key.previous === null ? null : new Date(key.previous.notAfterMs).toISOString(),
    rateLimit,
    quota,
    ipRules,
    owner,
    labels,
    metadata,
    scopes: scopes.map(({ method, pattern }) => `${method} ${pattern}`),
  };
}
