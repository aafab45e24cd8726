/** Matches method and path to a route of one Api. Depends on nothing but core's patterns. */
export { buildRouter } from "./build-router.js";
export { findConflict } from "./conflict.js";
export { CROWD_MESSAGE, findCrowd } from "./crowd.js";
export { formatTree } from "./format-tree.js";
export { patternsOverlap } from "./overlap.js";
export { ROUTES_MAX } from "./program.js";
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
