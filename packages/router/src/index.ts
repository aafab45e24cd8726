/** Matches method and path to a route of one Api. Depends on nothing but core's patterns. */
export { buildRouter } from "./build-router.js";
export {
  ANY_METHOD,
  type FindResult,
  type MethodMismatch,
  type Route,
  type RouteConflict,
  type RouteDefinition,
  RouteMatch,
} from "./route.js";
export { Router } from "./router.js";
