/**
 * What the methods and patterns of an API's routes are made into. Many APIs have the same ones, so it is made once for
 * all of them: that takes less memory, and the processor's caches hold it.
 */
import {
  err,
  invariant,
  normalizedKey,
  ok,
  parseRoutePattern,
  type Result,
  type RoutePattern,
} from "@latchkey/core";
import { buildRouter, type Router } from "@latchkey/router";

/** The part of a route that says nothing of its API. */
export interface RoutePath {
  readonly method: string;
  /** Canonical text. */
  readonly pattern: string;
  /** `cx-path-<name>` in lower case, in the order of the parameters. */
  readonly parameterHeaders: readonly string[];
  readonly parameterNames: readonly string[];
}

export interface SharedPaths {
  /** Leads to a route's place in its API. */
  readonly router: Router<number>;
  readonly paths: readonly RoutePath[];
}

/** Routes of all that is remembered; some 20 MiB. Forgotten all at once when there are more. */
const ROUTES_MAX = 65_536;

/** Keys of patterns; forgotten all at once when there are more. */
const KEYS_MAX = 4_096;

export class PathCache {
  readonly #shared = new Map<string, SharedPaths>();
  #sharedRoutes = 0;
  readonly #keys = new Map<string, string>();

  /** @param routes of an API that was checked; a pattern or a set that is no router's is a bug */
  sharedPaths(routes: readonly { readonly method: string; readonly pattern: string }[]): SharedPaths {
    let key = "";
    for (const route of routes) key += `${route.method} ${route.pattern}\n`; // neither has a line end in it
    const found = this.#shared.get(key);
    if (found !== undefined) return found;
    const made = makePaths(routes);
    if (this.#sharedRoutes + routes.length > ROUTES_MAX) {
      this.#shared.clear();
      this.#sharedRoutes = 0;
    }
    this.#shared.set(key, made);
    this.#sharedRoutes += routes.length;
    return made;
  }

  /** Equal for patterns that match the same paths; or why the text is no pattern. */
  keyOf(text: string): Result<string, string> {
    const known = this.#keys.get(text);
    if (known !== undefined) return ok(known);
    const pattern = parseRoutePattern(text);
    if (!pattern.ok) return err(pattern.error.message);
    const key = normalizedKey(pattern.value);
    if (this.#keys.size === KEYS_MAX) this.#keys.clear();
    this.#keys.set(text, key);
    return ok(key);
  }
}

function makePaths(routes: readonly { readonly method: string; readonly pattern: string }[]): SharedPaths {
  const patterns = routes.map((route) => patternOf(route.pattern));
  const router = buildRouter(
    routes.map((route, i) => ({ method: route.method, pattern: patterns[i] as RoutePattern, value: i })),
  );
  invariant(router.ok, "an API in the table was checked when it was applied");
  const paths = patterns.map(({ text, parameterNames }, i) => ({
    method: (routes[i] as { readonly method: string }).method,
    pattern: text,
    parameterHeaders: parameterNames.map((name) => `cx-path-${name.toLowerCase()}`),
    parameterNames,
  }));
  return { router: router.value, paths };
}

function patternOf(text: string): RoutePattern {
  const pattern = parseRoutePattern(text);
  invariant(pattern.ok, "an API in the table was checked when it was applied");
  return pattern.value;
}
