/** What an integration responded in the last hour, minute by minute, and how long requests to it took. */
import { useQuery } from "urql";
import { IntegrationTrafficDocument, type IntegrationTrafficQuery } from "../../gen/integration-traffic.js";
import { usePolling } from "../../graphql/use-polling.js";
import { Failure } from "../../ui/failure.js";
import { counted, formatPercent } from "../../ui/format.js";
import { Panel } from "../../ui/page.js";
import { RowsSkeleton } from "../../ui/skeletons.js";
import { OutcomesChart } from "../traffic/outcomes-chart.js";

export const TRAFFIC_TITLE = "Last hour";

const AGAIN_MS = 5_000;

export function IntegrationTraffic({ id }: { readonly id: string }) {
  const [{ data, error }, execute] = useQuery({
    query: IntegrationTrafficDocument,
    variables: { id },
    requestPolicy: "cache-and-network",
  });
  usePolling(execute, AGAIN_MS);
  if (data === undefined)
    return (
      <Panel title={TRAFFIC_TITLE}>
        {error === undefined ? (
          <RowsSkeleton rows={4} />
        ) : (
          <Failure error={error} retry={() => execute({ requestPolicy: "network-only" })} />
        )}
      </Panel>
    );
  return (
    <Panel title={TRAFFIC_TITLE} description={summaryOf(data.usage.total)}>
      <OutcomesChart outcomes={data.usage} />
    </Panel>
  );
}

function summaryOf({
  requests,
  clientErrors,
  serverErrors,
  p50Ms,
  p95Ms,
}: IntegrationTrafficQuery["usage"]["total"]): string {
  if (requests === 0) return "No request was sent to it in this hour.";
  const failed = formatPercent((clientErrors + serverErrors) / requests);
  const latency =
    p50Ms === null || p95Ms === null
      ? "too few requests for a p95"
      : `p50 about ${p50Ms.toFixed(1)} ms, p95 about ${p95Ms.toFixed(1)} ms`;
  return `${counted(requests, "request")}, ${failed} failed, ${latency}`;
}
