/** Chooses an API, searched by title, summary or path. */
import { useCallback } from "react";
import { useClient, useQuery } from "urql";
import { ApiNameDocument, ApiOptionsDocument } from "../../gen/api-options.js";
import { type Option, RemoteSelect } from "../../ui/remote-select.js";

const OPTIONS_MAX = 30;

export interface ApiSelectProps {
  readonly label: string;
  readonly isLabelHidden?: boolean;
  readonly placeholder?: string;
  readonly value: string | null;
  readonly onChange: (api: Option | null) => void;
  readonly isClearable?: boolean;
}

export function ApiSelect({ value, onChange, ...rest }: ApiSelectProps) {
  const client = useClient();
  const [{ data }] = useQuery({
    query: ApiNameDocument,
    variables: { id: value ?? "" },
    pause: value === null,
  });
  const load = useCallback(
    async (search: string): Promise<readonly Option[]> => {
      const filter = search.trim() === "" ? null : { search };
      const { data: found, error } = await client
        .query(ApiOptionsDocument, { first: OPTIONS_MAX, filter }, { requestPolicy: "network-only" })
        .toPromise();
      if (found === undefined) throw error ?? new Error("no response");
      return found.apis.nodes.map((api) => ({ id: api.id, label: api.title, detail: api.subscription.name }));
    },
    [client],
  );
  const title = data?.api?.id === value ? data?.api?.title : undefined;
  return (
    <RemoteSelect
      {...rest}
      value={value === null ? null : { id: value, label: title ?? "…" }}
      onChange={onChange}
      load={load}
      emptyText="No API matches."
    />
  );
}
