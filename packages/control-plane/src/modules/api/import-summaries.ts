/** Summaries that a document of ours made up: an operation without one shows the name of its route's integration. */
import type { OperationModel } from "@latchkey/openapi";
import type { IntegrationService } from "../integration/integration-service.js";
import type { Route } from "./api.js";
import type { MatchedRoute } from "./import-routes.js";

/** So that importing an API's own document again gives no route a summary. */
export async function withoutMadeSummaries(
  integrations: IntegrationService,
  matched: readonly MatchedRoute[],
): Promise<readonly MatchedRoute[]> {
  const ids = new Set(matched.flatMap(({ existing }) => existing?.integrationId ?? []));
  if (ids.size === 0) return matched;
  const found = await integrations.findMany([...ids]);
  const names = new Map(found.map(({ id, name }) => [id, name]));
  return matched.map((route) => {
    const { imported, existing } = route;
    const { summary, ...operation } = imported.operation ?? {};
    if (existing === null || summary === undefined) return route;
    if (summary !== names.get(existing.integrationId) || hasSummary(existing)) return route;
    return { ...route, imported: { ...imported, operation } };
  });
}

function hasSummary({ operation }: Route): boolean {
  return operation !== null && (JSON.parse(operation) as OperationModel).summary !== undefined;
}
