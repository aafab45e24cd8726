/** Finds what two APIs have in common: that is where a key alone decides. Pure. */

export interface PathOf {
  readonly method: string;
  readonly path: string;
}

export interface ApiPaths {
  readonly id: string;
  readonly recoverable: boolean;
  readonly routes: readonly PathOf[];
}

/** The pattern without parameter names: `/orders/{}`. */
function shape(path: string): string {
  return path.replace(/\{[^}*]+(\*?)\}/g, "{$1}");
}

export function sharedRoute<R extends PathOf>(a: readonly R[], b: readonly PathOf[]): R | null {
  const shapes = new Set(b.map((route) => `${route.method} ${shape(route.path)}`));
  return a.find((route) => shapes.has(`${route.method} ${shape(route.path)}`)) ?? null;
}

/** Two APIs with a route in common, those whose keys can be used at once before others; null when there are none. */
export function findPair<A extends ApiPaths>(apis: readonly A[]): readonly [A, A] | null {
  const ordered = [...apis].sort((x, y) => Number(y.recoverable) - Number(x.recoverable));
  for (const [index, first] of ordered.entries()) {
    const second = ordered.slice(index + 1).find((other) => sharedRoute(first.routes, other.routes) !== null);
    if (second !== undefined) return [first, second];
  }
  return null;
}
