/** A key as ingress nodes know it: digests only. Expiry is the node's to enforce, by the control plane's clock. */
import type { KeyResource, KeySecret } from "@latchkey/snapshot";
import type { ApiKey } from "./api-key.js";

export function toKeyResource(key: ApiKey): KeyResource {
  const secrets: KeySecret[] = [{ digest: key.digest, notAfterMs: 0 }];
  if (key.previous !== null) secrets.push(key.previous);
  return {
    kind: "key",
    id: key.id,
    name: key.name,
    apiId: key.apiId,
    active: key.active,
    mode: key.mode,
    expiresAtMs: key.expiresAtMs ?? 0,
    secrets,
    rateLimit: key.rateLimit,
    quota: key.quota,
    ipRules: key.ipRules,
    scopes: key.scopes,
  };
}
