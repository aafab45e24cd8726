/** How a select that searches in the control plane loads its options. */
import { useCallback } from "react";
import { type TypedDocumentNode, useClient } from "urql";
import type { Option } from "./remote-select.js";

interface Search {
  readonly first: number;
  readonly filter: { readonly search: string } | null;
}

/**
 * Asks anew for each search, never the cache. The load rejects where there is no response.
 * @param first options at most
 * @param optionsOf of the response; the same function at each call
 */
export function useOptionLoad<Data>(
  document: TypedDocumentNode<Data, Search>,
  first: number,
  optionsOf: (data: Data) => readonly Option[],
): (search: string) => Promise<readonly Option[]> {
  const client = useClient();
  return useCallback(
    async (search) => {
      const filter = search.trim() === "" ? null : { search };
      const { data, error } = await client
        .query(document, { first, filter }, { requestPolicy: "network-only" })
        .toPromise();
      if (data === undefined) throw error ?? new Error("no response");
      return optionsOf(data);
    },
    [client, document, first, optionsOf],
  );
}
