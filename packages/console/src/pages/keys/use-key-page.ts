/** What the page of a key shows, asked again every few seconds. The windows of its limits follow the key. */
import { useMemo, useState } from "react";
import { useQuery } from "urql";
import { KeyPageDocument, type KeyPageQuery } from "../../gen/keys.js";
import { usePolling } from "../../graphql/use-polling.js";
import { useNow } from "../../ui/clock.js";
import { limitTimes } from "./key-limit-use.js";

const AGAIN_MS = 5_000;

export type KeyPageData = KeyPageQuery;

/** Seconds since the begin of a quota's window change its points once a minute, no more often. */
const MINUTE_MS = 60_000;

export function useKeyPage(id: string) {
  const [limits, setLimits] = useState<Pick<NonNullable<KeyPageQuery["apiKey"]>, "rateLimit" | "quota">>({
    rateLimit: null,
    quota: null,
  });
  const minuteMs = Math.floor(useNow() / MINUTE_MS) * MINUTE_MS;
  const variables = useMemo(() => ({ id, ...limitTimes(limits, minuteMs) }), [id, limits, minuteMs]);
  const [{ data, error }, execute] = useQuery({
    query: KeyPageDocument,
    variables,
    requestPolicy: "cache-and-network",
  });
  usePolling(execute, AGAIN_MS);
  const key = data?.apiKey ?? null;
  // The first query does not know the limits yet.
  if (
    key !== null &&
    JSON.stringify(limits) !== JSON.stringify({ rateLimit: key.rateLimit, quota: key.quota })
  )
    setLimits({ rateLimit: key.rateLimit, quota: key.quota });
  return { data, error, refetch: () => execute({ requestPolicy: "network-only" }) };
}
