/** What goes into a router and what comes out of it. Values only; building and matching are elsewhere. */
import { parameterNamesOf, type RoutePattern } from "@latchkey/core";

/** As a route's method: matches every method. An explicit method on the same pattern comes first. */
export const ANY_METHOD = "ANY";

export interface RouteDefinition<T> {
  /** Compared exactly, so upper case as on the wire, or `ANY_METHOD`. */
  readonly method: string;
  readonly pattern: RoutePattern;
  readonly value: T;
}

/** A route as a router keeps it: what its definition says, without the parsed pattern. */
export class Route<T> {
  readonly method: string;
  /** The pattern's canonical text. */
  readonly pattern: string;
  readonly value: T;
  /** Not a #field: those are slower to set up, and this is most of what building a router does. */
  private plain: RouteMatch<T> | null;

  constructor({ method, pattern, value }: RouteDefinition<T>) {
    this.method = method;
    this.pattern = pattern.text;
    this.value = value;
    this.plain = null;
  }

  /** In the order of the path. Read from the pattern at each call: keep them where they are needed often. */
  get parameterNames(): readonly string[] {
    return parameterNamesOf(this.pattern);
  }

  /** The match of a pattern without parameters: one object, made when first needed, for all requests. */
  get plainMatch(): RouteMatch<T> {
    this.plain ??= new RouteMatch(this, NO_VALUES);
    return this.plain;
  }
}

const NO_VALUES: readonly string[] = Object.freeze([]);

/** The route that a request gets, and what its parameters are in this request. */
export class RouteMatch<T> {
  readonly kind: "match";
  readonly route: Route<T>;
  /** In the order of `route.parameterNames`, spelled as in the path: percent-encodings are not decoded. */
  readonly parameterValues: readonly string[];

  constructor(route: Route<T>, parameterValues: readonly string[]) {
    this.kind = "match";
    this.route = route;
    this.parameterValues = parameterValues;
  }
}

/** Some pattern matches the path, but none of those has the method: 405 with `Allow` (RFC 9110, 15.5.6). */
export interface MethodMismatch {
  readonly kind: "method_not_allowed";
  /** The methods of all patterns that match the path, in alphabetical order, never empty. */
  readonly allow: readonly string[];
}

/** `null`: no pattern matches the path. */
export type FindResult<T> = RouteMatch<T> | MethodMismatch | null;

/** Why a definition cannot be added: mostly, it would match the requests of an earlier one with the same precedence. */
export interface RouteConflict {
  readonly code: "duplicate_route" | "too_many_routes" | "too_many_alike";
  readonly message: string;
  /** Index of the definition that cannot be added. */
  readonly index: number;
  /** Index of the definition it collides with; `index` itself if there are too many. */
  readonly earlierIndex: number;
}
