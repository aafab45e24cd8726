/** Which level and step a chart of usage has: as fine as is kept for the whole time, and not more points than a chart shows. Pure. */
import { levelShapes, type UsageLevel } from "./usage-levels.js";
import type { UsageSpan } from "./usage-reader.js";
import type { UsageDays } from "./usage-retention.js";

export type UsageResolution = "MINUTE" | "TEN_MINUTES" | "HOUR" | "DAY";

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;

const resolutions: Readonly<
  Record<UsageResolution, { readonly level: UsageLevel; readonly stepMs: number }>
> = {
  MINUTE: { level: "MINUTE", stepMs: MINUTE_MS },
  TEN_MINUTES: { level: "MINUTE", stepMs: 10 * MINUTE_MS },
  HOUR: { level: "HOUR", stepMs: 60 * MINUTE_MS },
  DAY: { level: "DAY", stepMs: DAY_MS },
};

export const usageResolutions = Object.keys(resolutions) as readonly UsageResolution[];

export function isResolution(text: string): text is UsageResolution {
  return Object.hasOwn(resolutions, text);
}

/** Points of a chart that nobody asked a resolution for. */
const POINTS_WANTED_MAX = 200;
/** Points that a chart may have. */
export const POINTS_MAX = 1_500;

/** The finest resolution that is kept for all of the time and has at most 200 points; days, if there is none. */
export function resolutionFor(fromMs: number, toMs: number, nowMs: number, days: UsageDays): UsageResolution {
  for (const [resolution, { level, stepMs }] of Object.entries(resolutions)) {
    const isKept = fromMs >= nowMs - days[level] * DAY_MS;
    if (isKept && (toMs - fromMs) / stepMs <= POINTS_WANTED_MAX) return resolution as UsageResolution;
  }
  return "DAY";
}

/** The time, widened to whole steps. */
export function spanOf(fromMs: number, toMs: number, resolution: UsageResolution): UsageSpan {
  const { level, stepMs } = resolutions[resolution];
  return {
    level,
    stepMs,
    fromMs: Math.floor(fromMs / stepMs) * stepMs,
    toMs: Math.ceil(toMs / stepMs) * stepMs,
  };
}

/** The last hour in minutes: 60, of which the last one is still being filled. */
export function lastMinutes(nowMs: number, minutes = 60): UsageSpan {
  const toMs = (Math.floor(nowMs / MINUTE_MS) + 1) * MINUTE_MS;
  return { level: "MINUTE", stepMs: levelShapes.MINUTE.ms, fromMs: toMs - minutes * MINUTE_MS, toMs };
}
