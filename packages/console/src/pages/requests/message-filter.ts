/** The filter of requests as the address has it, and as GraphQL takes it. Pure. */
import type { MessagesQueryVariables } from "../../gen/requests.js";
import { instantOf } from "../../ui/local-time.js";

export type MessageFilter = NonNullable<MessagesQueryVariables["filter"]>;

/** Names in the address, beside those that the page fixes. */
export const filterNames = [
  "id",
  "api",
  "key",
  "route",
  "node",
  "integration",
  "method",
  "path",
  "outcome",
  "status",
  "code",
] as const;

export const outcomes = [
  { value: "", label: "All" },
  { value: "SUCCEEDED", label: "Succeeded" },
  { value: "FAILED", label: "Failed" },
  { value: "CLIENT_ERROR", label: "4xx" },
  { value: "SERVER_ERROR", label: "5xx" },
] as const;

export interface MessageRange {
  readonly value: string;
  readonly label: string;
  readonly ms: number;
}

const MINUTE_MS = 60_000;

export const ranges: readonly MessageRange[] = [
  { value: "15m", label: "15 min", ms: 15 * MINUTE_MS },
  { value: "1h", label: "1 hour", ms: 60 * MINUTE_MS },
  { value: "24h", label: "24 hours", ms: 24 * 60 * MINUTE_MS },
  { value: "7d", label: "7 days", ms: 7 * 24 * 60 * MINUTE_MS },
];

const RANGE_MS_MAX = Math.max(...ranges.map(({ ms }) => ms));
const DEFAULT_RANGE = ranges[1] as MessageRange;

export function rangeOf(value: string): MessageRange {
  return ranges.find((each) => each.value === value) ?? DEFAULT_RANGE;
}

/** @param apiId that the page is about; null: of all */
export function messageFilter(get: (name: string) => string, apiId: string | null): MessageFilter {
  const status = Number.parseInt(get("status"), 10);
  const given = {
    interchangeId: get("id").trim(),
    apiId: apiId ?? get("api"),
    keyId: get("key"),
    routeId: get("route"),
    nodeId: get("node"),
    integrationId: get("integration"),
    method: get("method").trim(),
    path: get("path"),
    outcome: outcomes.find(({ value }) => value === get("outcome"))?.value ?? "",
    status: Number.isNaN(status) ? "" : status,
    errorCode: get("code").trim(),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== "")) as MessageFilter;
}

/** In the place of a range: the times are in the address, too. */
export const CUSTOM = "custom";

/** The range that ends at `nowMs`, or what is between the two times of the address, in whichever order they are. */
export function timesOf(
  get: (name: string) => string,
  nowMs: number,
): { readonly since: string; readonly until: string } {
  const now = new Date(nowMs).toISOString();
  if (get("range") !== CUSTOM)
    return { since: new Date(nowMs - rangeOf(get("range")).ms).toISOString(), until: now };
  const last = instantOf(get("until")) ?? now;
  const first = instantOf(get("since")) ?? new Date(Date.parse(last) - RANGE_MS_MAX).toISOString();
  const [since, until] = first < last ? [first, last] : [last, first];
  // A minute that is both is meant as a whole.
  return { since, until: since === until ? new Date(Date.parse(until) + MINUTE_MS).toISOString() : until };
}
