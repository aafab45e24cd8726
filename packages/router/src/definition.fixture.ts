/** For tests: routes and routers from texts such as `GET /orders/{id}`. Not exported by the package. */
import { parseRoutePattern } from "@latchkey/core";
import { buildRouter } from "./build-router.js";
import type { RouteDefinition } from "./route.js";
import type { Router } from "./router.js";

/** The route's value is its text. */
export function definition(text: string): RouteDefinition<string> {
  const space = text.indexOf(" ");
  const parsed = parseRoutePattern(text.slice(space + 1));
  if (!parsed.ok) throw new Error(`${text}: ${parsed.error.message}`);
  return { method: text.slice(0, space), pattern: parsed.value, value: text };
}

export function built(definitions: readonly RouteDefinition<string>[]): Router<string> {
  const result = buildRouter(definitions);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}
