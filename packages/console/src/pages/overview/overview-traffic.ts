/** The hour of traffic as the overview draws it. Pure. */
import type { OverviewQuery } from "../../gen/overview.js";
import { countedSinceMs } from "../traffic/traffic-gaps.js";

type Traffic = OverviewQuery["traffic"];
export type Minute = Traffic["points"][number];

/** With fewer requests a quantile says nothing. */
export const QUANTILE_SAMPLES_MIN = 20;

/** Counts of the complete minutes of `points`, oldest first; null where nothing was counted yet. */
export function completeCounts(
  perMinute: readonly number[],
  traffic: Pick<Traffic, "points" | "since">,
): readonly (number | null)[] {
  const minutes = completeMinutes(traffic);
  return perMinute
    .slice(0, -1)
    .map((count, index) => (minutes[index] === null && count === 0 ? null : count));
}

/** Complete minutes, oldest first; null where nothing was counted yet. */
export function completeMinutes({
  points,
  since,
}: Pick<Traffic, "points" | "since">): readonly (Minute | null)[] {
  const sinceMs = countedSinceMs(since);
  // The last point is still being filled.
  return points
    .slice(0, -1)
    .map((point) => (Date.parse(point.at) + point.seconds * 1_000 <= sinceMs ? null : point));
}
