/** Where there is more about a group of requests. Pure. */
import type { UsageGroupsQuery, UsageGroupsQueryVariables } from "../../gen/traffic.js";
import type { TrafficScope } from "./use-traffic.js";

export type UsageGroupKind = UsageGroupsQueryVariables["by"];
export type UsageGroup = UsageGroupsQuery["usage"]["groups"]["groups"][number];

/** Null: no page has more, or it is not there any more. */
export function groupLink(
  { key, name, errorCode }: Pick<UsageGroup, "key" | "name" | "errorCode">,
  kind: UsageGroupKind,
  { apiId }: Pick<TrafficScope, "apiId">,
  window: string,
): string | null {
  if (kind === "ERROR") {
    const page = apiId === null ? "/requests" : `/apis/${apiId}/requests`;
    return errorCode === null ? null : `${page}?${new URLSearchParams({ code: errorCode })}`;
  }
  if (name === null) return null;
  if (kind === "API") return `/apis/${key}/traffic?${new URLSearchParams({ window })}`;
  if (kind === "INTEGRATION") return `/integrations/${key}`;
  if (kind === "NODE") return `/nodes?${new URLSearchParams({ node: key })}`;
  if (apiId === null) return null;
  if (kind === "KEY") return `/apis/${apiId}/keys/${key}`;
  return kind === "ROUTE" ? `/apis/${apiId}/traffic?${new URLSearchParams({ route: key, window })}` : null;
}
