/** Where there is more about a group of requests. Pure. */
import type { UsageGroupsQuery, UsageGroupsQueryVariables } from "../../gen/traffic.js";
import type { TrafficScope } from "./use-traffic.js";

export type UsageGroupKind = UsageGroupsQueryVariables["by"];
export type UsageGroup = UsageGroupsQuery["usage"]["groups"]["groups"][number];

/** Null: no page has more, or it is not there any more. */
export function groupLink(
  { key, name, api, errorCode }: Pick<UsageGroup, "key" | "name" | "api" | "errorCode">,
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
  if (api == null) return null;
  if (kind === "KEY") return `/apis/${api.id}/keys/${key}`;
  return kind === "ROUTE" ? `/apis/${api.id}/traffic?${new URLSearchParams({ route: key, window })}` : null;
}
