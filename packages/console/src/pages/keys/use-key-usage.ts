/** How the keys of a page are used: one query, asked again every few seconds while the page is in sight. */
import { useMemo } from "react";
import { useQuery } from "urql";
import { KeyUsageDocument, type KeyUsageQuery } from "../../gen/keys.js";
import { usePolling } from "../../graphql/use-polling.js";

const AGAIN_MS = 5_000;

export type KeyUsage = Extract<NonNullable<KeyUsageQuery["nodes"][number]>, { readonly id: string }>;

/** `keys`: null while they are not known. */
export function useKeyUsage(keys: readonly { readonly id: string }[] | null): ReadonlyMap<string, KeyUsage> {
  const ids = (keys ?? []).map(({ id }) => id).join(" ");
  const variables = useMemo(() => ({ ids: ids === "" ? [] : ids.split(" ") }), [ids]);
  const isPaused = ids === "";
  const [{ data }, execute] = useQuery({
    query: KeyUsageDocument,
    variables,
    pause: isPaused,
    requestPolicy: "network-only",
  });
  usePolling(execute, AGAIN_MS, isPaused);
  return useMemo(() => new Map((data?.nodes ?? []).filter(isKey).map((key) => [key.id, key])), [data]);
}

function isKey(node: KeyUsageQuery["nodes"][number]): node is KeyUsage {
  return node !== null && "id" in node;
}
