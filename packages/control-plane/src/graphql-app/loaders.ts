/** The batched look-ups of one request. */

import { BatchLoader } from "../graphql/batch-loader.js";
import { type Api, type ApiComponents, noComponents, type RouteHead } from "../modules/api/api.js";
import type { ServedDocument } from "../modules/api/served-document.js";
import type { Integration } from "../modules/integration/integration.js";
import type { Subscription } from "../modules/subscription/subscription.js";
import type { Services } from "../services.js";

export interface Loaders {
  readonly subscription: BatchLoader<string, Subscription | null>;
  readonly integration: BatchLoader<string, Integration | null>;
  readonly api: BatchLoader<string, Api | null>;
  readonly routesOfApi: BatchLoader<string, readonly RouteHead[]>;
  readonly routePreviewOfApi: BatchLoader<string, readonly RouteHead[]>;
  readonly componentsOfApi: BatchLoader<string, ApiComponents>;
  readonly servedDocumentOfApi: BatchLoader<string, ServedDocument | null>;
  /** JSON text. */
  readonly operationOfRoute: BatchLoader<string, string | null>;
  readonly routeCountOfApi: BatchLoader<string, number>;
  /** After a mutation of this request. */
  clear(): void;
}

export function createLoaders(services: Services): Loaders {
  const loaders = {
    subscription: new BatchLoader(async (ids: readonly string[]) =>
      byId(await services.subscriptions.findMany(ids)),
    ),
    integration: new BatchLoader(async (ids: readonly string[]) =>
      byId(await services.integrations.findMany(ids)),
    ),
    api: new BatchLoader(async (ids: readonly string[]) => byId(await services.apis.findMany(ids))),
    routesOfApi: new BatchLoader(async (ids: readonly string[]) =>
      byApiId(await services.apis.routeHeadsOf(ids)),
    ),
    routePreviewOfApi: new BatchLoader(async (ids: readonly string[]) =>
      byApiId(await services.apis.routePreviewsOf(ids)),
    ),
    componentsOfApi: new BatchLoader(async (ids: readonly string[]) => {
      const found = await services.apis.componentsOf(ids);
      return (id: string) => found.get(id) ?? noComponents;
    }),
    servedDocumentOfApi: new BatchLoader(async (ids: readonly string[]) => {
      const found = await services.served.find(ids);
      return (id: string) => found.get(id) ?? null;
    }),
    operationOfRoute: new BatchLoader(async (ids: readonly string[]) => {
      const found = await services.apis.operationsOf(ids);
      return (id: string) => found.get(id) ?? null;
    }),
    routeCountOfApi: new BatchLoader(async (ids: readonly string[]) => {
      const counts = await services.apis.countRoutesOf(ids);
      return (id: string) => counts.get(id) ?? 0;
    }),
  };
  return {
    ...loaders,
    clear: () =>
      Object.values(loaders).forEach((loader) => {
        loader.clear();
      }),
  };
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
