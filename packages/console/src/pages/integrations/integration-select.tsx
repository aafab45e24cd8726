/** Chooses an integration that routes may name: those of one subscription with inbound kind API, searched by name. */
import { useCallback } from "react";
import { useClient } from "urql";
import { IntegrationOptionsDocument } from "../../gen/integration-options.js";
import { type Option, RemoteSelect } from "../../ui/remote-select.js";

const OPTIONS_MAX = 30;

export interface IntegrationSelectProps {
  readonly label: string;
  readonly isLabelHidden?: boolean;
  readonly subscriptionId: string | null;
  readonly value: Option | null;
  readonly onChange: (integration: Option | null) => void;
  readonly error?: string | null;
  readonly isClearable?: boolean;
  readonly placeholder?: string;
  readonly size?: "xs" | "sm";
  readonly isOpenAtFirst?: boolean;
  readonly onLeave?: () => void;
}

export function IntegrationSelect({ subscriptionId, ...rest }: IntegrationSelectProps) {
  const client = useClient();
  const load = useCallback(
    async (search: string): Promise<readonly Option[]> => {
      const words = search.trim() === "" ? null : search;
      const variables = { first: OPTIONS_MAX, filter: { subscriptionId, routable: true, search: words } };
      const { data, error } = await client
        .query(IntegrationOptionsDocument, variables, { requestPolicy: "network-only" })
        .toPromise();
      if (data === undefined) throw error ?? new Error("no response");
      return data.integrations.nodes.map((integration) => ({
        id: integration.id,
        label: integration.name,
        ...(integration.urls[0] === undefined ? {} : { detail: integration.urls[0] }),
      }));
    },
    [client, subscriptionId],
  );
  return (
    <RemoteSelect
      {...rest}
      placeholder={
        subscriptionId === null
          ? "Choose a subscription first"
          : (rest.placeholder ?? "Choose an integration")
      }
      isDisabled={subscriptionId === null}
      load={load}
      emptyText="No routable integration matches. Only those with inbound kind API can be chosen."
    />
  );
}
