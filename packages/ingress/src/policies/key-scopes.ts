/** Whether a key may use a method and path. Knows no routes: a scope is about requests. */
import { type KeyScope, normalizedKey, parseRoutePattern, type RoutePattern } from "@latchkey/core";
import { buildRouter, type Router } from "@latchkey/router";

export class KeyScopes {
  readonly #scopes: readonly KeyScope[];
  /** Made when the first request comes: most keys have none for a long time. Null: they cannot be laid out together. */
  #router: Router<null> | null | undefined;

  private constructor(scopes: readonly KeyScope[]) {
    this.#scopes = scopes;
  }

  /** Null: the key may use every route of its API. */
  static of(scopes: readonly KeyScope[]): KeyScopes | null {
    return scopes.length === 0 ? null : new KeyScopes(scopes);
  }

  /** @param path as `normalizePath` of core returns it */
  admits(method: string, path: string): boolean {
    if (this.#router === undefined) this.#router = routerOf(this.#scopes);
    return this.#router?.find(method, path)?.kind === "match";
  }
}

function routerOf(scopes: readonly KeyScope[]): Router<null> | null {
  const patterns = new Map<
    string,
    { readonly method: string; readonly pattern: RoutePattern; readonly value: null }
  >();
  for (const { method, pattern: text } of scopes) {
    const pattern = parseRoutePattern(text);
    if (pattern.ok)
      patterns.set(`${method} ${normalizedKey(pattern.value)}`, {
        method,
        pattern: pattern.value,
        value: null,
      });
  }
  const router = buildRouter([...patterns.values()]);
  return router.ok ? router.value : null;
}
