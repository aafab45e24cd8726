/** The filter of the audit log as the address has it, and as GraphQL takes it. Pure. */
import type { ActivityQueryVariables } from "../../gen/activity.js";
import { instantOf } from "../../ui/local-time.js";

export type AuditFilterInput = NonNullable<ActivityQueryVariables["filter"]>;

/** Names in the address. */
export const filterNames = [
  "action",
  "actor",
  "since",
  "until",
  "subscription",
  "address",
  "target",
] as const;

export function activityFilter(get: (name: string) => string, apiId: string | null): AuditFilterInput {
  const given = {
    apiId,
    action: get("action"),
    actor: get("actor"),
    since: instantOf(get("since")),
    until: instantOf(get("until")),
    subscriptionId: get("subscription"),
    address: get("address"),
    targetId: get("target"),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null && value !== ""));
}
