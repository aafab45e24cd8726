/** Chooses a subscription by its name. */
import { useCallback, useEffect } from "react";
import { useClient, useQuery } from "urql";
import { SubscriptionNameDocument, SubscriptionOptionsDocument } from "../../gen/subscription-options.js";
import { type Option, RemoteSelect } from "../../ui/remote-select.js";

const OPTIONS_MAX = 50;

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
  const client = useClient();
  useOnlySubscription(rest.isRequired === true && value === null, onChange);
  const [{ data }] = useQuery({
    query: SubscriptionNameDocument,
    variables: { id: value ?? "" },
    pause: value === null,
  });
  const load = useCallback(
    async (search: string): Promise<readonly Option[]> => {
      const filter = search.trim() === "" ? null : { search };
      const { data: found, error } = await client
        .query(SubscriptionOptionsDocument, { first: OPTIONS_MAX, filter }, { requestPolicy: "network-only" })
        .toPromise();
      if (found === undefined) throw error ?? new Error("no response");
      return found.subscriptions.nodes.map((subscription) => ({
        id: subscription.id,
        label: subscription.name,
      }));
    },
    [client],
  );
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
