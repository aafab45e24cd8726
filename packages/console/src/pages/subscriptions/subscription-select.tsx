/** Chooses a subscription by its name. */
import { useEffect } from "react";
import { useQuery } from "urql";
import {
  SubscriptionNameDocument,
  SubscriptionOptionsDocument,
  type SubscriptionOptionsQuery,
} from "../../gen/subscription-options.js";
import { type Option, RemoteSelect } from "../../ui/remote-select.js";
import { useOptionLoad } from "../../ui/use-option-load.js";

const OPTIONS_MAX = 50;

const optionsOf = ({ subscriptions }: SubscriptionOptionsQuery): readonly Option[] =>
  subscriptions.nodes.map(({ id, name }) => ({ id, label: name }));

export interface SubscriptionSelectProps {
  readonly label: string;
  readonly isLabelHidden?: boolean;
  readonly placeholder?: string;
  readonly description?: string;
  readonly value: string | null;
  readonly onChange: (id: string | null, name: string | null) => void;
  readonly error?: string | null;
  readonly isClearable?: boolean;
  readonly isRequired?: boolean;
}

export function SubscriptionSelect({ value, onChange, ...rest }: SubscriptionSelectProps) {
  useOnlySubscription(rest.isRequired === true && value === null, onChange);
  const [{ data }] = useQuery({
    query: SubscriptionNameDocument,
    variables: { id: value ?? "" },
    pause: value === null,
  });
  const load = useOptionLoad(SubscriptionOptionsDocument, OPTIONS_MAX, optionsOf);
  const name = data?.subscription?.id === value ? data?.subscription?.name : undefined;
  return (
    <RemoteSelect
      {...rest}
      value={value === null ? null : { id: value, label: name ?? "…" }}
      onChange={(option) => onChange(option?.id ?? null, option?.label ?? null)}
      load={load}
      emptyText="No subscription matches."
    />
  );
}

/** Where one must be chosen and there is only one, it is chosen. */
function useOnlySubscription(isWanted: boolean, choose: SubscriptionSelectProps["onChange"]): void {
  const [{ data }] = useQuery({
    query: SubscriptionOptionsDocument,
    variables: { first: 2, filter: null },
    pause: !isWanted,
  });
  const [only, other] = data?.subscriptions.nodes ?? [];
  const found = other === undefined ? only : undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for what was found
  useEffect(() => {
    if (isWanted && found !== undefined) choose(found.id, found.name);
  }, [isWanted, found]);
}
