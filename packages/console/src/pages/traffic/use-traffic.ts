/**
 * Points of traffic. The last minutes are read once, then live by the second, and read again every ten seconds; longer times
 * come from the database.
 */
import { useEffect, useMemo, useState } from "react";
import { type CombinedError, useQuery, useSubscription } from "urql";
import {
  TrafficDocument,
  TrafficLiveDocument,
  UsageHistoryDocument,
  type UsageHistoryQuery,
} from "../../gen/traffic.js";
import { usePolling } from "../../graphql/use-polling.js";
import { useNow } from "../../ui/clock.js";
import { countedPoints, type Missing } from "./traffic-gaps.js";
import { type PreviousTraffic, previousOf, type TrafficPoint, withPoint } from "./traffic-points.js";
import type { TrafficWindow } from "./traffic-window.js";

const AGAIN_MS = 10_000;
const MINUTE_MS = 60_000;
/** Longer times begin at a whole step of this, so that they are not asked for anew each minute. */
const STEPS = 300;

const noPoints: readonly TrafficPoint[] = [];

export interface TrafficScope {
  readonly apiId: string | null;
  readonly routeId: string | null;
  readonly nodeId: string | null;
}

/** Of all requests of the window. */
export type LatencyTotal = UsageHistoryQuery["usage"]["total"];

export interface TrafficData {
  /** Complete ones only. Null: not known yet. */
  readonly points: readonly TrafficPoint[] | null;
  /** Those that are still being filled. */
  readonly filling: readonly TrafficPoint[];
  readonly missing: Missing | null;
  readonly latency: LatencyTotal | null;
  /** Null: not asked for, or not known yet. */
  readonly previous: PreviousTraffic | null;
  readonly error: CombinedError | undefined;
  readonly refetch: () => void;
}

export function useTraffic(scope: TrafficScope, window: TrafficWindow, isCompared: boolean): TrafficData {
  const live = useLiveTraffic(scope, window);
  const past = usePastTraffic(scope, window, isCompared);
  return window.isLive ? live : past;
}

function useLiveTraffic(scope: TrafficScope, { isLive, durationMs }: TrafficWindow): TrafficData {
  const seconds = isLive ? durationMs / 1_000 : 1;
  const [{ data, error }, execute] = useQuery({
    query: TrafficDocument,
    variables: { ...scope, points: seconds },
    requestPolicy: "network-only",
    pause: !isLive,
  });
  const [points, setPoints] = useState<readonly TrafficPoint[] | null>(null);
  const [{ data: live }] = useSubscription({
    query: TrafficLiveDocument,
    variables: { ...scope },
    pause: !isLive,
  });

  // The last point is still being filled.
  useEffect(() => setPoints(data?.traffic.points.slice(0, -1) ?? null), [data]);
  useEffect(() => {
    if (live === undefined || !isLive) return;
    setPoints((before) => (before === null ? before : withPoint(before, live.traffic, seconds)));
  }, [live, isLive, seconds]);
  usePolling(execute, AGAIN_MS, !isLive);

  // Live ones are a second long: none of them stays unfinished for the eye.
  return {
    points,
    filling: noPoints,
    missing: data?.traffic ?? null,
    latency: data?.traffic.total ?? null,
    previous: null,
    error,
    refetch: () => execute({ requestPolicy: "network-only" }),
  };
}

function usePastTraffic(scope: TrafficScope, window: TrafficWindow, isCompared: boolean): TrafficData {
  const from = useWindowBegin(window);
  const [{ data, error, operation }, execute] = useQuery({
    query: UsageHistoryDocument,
    variables: {
      from,
      previousFrom: new Date(Date.parse(from) - window.durationMs).toISOString(),
      isCompared,
      filter: { ...scope },
    },
    requestPolicy: "cache-and-network",
    pause: window.isLive,
  });
  usePolling(execute, AGAIN_MS, window.isLive);
  // While another time loads, the counts are those that were asked for before.
  const asked = operation?.variables;
  return useMemo(() => {
    // The last point is still being filled.
    const points = data?.usage.points.slice(0, -1) ?? null;
    const before = isCompared ? data?.previous : undefined;
    return {
      points,
      filling: data?.usage.points.slice(-1) ?? noPoints,
      missing: data?.usage ?? null,
      latency: data?.usage.total ?? null,
      previous:
        points === null || before === undefined || asked === undefined
          ? null
          : previousOf(
              points,
              countedPoints(before),
              Date.parse(asked.from) - Date.parse(asked.previousFrom),
            ),
      error,
      refetch: () => execute({ requestPolicy: "network-only" }),
    };
  }, [data, error, isCompared, asked, execute]);
}

/** When the window begins, as text; moves on by whole steps. */
export function useWindowBegin({ durationMs }: TrafficWindow): string {
  const stepMs = Math.max(MINUTE_MS, durationMs / STEPS);
  const nowMs = Math.floor(useNow() / stepMs) * stepMs;
  return useMemo(() => new Date(nowMs - durationMs).toISOString(), [nowMs, durationMs]);
}
