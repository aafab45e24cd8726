/** Points of traffic: read once, then live by the second; everything is read again every ten seconds. */
import { useEffect, useState } from "react";
import { type CombinedError, useQuery, useSubscription } from "urql";
import { TrafficDocument, TrafficLiveDocument } from "../../gen/traffic.js";
import { usePolling } from "../../graphql/use-polling.js";
import type { Missing } from "./traffic-gaps.js";
import { type TrafficPoint, withPoint } from "./traffic-points.js";
import type { TrafficWindow } from "./traffic-window.js";

const AGAIN_MS = 10_000;

export interface TrafficScope {
  readonly apiId: string | null;
  readonly routeId: string | null;
  readonly nodeId: string | null;
}

export interface TrafficData {
  /** Complete ones only. Null: not known yet. */
  readonly points: readonly TrafficPoint[] | null;
  readonly missing: Missing | null;
  readonly error: CombinedError | undefined;
}

export function useTraffic(scope: TrafficScope, window: TrafficWindow): TrafficData {
  const isLive = window.resolution === "SECOND";
  const variables = { ...scope, resolution: window.resolution, points: window.buckets };
  const [{ data, error }, execute] = useQuery({
    query: TrafficDocument,
    variables,
    requestPolicy: "network-only",
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
    setPoints((before) => (before === null ? before : withPoint(before, live.traffic, window.buckets)));
  }, [live, isLive, window.buckets]);
  usePolling(execute, AGAIN_MS);

  return { points, missing: data?.traffic ?? null, error };
}
