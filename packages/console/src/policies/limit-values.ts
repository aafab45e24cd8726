/** A rate limit or a quota as forms have it. Pure. */
import { formatWindow } from "../ui/format.js";

export interface LimitValues {
  /** Empty: no limit. */
  readonly limit: number | string;
  readonly windowSeconds: number;
  /** Empty: as much as `limit`. */
  readonly burst: number | string;
}

interface Limit {
  readonly limit: number;
  readonly windowSeconds: number;
  readonly burst: number;
}

/** Rate limit and quota of a key, an API, a route or an integration. */
export interface LimitsValues {
  readonly rateLimit: LimitValues;
  readonly quota: LimitValues;
}

export const noLimits: LimitsValues = {
  rateLimit: { limit: "", windowSeconds: 60, burst: "" },
  quota: { limit: "", windowSeconds: 2_592_000, burst: "" },
};

export function toLimitsValues(of: {
  readonly rateLimit: Limit | null;
  readonly quota: Limit | null;
}): LimitsValues {
  return {
    rateLimit: toLimitValues(of.rateLimit, noLimits.rateLimit),
    quota: toLimitValues(of.quota, noLimits.quota),
  };
}

/** A burst of zero, or one that equals the limit, is what the limit means without one. */
function toLimitValues(limit: Limit | null, empty: LimitValues): LimitValues {
  if (limit === null) return empty;
  const { windowSeconds, burst } = limit;
  return { limit: limit.limit, windowSeconds, burst: burst === 0 || burst === limit.limit ? "" : burst };
}

/** As an input takes it. */
export function toLimit({ limit, windowSeconds, burst }: LimitValues) {
  if (limit === "") return null;
  return { limit: Number(limit), windowSeconds, ...(burst !== "" && { burst: Number(burst) }) };
}

export function limitText({ limit, windowSeconds, burst }: LimitValues): string {
  if (limit === "") return "None";
  return `${limit} / ${formatWindow(windowSeconds)}${burst === "" ? "" : `, burst ${burst}`}`;
}
