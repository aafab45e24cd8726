/**
 * Which cached lists a change makes stale. The cache goes by type names in responses, and the response to a deletion names
 * no type; nor does an empty list name the type of what will stand in it.
 */
import type { OperationContext } from "urql";

type Noun =
  | "Api"
  | "ApiKey"
  | "Integration"
  | "Credential"
  | "TenantSubscription"
  | "IngressNode"
  | "Session";

/** Kept by noun, since every use must be the same object. */
const contexts: Readonly<Record<Noun, Partial<OperationContext>>> = {
  Api: { additionalTypenames: ["Api", "ApiConnection", "Integration"] },
  ApiKey: { additionalTypenames: ["ApiKey", "ApiKeyConnection"] },
  Integration: { additionalTypenames: ["Integration", "IntegrationConnection"] },
  Credential: { additionalTypenames: ["Credential", "CredentialConnection"] },
  TenantSubscription: { additionalTypenames: ["TenantSubscription", "TenantSubscriptionConnection"] },
  IngressNode: { additionalTypenames: ["IngressNode"] },
  Session: { additionalTypenames: ["Session", "SessionConnection"] },
};

export function touching(noun: Noun): Partial<OperationContext> {
  return contexts[noun];
}
