/** Finds another API with a route of the same path that leads elsewhere: there the key alone decides. Pure. */

export interface PathOf {
  readonly method: string;
  readonly path: string;
}

export interface ApiPaths {
  readonly id: string;
  readonly recoverable: boolean;
  readonly routes: readonly (PathOf & { readonly integrationId: string })[];
}

/** The pattern without parameter names: `/orders/{}`. */
function shape(path: string): string {
  return path.replace(/\{[^{}*]+(\*?)\}/g, "{$1}");
}

/** Those that lead to another integration come first, and of those the ones whose keys can be shown. */
export function findCounterpart<A extends ApiPaths>(
  apiId: string,
  route: ApiPaths["routes"][number],
  apis: readonly A[],
): A | null {
  const wanted = `${route.method} ${shape(route.path)}`;
  const [best] = apis
    .flatMap((api) => {
      const shared = api.routes.find((each) => `${each.method} ${shape(each.path)}` === wanted);
      if (api.id === apiId || shared === undefined) return [];
      const leadsElsewhere = shared.integrationId !== route.integrationId;
      return [{ api, rank: (leadsElsewhere ? 2 : 0) + (api.recoverable ? 1 : 0) }];
    })
    .sort((a, b) => b.rank - a.rank);
  return best?.api ?? null;
}
