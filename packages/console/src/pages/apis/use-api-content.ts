/** What a page shows of the API whose head is loaded: read again when the head has a newer version than the page. */
import { useEffect } from "react";
import { type AnyVariables, type TypedDocumentNode, useQuery } from "urql";
import { notRefreshed } from "../../graphql/refresh-exchange.js";
import { useApiHead } from "./api-head.js";

export function useApiContent<Data extends { readonly api: { readonly version: number } | null }>(
  query: TypedDocumentNode<Data, AnyVariables & { readonly id: string }>,
) {
  const { id, version } = useApiHead();
  const [{ data, error }, execute] = useQuery({
    query,
    variables: { id },
    requestPolicy: "network-only",
    context: notRefreshed,
  });
  const shown = data?.api?.version;
  useEffect(() => {
    if (shown !== undefined && version > shown) execute({ requestPolicy: "network-only" });
  }, [version, shown, execute]);
  const refetch = () => execute({ requestPolicy: "network-only" });
  return { api: (data?.api ?? null) as Data["api"], error, refetch };
}
