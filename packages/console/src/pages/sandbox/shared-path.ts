/** Finds what two APIs have in common: that is where a key alone decides. Pure. */

export interface PathOf {
  readonly method: string;
  readonly path: string;
}

export interface RouteOf extends PathOf {
  readonly integration: { readonly id: string };
}

export interface ApiPaths {
  readonly id: string;
  readonly recoverable: boolean;
  readonly routes: readonly RouteOf[];
}

/** The pattern without parameter names: `/orders/{}`. */
function shape(path: string): string {
  return path.replace(/\{[^{}*]+(\*?)\}/g, "{$1}");
}

/** A route that only reads comes first. */
export function sharedRoute<R extends PathOf>(a: readonly R[], b: readonly PathOf[]): R | null {
  const shapes = new Set(b.map((route) => `${route.method} ${shape(route.path)}`));
  const shared = a.filter((route) => shapes.has(`${route.method} ${shape(route.path)}`));
  return shared.find(({ method }) => method === "GET" || method === "ANY") ?? shared[0] ?? null;
}

/** Whether the shared route leads to different integrations: then the key makes a difference that can be seen. */
function isTelling(a: ApiPaths, b: ApiPaths): boolean {
  const ofA = sharedRoute(a.routes, b.routes);
  const ofB = sharedRoute(b.routes, a.routes);
  return ofA !== null && ofB !== null && ofA.integration.id !== ofB.integration.id;
}

/** Two APIs with a route in common that leads elsewhere; those whose keys can be used at once come first. */
export function findPair<A extends ApiPaths>(apis: readonly A[]): readonly [A, A] | null {
  const ordered = [...apis].sort((x, y) => Number(y.recoverable) - Number(x.recoverable));
  for (const test of [isTelling, (a: A, b: A) => sharedRoute(a.routes, b.routes) !== null]) {
    for (const [index, first] of ordered.entries()) {
      const second = ordered.slice(index + 1).find((other) => test(first, other));
      if (second !== undefined) return [first, second];
    }
  }
  return null;
}
