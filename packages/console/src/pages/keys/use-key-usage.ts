/** How the keys of a page are used: one query, asked again every few seconds while the page is in sight. */
import { useMemo } from "react";
import { useQuery } from "urql";
import { KeyUsageDocument, type KeyUsageQuery, type KeyUsageQueryVariables } from "../../gen/keys.js";
import { usePolling } from "../../graphql/use-polling.js";

const AGAIN_MS = 5_000;

export type KeyUsage = NonNullable<KeyUsageQuery["api"]>["keys"]["nodes"][number];

export function useKeyUsage(variables: KeyUsageQueryVariables): ReadonlyMap<string, KeyUsage> {
  const [{ data }, execute] = useQuery({
    query: KeyUsageDocument,
    variables,
    requestPolicy: "network-only",
  });
  usePolling(execute, AGAIN_MS);
  return useMemo(() => new Map(data?.api?.keys.nodes.map((key) => [key.id, key])), [data]);
}
