/** A credential as ingress nodes know it. */
import type { CredentialResource } from "@latchkey/snapshot";
import type { Credential } from "./credential.js";

export function toCredentialResource(credential: Credential): CredentialResource {
  const { id, subscriptionId, name, scheme, secret } = credential;
  return { kind: "credential", id, subscriptionId, name, scheme, secret };
}
