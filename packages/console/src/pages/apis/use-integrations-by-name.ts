/** Looks up integrations of one subscription by name, without regard to case. */
import { useCallback } from "react";
import { useClient } from "urql";
import { IntegrationOptionsDocument } from "../../gen/integration-options.js";
import type { Option } from "../../ui/remote-select.js";

const FOUND_MAX = 30;

/** Names that no integration has are not in the map. */
export function useIntegrationsByName(subscriptionId: string | null) {
  const client = useClient();
  return useCallback(
    async (names: readonly string[]): Promise<ReadonlyMap<string, Option>> => {
      const found = await Promise.all(
        [...new Set(names)].map(async (name): Promise<readonly (readonly [string, Option])[]> => {
          const filter = { subscriptionId, routable: true, search: name };
          const { data } = await client
            .query(
              IntegrationOptionsDocument,
              { first: FOUND_MAX, filter },
              { requestPolicy: "network-only" },
            )
            .toPromise();
          const match = data?.integrations.nodes.find(
            (each) => each.name.toLowerCase() === name.toLowerCase(),
          );
          return match === undefined ? [] : [[name, { id: match.id, label: match.name }]];
        }),
      );
      return new Map(found.flat());
    },
    [client, subscriptionId],
  );
}
