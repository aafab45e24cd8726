/** The name of a subscription that only its id is known of. */
import { useQuery } from "urql";
import { SubscriptionNameDocument } from "../../gen/subscription-options.js";

export function SubscriptionName({ id }: { readonly id: string | null }) {
  const [{ data }] = useQuery({
    query: SubscriptionNameDocument,
    variables: { id: id ?? "" },
    pause: id === null,
  });
  if (id === null) return <span className="lk-muted">None</span>;
  return data?.subscription?.name ?? id;
}
