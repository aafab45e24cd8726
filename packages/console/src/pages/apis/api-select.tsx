/** Chooses an API, searched by title, summary or path. */
import { useQuery } from "urql";
import { ApiNameDocument, ApiOptionsDocument, type ApiOptionsQuery } from "../../gen/api-options.js";
import { type Option, RemoteSelect } from "../../ui/remote-select.js";
import { useOptionLoad } from "../../ui/use-option-load.js";

const OPTIONS_MAX = 30;

const optionsOf = ({ apis }: ApiOptionsQuery): readonly Option[] =>
  apis.nodes.map(({ id, title, subscription }) => ({ id, label: title, detail: subscription.name }));

export interface ApiSelectProps {
  readonly label: string;
  readonly isLabelHidden?: boolean;
  readonly placeholder?: string;
  readonly value: string | null;
  readonly onChange: (api: Option | null) => void;
  readonly isClearable?: boolean;
}

export function ApiSelect({ value, onChange, ...rest }: ApiSelectProps) {
  const [{ data }] = useQuery({
    query: ApiNameDocument,
    variables: { id: value ?? "" },
    pause: value === null,
  });
  const load = useOptionLoad(ApiOptionsDocument, OPTIONS_MAX, optionsOf);
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
