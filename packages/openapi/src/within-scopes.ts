/**
 * What of an Api the holder of a key with scopes may know: the routes of which a scope admits some request, with the methods
 * that it admits, and the shared schemas and tags of these. Decides no request.
 */
import { type KeyScope, parseRoutePattern, type RouteSegment, segmentsOverlap } from "@latchkey/core";
import {
  type ApiModel,
  anyMethods,
  type ConcreteMethod,
  type JsonSchema,
  type RouteModel,
} from "./read-model.js";

const PREFIX = "#/components/schemas/";

/** @param scopes of the key; without one the whole Api */
export function withinScopes(model: ApiModel, scopes: readonly KeyScope[]): ApiModel {
  if (scopes.length === 0) return model;
  const parsed = scopes.flatMap(({ method, pattern }) => {
    const segments = segmentsOf(pattern);
    return segments === null ? [] : [{ method, segments }];
  });
  const routes = model.routes.flatMap((route) => {
    const segments = segmentsOf(route.path);
    if (segments === null) return [];
    const admitted = parsed.filter((scope) => segmentsOverlap(scope.segments, segments));
    return within(route, new Set(admitted.map(({ method }) => method)));
  });
  const { schemas, tags, ...rest } = model;
  const used = new Set(routes.flatMap(({ operation }) => operation?.tags ?? []));
  return {
    ...rest,
    routes,
    ...(schemas !== undefined && { schemas: reachedSchemas(routes, schemas) }),
    ...(tags !== undefined && { tags: tags.filter(({ name }) => used.has(String(name))) }),
  };
}

function segmentsOf(path: string): readonly RouteSegment[] | null {
  const pattern = parseRoutePattern(path);
  return pattern.ok ? pattern.value.segments : null;
}

/** The route with the admitted methods; none when there is none. */
function within(route: RouteModel, admitted: ReadonlySet<string>): readonly RouteModel[] {
  if (admitted.has("ANY")) return [route];
  if (route.method !== "ANY") return admitted.has(route.method) ? [route] : [];
  const methods: readonly ConcreteMethod[] = anyMethods.filter((method) => admitted.has(method));
  return methods.length === 0 ? [] : [{ ...route, methods }];
}

/** Those that the routes lead to, over other schemas too. */
function reachedSchemas(
  routes: readonly RouteModel[],
  schemas: { readonly [name: string]: JsonSchema },
): { readonly [name: string]: JsonSchema } {
  const reached = new Set<string>();
  const left: unknown[] = [...routes];
  for (let value = left.pop(); value !== undefined; value = left.pop()) {
    if (typeof value !== "object" || value === null) continue;
    for (const member of Object.values(value)) {
      // A discriminator's mapping refers to schemas as well.
      if (typeof member === "string" && member.startsWith(PREFIX)) {
        const name = member.slice(PREFIX.length).split("/")[0] ?? "";
        if (!reached.has(name) && Object.hasOwn(schemas, name)) left.push(schemas[name]);
        reached.add(name);
      } else if (typeof member === "object") left.push(member);
    }
  }
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => reached.has(name)));
}
