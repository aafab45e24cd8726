/** The parts of a document that become APIs of their own: its routes, and what they use of shared schemas and tags. Pure. */
import type { ApiModel } from "@latchkey/openapi";
import { reachableSchemas } from "@latchkey/validation";
import type { MatchedRoute } from "./import-routes.js";

/** By the first tag of an operation, or by the first segment in which the document's paths differ. */
export type ImportSplit = "tag" | "path";

/** APIs that one document becomes at most. */
export const PARTS_MAX = 100;
/** Of operations whose path has a parameter, or nothing, where parts are distinguished. */
const OTHER = "Other";

export interface ImportPart {
  /** Tag or segment. */
  readonly name: string;
  readonly routes: readonly MatchedRoute[];
}

/** In the order in which the document has the first operation of each. */
export function splitRoutes(routes: readonly MatchedRoute[], split: ImportSplit): readonly ImportPart[] {
  const depth = commonDepth(routes.map(segmentsOf));
  const parts = new Map<string, MatchedRoute[]>();
  for (const route of routes) {
    const segment = segmentsOf(route)[depth];
    const ofPath = segment === undefined || segment.includes("{") ? OTHER : segment;
    const name = split === "tag" ? (route.imported.operation?.tags?.[0] ?? ofPath) : ofPath;
    const part = parts.get(name);
    if (part === undefined) parts.set(name, [route]);
    else part.push(route);
  }
  return [...parts].map(([name, ofPart]) => ({ name, routes: ofPart }));
}

/** As in the document: without the prefix. */
function segmentsOf({ imported }: MatchedRoute): readonly string[] {
  return imported.path.split("/").filter((segment) => segment !== "");
}

/** Leading segments that all paths have. */
function commonDepth(paths: readonly (readonly string[])[]): number {
  const [first = []] = paths;
  let depth = 0;
  while (depth < first.length && paths.every((path) => path[depth] === first[depth])) depth++;
  return depth;
}

/** What the routes use of the document's shared schemas and tags. */
export function modelOf(model: ApiModel, routes: readonly MatchedRoute[]): ApiModel {
  const operations = routes.flatMap(({ imported }) => imported.operation ?? []);
  const used = new Set(operations.flatMap(({ tags }) => tags ?? []));
  const { schemas = {}, tags = [] } = model;
  return {
    ...model,
    schemas: reachableSchemas(operations, schemas) as NonNullable<ApiModel["schemas"]>,
    tags: tags.filter(({ name }) => used.has(String(name))),
  };
}
