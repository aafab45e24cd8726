/** Chooses an integration of any subscription, searched by name, to filter by. Not for routes: those choose among their subscription's. */
import { useCallback } from "react";
import { useClient, useQuery } from "urql";
import { IntegrationNameDocument, IntegrationOptionsDocument } from "../../gen/integration-options.js";
import { type Option, RemoteSelect } from "../../ui/remote-select.js";

const OPTIONS_MAX = 30;

export interface AnyIntegrationSelectProps {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string | null;
  readonly onChange: (integration: Option | null) => void;
}

export function AnyIntegrationSelect({ value, onChange, ...rest }: AnyIntegrationSelectProps) {
  const client = useClient();
  const [{ data }] = useQuery({
    query: IntegrationNameDocument,
    variables: { id: value ?? "" },
    pause: value === null,
  });
  const load = useCallback(
    async (search: string): Promise<readonly Option[]> => {
      const filter = search.trim() === "" ? null : { search };
      const { data: found, error } = await client
        .query(IntegrationOptionsDocument, { first: OPTIONS_MAX, filter }, { requestPolicy: "network-only" })
        .toPromise();
      if (found === undefined) throw error ?? new Error("no response");
      return found.integrations.nodes.map(({ id, name, subscription }) => ({
        id,
        label: name,
        detail: subscription.name,
      }));
    },
    [client],
  );
  const name = data?.integration?.id === value ? data?.integration?.name : undefined;
  return (
    <RemoteSelect
      {...rest}
      isClearable
      value={value === null ? null : { id: value, label: name ?? "…" }}
      onChange={onChange}
      load={load}
      emptyText="No integration matches."
    />
  );
}
