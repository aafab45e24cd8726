/**
 * The batched look-ups of one request: those of one turn of the event loop become one query, and their results are kept
 * for the request. Never shared between requests, so never stale for others.
 */
import DataLoader from "dataloader";
import { type Api, type ApiComponents, noComponents, type RouteHead } from "../modules/api/api.js";
import type { ServedDocument } from "../modules/api/served-document.js";
import type { Credential } from "../modules/credential/credential.js";
import type { Integration } from "../modules/integration/integration.js";
import type { ApiKey } from "../modules/key/api-key.js";
import type { Subscription } from "../modules/subscription/subscription.js";
import type { Services } from "../services.js";
import type { RecentUsage } from "../traffic/recent-usage.js";
import type { UsageTotals } from "../traffic/usage-reader.js";

/** Ids in one query: a database takes so many parameters and not many times more. */
const BATCH_MAX = 1_000;

export interface Loaders {
  readonly subscription: DataLoader<string, Subscription | null>;
  readonly integration: DataLoader<string, Integration | null>;
  readonly credential: DataLoader<string, Credential | null>;
  readonly api: DataLoader<string, Api | null>;
  readonly apiKey: DataLoader<string, ApiKey | null>;
  readonly route: DataLoader<string, RouteHead | null>;
  readonly routesOfApi: DataLoader<string, readonly RouteHead[]>;
  readonly routePreviewOfApi: DataLoader<string, readonly RouteHead[]>;
  readonly componentsOfApi: DataLoader<string, ApiComponents>;
  readonly servedDocumentOfApi: DataLoader<string, ServedDocument | null>;
  /** JSON text. */
  readonly operationOfRoute: DataLoader<string, string | null>;
  readonly routeCountOfApi: DataLoader<string, number>;
  /** Of the last hour; null: there was none. */
  readonly usageOfRoute: DataLoader<string, UsageTotals | null>;
  readonly usageOfKey: DataLoader<string, UsageTotals | null>;
  readonly usageOfIntegration: DataLoader<string, UsageTotals | null>;
  /** After a mutation of this request. */
  clear(): void;
}

export function createLoaders(services: Services, recent: RecentUsage): Loaders {
  const usageOf = (kind: "ROUTE" | "KEY" | "INTEGRATION") =>
    batched<UsageTotals | null>(async (ids) => {
      const found = await recent.of(kind, ids);
      return (id) => found.get(id) ?? null;
    });
  const loaders = {
    subscription: batched(async (ids) => byId(await services.subscriptions.findMany(ids))),
    integration: batched(async (ids) => byId(await services.integrations.findMany(ids))),
    credential: batched(async (ids) => byId(await services.credentials.findMany(ids))),
    api: batched(async (ids) => byId(await services.apis.findMany(ids))),
    apiKey: batched(async (ids) => byId(await services.keys.findMany(ids))),
    route: batched(async (ids) => byId(await services.apis.findRoutes(ids))),
    routesOfApi: batched(async (ids) => byApiId(await services.apis.routeHeadsOf(ids))),
    routePreviewOfApi: batched(async (ids) => byApiId(await services.apis.routePreviewsOf(ids))),
    componentsOfApi: batched(async (ids) => {
      const found = await services.apis.componentsOf(ids);
      return (id: string) => found.get(id) ?? noComponents;
    }),
    servedDocumentOfApi: batched(async (ids) => {
      const found = await services.served.find(ids);
      return (id: string) => found.get(id) ?? null;
    }),
    operationOfRoute: batched(async (ids) => {
      const found = await services.apis.operationsOf(ids);
      return (id: string) => found.get(id) ?? null;
    }),
    routeCountOfApi: batched(async (ids) => {
      const counts = await services.apis.countRoutesOf(ids);
      return (id: string) => counts.get(id) ?? 0;
    }),
    usageOfRoute: usageOf("ROUTE"),
    usageOfKey: usageOf("KEY"),
    usageOfIntegration: usageOf("INTEGRATION"),
  };
  return {
    ...loaders,
    clear: () => {
      for (const loader of Object.values(loaders)) loader.clearAll();
    },
  };
}

/** `fetch` gets distinct ids and returns a function from id to value. */
function batched<V>(fetch: (ids: readonly string[]) => Promise<(id: string) => V>): DataLoader<string, V> {
  return new DataLoader(
    async (ids) => {
      const find = await fetch(ids);
      return ids.map((id) => find(id));
    },
    // After all promise callbacks of this turn, so that fields resolved one promise later join the batch.
    { batchScheduleFn: (run) => setImmediate(run), maxBatchSize: BATCH_MAX },
  );
}

function byId<T extends { readonly id: string }>(found: readonly T[]): (id: string) => T | null {
  const map = new Map(found.map((value) => [value.id as string, value]));
  return (id) => map.get(id) ?? null;
}

function byApiId(routes: readonly RouteHead[]): (apiId: string) => readonly RouteHead[] {
  const byApi = new Map<string, RouteHead[]>();
  for (const route of routes) {
    const list = byApi.get(route.apiId);
    if (list === undefined) byApi.set(route.apiId, [route]);
    else list.push(route);
  }
  return (apiId) => byApi.get(apiId) ?? [];
}
