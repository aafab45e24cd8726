/** Beside an integration's name: that nodes do not send requests to a URL of it. Leads to the table that says why. */
import { useQuery } from "urql";
import { IntegrationHealthDocument } from "../../gen/integration-health.js";
import { Tag } from "../../ui/tag.js";

export const HEALTH_ID = "health";

export function HealthBadge({ id }: { readonly id: string }) {
  const [{ data }] = useQuery({ query: IntegrationHealthDocument, variables: { id } });
  const urls = (data?.integration?.health ?? []).flatMap((node) => node.urls);
  const unused = urls.filter(({ state }) => state === "UNHEALTHY" || state === "CIRCUIT_OPEN");
  if (unused.length === 0) return null;
  return (
    <a href={`#${HEALTH_ID}`}>
      <Tag tone="bad" dot>
        {unused.length === urls.length ? "Not in use" : `${unused.length} of ${urls.length} URLs not in use`}
      </Tag>
    </a>
  );
}
