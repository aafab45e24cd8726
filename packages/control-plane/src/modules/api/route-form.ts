/**
 * The rules of an Api's routes: methods, path patterns, duplicates, integrations. Pure: the integrations are
 * looked up before. A route keeps its id while it can be recognised, by id or by method and path.
 */
import {
  type ApiId,
  type IntegrationId,
  newId,
  normalizedKey,
  parseRoutePattern,
  type RouteId,
} from "@latchkey/core";
import { checkText } from "../../form.js";
import type { Problems } from "../../refusal.js";
import type { IntegrationTarget } from "../integration/integration-store.js";
import { apiLimits, type Route, type RouteMethod, routeMethods } from "./api.js";
import { makeOperationId } from "./operation-id.js";

type Maybe<T> = T | null | undefined;

export interface RouteForm {
  /** Of the route it was; a route without is recognised by method and path. */
  readonly id?: Maybe<string>;
  readonly method: string;
  readonly path: string;
  readonly integrationId: string;
  readonly summary?: Maybe<string>;
  readonly operationId?: Maybe<string>;
  readonly validate?: Maybe<boolean>;
}

export interface RouteContext {
  readonly apiId: ApiId;
  readonly subscriptionId: string;
  readonly existing: readonly Route[];
  readonly targets: ReadonlyMap<string, IntegrationTarget>;
}

/** The routes as they will be stored; of no use when there are problems. */
export function checkRoutes(
  problems: Problems,
  forms: readonly RouteForm[],
  context: RouteContext,
): readonly Route[] {
  if (forms.length > apiLimits.routesMax) {
    problems.add("TOO_MANY", ["input", "routes"], `An API has at most ${apiLimits.routesMax} routes.`);
    return [];
  }
  const recognise = recogniser(context.existing);
  const firstByKey = new Map<string, number>();
  const routes: Route[] = [];
  for (const [i, form] of forms.entries()) {
    const at = (...path: readonly string[]) => ["input", "routes", String(i), ...path];
    const method = checkMethod(problems, at("method"), form.method);
    const parsed = parseRoutePattern(form.path.trim());
    if (!parsed.ok) problems.add("PATH_MALFORMED", at("path"), parsed.error.message);
    checkTarget(problems, at("integrationId"), form.integrationId, context);
    const summary = checkText(problems, at("summary"), "The summary", form.summary ?? "", {
      charsMax: apiLimits.routeSummaryCharsMax,
    });
    if (!parsed.ok || method === null) continue;

    const key = normalizedKey(parsed.value);
    const first = firstByKey.get(`${method} ${key}`);
    if (first === undefined) firstByKey.set(`${method} ${key}`, i);
    else
      problems.add(
        "DUPLICATE_ROUTE",
        at("path"),
        `${method} ${parsed.value.text} matches the same requests as route ${first + 1}.`,
      );

    const before = recognise(form.id ?? null, method, key);
    const isSame = before?.method === method && before.pattern === parsed.value.text;
    routes.push({
      id: before?.id ?? newId("route"),
      apiId: context.apiId,
      position: i,
      method,
      pattern: parsed.value.text,
      normalizedKey: key,
      integrationId: form.integrationId as IntegrationId,
      operationId:
        checkOperationId(problems, at("operationId"), form.operationId) ?? (isSame ? before.operationId : ""),
      summary: form.summary === undefined ? (before?.summary ?? "") : summary,
      validate: form.validate ?? before?.validate ?? false,
    });
  }
  return nameOperations(problems, routes);
}

function checkMethod(problems: Problems, field: readonly string[], text: string): RouteMethod | null {
  const method = text.trim().toUpperCase();
  if ((routeMethods as readonly string[]).includes(method)) return method as RouteMethod;
  problems.add(
    "METHOD_RESERVED",
    field,
    method === "CONNECT" || method === "TRACE"
      ? `${method} belongs to the connection itself and cannot be routed; choose one of ${routeMethods.join(", ")}.`
      : `This method cannot be routed; choose one of ${routeMethods.join(", ")}.`,
  );
  return null;
}

function checkTarget(problems: Problems, field: readonly string[], id: string, context: RouteContext): void {
  const target = context.targets.get(id);
  if (id.trim() === "") problems.add("REQUIRED", field, "Choose the integration that gets the requests.");
  else if (target === undefined)
    problems.add("INTEGRATION_UNKNOWN", field, "There is no integration with this id.");
  else if (target.subscriptionId !== context.subscriptionId)
    problems.add(
      "INTEGRATION_OF_OTHER_SUBSCRIPTION",
      field,
      `The integration "${target.name}" belongs to another subscription.`,
    );
  else if (target.inboundKind !== "api")
    problems.add(
      "INTEGRATION_NOT_ROUTABLE",
      field,
      `The integration "${target.name}" is started by ${target.inboundKind}, not by API, so nothing can be routed to it.`,
    );
}

const OPERATION_ID = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

function checkOperationId(problems: Problems, field: readonly string[], text: Maybe<string>): string | null {
  if (text === null || text === undefined || text === "") return null;
  if (text.length > apiLimits.operationIdCharsMax || !OPERATION_ID.test(text))
    problems.add(
      "INVALID",
      field,
      `An operation id is a letter, then letters, digits, "_", "." or "-", at most ${apiLimits.operationIdCharsMax} characters.`,
    );
  return text;
}

/** Names the operations that have no name yet, so that each is unique in the Api. */
function nameOperations(problems: Problems, routes: readonly Route[]): readonly Route[] {
  const taken = new Set<string>();
  for (const route of routes) {
    if (route.operationId === "") continue;
    if (taken.has(route.operationId))
      problems.add(
        "INVALID",
        ["input", "routes", String(route.position), "operationId"],
        `The operation id "${route.operationId}" is used twice.`,
      );
    taken.add(route.operationId);
  }
  return routes.map((route) => {
    if (route.operationId !== "") return route;
    const operationId = makeOperationId(route.method, route.pattern, taken);
    taken.add(operationId);
    return { ...route, operationId };
  });
}

/** Finds the stored route that a form's row was, each at most once. */
function recogniser(existing: readonly Route[]) {
  const byId = new Map<string, Route>(existing.map((route) => [route.id, route]));
  const byKey = new Map(existing.map((route) => [`${route.method} ${route.normalizedKey}`, route]));
  const used = new Set<RouteId>();
  return (id: string | null, method: string, key: string): Route | undefined => {
    const found = (id === null ? undefined : byId.get(id)) ?? byKey.get(`${method} ${key}`);
    if (found === undefined || used.has(found.id)) return undefined;
    used.add(found.id);
    return found;
  };
}
