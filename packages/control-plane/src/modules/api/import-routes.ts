/**
 * From the operations of a document to the routes of an Api: which stored route an operation is, what it keeps of it, and
 * which routes go. Pure.
 */
import { isDeepStrictEqual } from "node:util";
import { normalizedKey, Pauses, parseRoutePattern } from "@latchkey/core";
import {
  type ImportedRoute,
  normalizeOperationId,
  type OperationModel,
  operationIdsOf,
  type UnreadOperation,
} from "@latchkey/openapi";
import type { Route, RouteMethod } from "./api.js";
import { type RouteForm, routeFormOf } from "./route-form.js";

/** What becomes of the check of requests on the document's routes. Kept, a new route has none. */
export type ImportValidate = "keep" | "on" | "off";

export type RouteFate = "added" | "changed" | "unchanged" | "kept" | "removed";

export interface PlannedRoute {
  readonly method: RouteMethod;
  readonly path: string;
  readonly operationId: string;
  /** Null in a dry run: nothing says which one. */
  readonly integrationId: string | null;
  readonly fate: RouteFate;
  readonly summary: string;
  readonly tags: readonly string[];
  /** Null: the document does not have it. */
  readonly source: PlannedSource | null;
}

/** The document's operation of a planned route. */
export interface PlannedSource {
  readonly mappingKey: string;
  readonly pointer: string;
  readonly serverUrl: string | null;
}

/** A route of the document with the stored route that it is. */
export interface MatchedRoute {
  readonly imported: ImportedRoute;
  /** With the prefix. */
  readonly path: string;
  readonly existing: Route | null;
}

export function matchRoutes(
  imported: readonly ImportedRoute[],
  existing: readonly Route[],
  prefix: string,
): readonly MatchedRoute[] {
  const byKey = new Map(existing.map((route) => [`${route.method} ${route.normalizedKey}`, route]));
  return imported.map((route) => {
    const path = prefixed(prefix, route.path);
    return { imported: route, path, existing: byKey.get(`${route.method} ${keyOf(path)}`) ?? null };
  });
}

/** The prefix without which fewer of the Api's routes would be found again; for a new Api the document's. */
export function defaultPrefix(
  imported: readonly ImportedRoute[],
  existing: readonly Route[],
  serverPath: string,
): string {
  const found = (prefix: string) =>
    matchRoutes(imported, existing, prefix).filter((route) => route.existing !== null).length;
  return found("") > found(serverPath) ? "" : serverPath;
}

function prefixed(prefix: string, path: string): string {
  return prefix !== "" && path === "/" ? prefix : `${prefix}${path}`;
}

/** Empty for what is no pattern; the form says why it is none. */
function keyOf(path: string): string {
  const parsed = parseRoutePattern(path);
  return parsed.ok ? normalizedKey(parsed.value) : "";
}

export interface RouteMerge {
  readonly forms: readonly RouteForm[];
  /** Stored routes that stay although the document does not have them. */
  readonly kept: readonly Route[];
  /** Of those, the ones that `replace` spares: the document may have them in a part that was not read. */
  readonly spared: readonly Route[];
}

export interface MergeOptions {
  readonly validate: ImportValidate;
  /** Routes that the document does not have are deleted. */
  readonly replace: boolean;
  readonly unread: readonly UnreadOperation[];
  readonly prefix: string;
  readonly integrationOf: (route: MatchedRoute) => string;
}

/** A route that is there keeps its id, operation id, check of requests and limits. */
export function mergeRoutes(
  matched: readonly MatchedRoute[],
  existing: readonly Route[],
  options: MergeOptions,
): RouteMerge {
  const found = new Set(matched.flatMap((route) => route.existing?.id ?? []));
  const absent = existing.filter((route) => !found.has(route.id));
  const spared = options.replace ? absent.filter((route) => mayBeUnread(route, options)) : [];
  const kept = options.replace ? spared : absent;
  const taken = new Set(
    existing
      .filter((route) => found.has(route.id) || kept.includes(route))
      .flatMap((route) => operationIdsOf(route.method, route.operationId)),
  );
  const forms = new Map<string, RouteForm>();
  const added: RouteForm[] = [];
  for (const route of matched) {
    const form = formOf(route, options, taken);
    if (route.existing === null) added.push(form);
    else forms.set(route.existing.id, form);
  }
  for (const route of kept) forms.set(route.id, routeFormOf(route));
  const stored = existing.flatMap((route) => forms.get(route.id) ?? []);
  return { forms: [...stored, ...added], kept, spared };
}

function formOf(
  route: MatchedRoute,
  { validate, integrationOf }: MergeOptions,
  taken: ReadonlySet<string>,
): RouteForm {
  const { imported, existing, path } = route;
  const isFree = operationIdsOf(imported.method, imported.operationId).every((id) => !taken.has(id));
  const before = existing?.validate ?? imported.validate ?? false;
  return {
    ...(existing === null ? {} : { id: existing.id }),
    method: imported.method,
    path,
    integrationId: integrationOf(route),
    // A route whose id is another one's gets an id made of method and path.
    operationId: existing?.operationId ?? (isFree ? imported.operationId : null),
    validate: validate === "keep" ? before : validate === "on",
    operation: imported.operation ?? null,
    // Those of a stored route are the operator's and stay.
    ...(existing === null && imported.limits),
  };
}

/** Whether the document may have the route in an operation that was not read. */
function mayBeUnread(route: Route, { unread, prefix }: MergeOptions): boolean {
  return unread.some(
    ({ method, path, operationId }) =>
      (method === null || route.method === "ANY" || method === route.method) &&
      ((operationId !== null && normalizeOperationId(operationId) === route.operationId) ||
        mayBeSamePath(route.pattern, prefixed(prefix, path))),
  );
}

/** Segment by segment: equal, or either has a parameter in it. */
function mayBeSamePath(pattern: string, path: string): boolean {
  const [a, b] = [pattern.split("/"), path.split("/")];
  const rest = a.findIndex((segment) => segment.endsWith("*}"));
  const count = rest < 0 ? a.length : rest;
  if (rest < 0 ? a.length !== b.length : b.length < a.length) return false;
  for (let i = 0; i < count; i++) {
    const [one = "", other = ""] = [a[i], b[i]];
    if (one !== other && !one.includes("{") && !other.includes("{")) return false;
  }
  return true;
}

/** `left`: routes that were not written because nothing says which integration serves them. */
export async function planOf(
  before: readonly Route[],
  after: readonly Route[],
  matched: readonly MatchedRoute[],
  left: ReadonlySet<MatchedRoute>,
): Promise<readonly PlannedRoute[]> {
  const pauses = new Pauses();
  const old = new Map<string, Route>(before.map((route) => [route.id, route]));
  const sources = new Map(
    matched.map((route) => [`${route.imported.method} ${keyOf(route.path)}`, route.imported]),
  );
  const plan: PlannedRoute[] = [];
  for (const route of after) {
    await pauses.pause();
    const was = old.get(route.id);
    old.delete(route.id);
    const source = sources.get(`${route.method} ${route.normalizedKey}`);
    const same = was !== undefined && isDeepStrictEqual({ ...was, position: 0 }, { ...route, position: 0 });
    const fate = was === undefined ? "added" : source === undefined ? "kept" : same ? "unchanged" : "changed";
    plan.push(
      source === undefined
        ? plannedStored(route, fate)
        : { ...plannedSource(source), ...headOf(route), fate },
    );
  }
  for (const { imported, path } of left)
    plan.push({
      ...plannedSource(imported),
      method: imported.method,
      path,
      operationId: imported.operationId,
      integrationId: null,
      fate: "added",
    });
  for (const route of old.values()) {
    await pauses.pause();
    plan.push(plannedStored(route, "removed"));
  }
  return plan;
}

function headOf({
  method,
  pattern,
  operationId,
  integrationId,
}: Route): Pick<PlannedRoute, "method" | "path" | "operationId" | "integrationId"> {
  return { method, path: pattern, operationId, integrationId };
}

/** A route that the document does not have. */
function plannedStored(route: Route, fate: RouteFate): PlannedRoute {
  const { summary, tags } = JSON.parse(route.operation ?? "{}") as OperationModel;
  return { ...headOf(route), fate, summary: summary ?? "", tags: tags ?? [], source: null };
}

function plannedSource({
  operation,
  mappingKey,
  pointer,
  server,
}: ImportedRoute): Pick<PlannedRoute, "summary" | "tags" | "source"> {
  return {
    summary: operation?.summary ?? "",
    tags: operation?.tags ?? [],
    source: { mappingKey, pointer, serverUrl: server.url },
  };
}
