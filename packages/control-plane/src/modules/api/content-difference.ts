/** What a change of an Api's routes and shared schemas writes, and whether ingress nodes must know of it. Reads and writes nothing. */
import { isDeepStrictEqual } from "node:util";
import { Pauses, type RouteId } from "@latchkey/core";
import type { ApiWithRoutes, Route } from "./api.js";
import { checkedOperation, toRouteResource } from "./api-resource.js";
import { reachedSchemas } from "./shared-schemas.js";

export type ApiContent = Pick<ApiWithRoutes, "routes" | "components">;

export interface ContentDifference {
  /** Rows to delete first: of routes that go, and of those that change. */
  readonly gone: readonly RouteId[];
  /** Rows to insert: of new routes, and of those that change. */
  readonly written: readonly Route[];
  readonly componentsChanged: boolean;
  /** Nodes check and route requests as before. */
  readonly isSameForNodes: boolean;
}

/** Some hundred milliseconds for a large Api, in short turns of the event loop. */
export async function differenceOf(before: ApiContent, after: ApiContent): Promise<ContentDifference> {
  const stored = new Map<RouteId, Route>(before.routes.map((route) => [route.id, route]));
  const pauses = new Pauses();
  const written: Route[] = [];
  for (const route of after.routes) {
    await pauses.pause();
    if (isDeepStrictEqual(stored.get(route.id), route)) stored.delete(route.id);
    else written.push(route);
  }
  return {
    gone: [...stored.keys()],
    written,
    componentsChanged: !isDeepStrictEqual(before.components, after.components),
    isSameForNodes: await isSameForNodes(before, after, written),
  };
}

export function isSame({ gone, written, componentsChanged }: ContentDifference): boolean {
  return gone.length === 0 && written.length === 0 && !componentsChanged;
}

/** Routes with what they are checked by, and the shared schemas that this reaches. */
async function isSameForNodes(
  before: ApiContent,
  after: ApiContent,
  written: readonly Route[],
): Promise<boolean> {
  if (before.routes.length !== after.routes.length) return false;
  const pauses = new Pauses();
  for (const route of written) {
    await pauses.pause();
    const was = before.routes[route.position];
    if (was === undefined || !isDeepStrictEqual(resourceOf(was), resourceOf(route))) return false;
  }
  const [old, schemas] = [before.components.schemas, after.components.schemas];
  if (old === schemas) return true;
  const operations: string[] = [];
  for (const route of after.routes) {
    await pauses.pause();
    operations.push(checkedOperation(route) ?? "");
  }
  return (await reachedSchemas(operations, old)) === (await reachedSchemas(operations, schemas));
}

function resourceOf(route: Route): object {
  return toRouteResource(route, checkedOperation(route));
}
