/** Points of traffic: asked once, then live by the second; minutes are asked again every ten seconds. */
import { useEffect, useState } from "react";
import { type CombinedError, useQuery, useSubscription } from "urql";
import { TrafficDocument, TrafficLiveDocument } from "../../gen/traffic.js";
import { type TrafficPoint, withPoint } from "./traffic-points.js";
import type { TrafficWindow } from "./traffic-window.js";

const MINUTES_AGAIN_MS = 10_000;

export interface TrafficScope {
  readonly apiId: string | null;
  readonly routeId: string | null;
  readonly nodeId: string | null;
}

export interface TrafficData {
  /** Null: not known yet. */
  readonly points: readonly TrafficPoint[] | null;
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

  useEffect(() => setPoints(data?.traffic.points ?? null), [data]);
  useEffect(() => {
    if (live === undefined || !isLive) return;
    setPoints((before) => (before === null ? before : withPoint(before, live.traffic, window.buckets)));
  }, [live, isLive, window.buckets]);
  useEffect(() => {
    if (isLive) return;
    const timer = setInterval(() => execute({ requestPolicy: "network-only" }), MINUTES_AGAIN_MS);
    return () => clearInterval(timer);
  }, [isLive, execute]);

  return { points, error };
}
