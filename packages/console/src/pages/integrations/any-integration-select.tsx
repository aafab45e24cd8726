/** Chooses an integration of any subscription, searched by name, to filter by. Not for routes: those choose among their subscription's. */
import { useQuery } from "urql";
import {
  IntegrationNameDocument,
  IntegrationOptionsDocument,
  type IntegrationOptionsQuery,
} from "../../gen/integration-options.js";
import { type Option, RemoteSelect } from "../../ui/remote-select.js";
import { useOptionLoad } from "../../ui/use-option-load.js";

const OPTIONS_MAX = 30;

const optionsOf = ({ integrations }: IntegrationOptionsQuery): readonly Option[] =>
  integrations.nodes.map(({ id, name, subscription }) => ({ id, label: name, detail: subscription.name }));

export interface AnyIntegrationSelectProps {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string | null;
  readonly onChange: (integration: Option | null) => void;
}

export function AnyIntegrationSelect({ value, onChange, ...rest }: AnyIntegrationSelectProps) {
  const [{ data }] = useQuery({
    query: IntegrationNameDocument,
    variables: { id: value ?? "" },
    pause: value === null,
  });
  const load = useOptionLoad(IntegrationOptionsDocument, OPTIONS_MAX, optionsOf);
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
