/**
 * The rules of an Api's routes: path patterns, duplicates, integrations. Pure: the integrations are
 * looked up before. A route keeps its id while it can be recognized, by id or by method and path.
 */

import {
  type ApiId,
  type IntegrationId,
  newId,
  noHeaderRules,
  normalizedKey,
  Pauses,
  parseRoutePattern,
  type RouteId,
} from "@latchkey/core";
import { isOperationId, makeOperationId, operationIdsOf } from "@latchkey/openapi";
import { CROWD_MESSAGE, findCrowd } from "@latchkey/router";
import type { ResponseValidation } from "@latchkey/snapshot";
import type { Problems } from "../../errors/user-error.js";
import { checkNumber, type Maybe, pick, refuseNulls } from "../../forms/form.js";
import { checkHeaderRules, type HeaderRulesForm } from "../../forms/header-rules-form.js";
import { checkLimits, type LimitsForm, noRequestLimits } from "../../forms/limit-form.js";
import type { IntegrationTarget } from "../integration/integration.js";
import { missingPlaceholder } from "../integration/upstream-url.js";
import { apiLimits, type Route, type RouteMethod } from "./api.js";
import { checkOperation, checkStoredReferences, type OperationContext } from "./operation-form.js";
import { ReachedSizes } from "./reached-sizes.js";

export interface RouteForm extends LimitsForm {
  /** Of the route it was; a route without is recognized by method and path. */
  readonly id?: Maybe<string>;
  readonly method: RouteMethod;
  readonly path: string;
  readonly integrationId: string;
  readonly operationId?: Maybe<string>;
  readonly validate?: Maybe<boolean>;
  readonly responseValidation?: Maybe<ResponseValidation>;
  /** An `OperationModel` of @latchkey/openapi. Left out: as it was; null: none. */
  readonly operation?: Maybe<object>;
  /** Left out: as they were; null: none. */
  readonly headerRules?: Maybe<HeaderRulesForm>;
  /** Left out: as it was; null: none. */
  readonly requestBodyBytesMax?: Maybe<number>;
}

const REQUEST_BODY_BYTES_MAX = 2 ** 40;

/** What a stored route cannot be without. On a new route null is the default, as if it were left out. */
const alwaysSet = [
  "operationId",
  "validate",
  "responseValidation",
] as const satisfies readonly (keyof RouteForm)[];

/** A stored route as the form that leaves it as it is. */
export function routeFormOf(route: Route): RouteForm {
  const { id, method, pattern, integrationId, operationId, validate, responseValidation } = route;
  return { id, method, path: pattern, integrationId, operationId, validate, responseValidation };
}

/** A stored route as the form of a new one that is like it. */
export function routeCopyOf(route: Route): RouteForm {
  const operation = route.operation === null ? null : (JSON.parse(route.operation) as object);
  const { headerRules, requestBodyBytesMax, rateLimit, quota } = route;
  const policies = { headerRules, requestBodyBytesMax, rateLimit, quota };
  return { ...routeFormOf(route), id: null, operation, ...policies };
}

export interface RouteContext extends OperationContext {
  /** JSON text of the Api's shared schemas, or null. */
  readonly schemas: string | null;
  readonly schemasChanged: boolean;
  readonly apiId: ApiId;
  readonly subscriptionId: string;
  readonly existing: readonly Route[];
  readonly targets: ReadonlyMap<string, IntegrationTarget>;
}

/** The routes as they will be stored; of no use when there are problems. */
export async function checkRoutes(
  problems: Problems,
  forms: readonly RouteForm[],
  context: RouteContext,
): Promise<readonly Route[]> {
  if (forms.length > apiLimits.routesMax) {
    problems.add("TOO_MANY", ["input", "routes"], `An API has at most ${apiLimits.routesMax} routes.`);
    return [];
  }
  const recognize = recognizer(context.existing, forms);
  const firstByKey = new Map<string, number>();
  const routes: Route[] = [];
  const pauses = new Pauses();
  const sizes = new ReachedSizes(context.schemas);
  for (const [i, form] of forms.entries()) {
    await pauses.pause();
    const at = (...path: readonly string[]) => ["input", "routes", String(i), ...path];
    const { method } = form;
    const parsed = parseRoutePattern(form.path.trim());
    if (!parsed.ok) problems.add("PATH_MALFORMED", at("path"), parsed.error.message);
    const names = parsed.ok ? parsed.value.parameterNames : null;
    checkTarget(problems, at("integrationId"), form.integrationId, names, context);
    const operation = checkOperation(problems, at("operation"), form.operation, context);
    if (!parsed.ok) continue;

    const key = normalizedKey(parsed.value);
    const first = firstByKey.get(`${method} ${key}`);
    if (first === undefined) firstByKey.set(`${method} ${key}`, i);
    else
      problems.add(
        "DUPLICATE_ROUTE",
        at("path"),
        `${method} ${parsed.value.text} matches the same requests as route ${first + 1}.`,
      );

    const before = recognize(form.id ?? null, method, key);
    if (before !== undefined) refuseNulls(problems, at(), form, alwaysSet);
    if (operation === undefined && before !== undefined)
      checkStoredReferences(problems, at("operation"), before.operation, context.schemaNames);
    const isSame = before?.method === method && before.pattern === parsed.value.text;
    const checks = {
      validate: form.validate ?? before?.validate ?? false,
      responseValidation: form.responseValidation ?? before?.responseValidation ?? "off",
    };
    const text = operation === undefined ? (before?.operation ?? null) : operation;
    const isUnchanged =
      before !== undefined &&
      !context.schemasChanged &&
      before.operation === text &&
      before.validate === checks.validate &&
      before.responseValidation === checks.responseValidation;
    if (text !== null && !isUnchanged)
      sizes.check(problems, at("operation"), text, {
        // The reader of documents has left out what is too large for requests.
        requests: checks.validate && !context.schemasChecked,
        responses: checks.responseValidation !== "off",
      });
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
      operation: text,
      headerRules: checkHeaderRules(
        problems,
        at("headerRules"),
        before?.headerRules ?? noHeaderRules,
        form.headerRules,
        names,
      ),
      requestBodyBytesMax: checkNumber(
        problems,
        at("requestBodyBytesMax"),
        "The limit",
        pick(form.requestBodyBytesMax, before?.requestBodyBytesMax ?? 0, 0),
        { min: 0, max: REQUEST_BODY_BYTES_MAX, unit: "bytes" },
      ),
      ...checkLimits(problems, at(), before ?? noRequestLimits, form),
      ...checks,
    });
  }
  checkTogether(problems, routes);
  return nameOperations(problems, routes);
}

/** What is in order route by route may be too much in one API. */
function checkTogether(problems: Problems, routes: readonly Route[]): void {
  let chars = 0;
  for (const { operation } of routes) chars += operation?.length ?? 0;
  if (chars > apiLimits.operationsCharsMax)
    problems.add(
      "TOO_LONG",
      ["input", "routes"],
      `The operations of an API have at most ${apiLimits.operationsCharsMax} characters of JSON; these have ${chars}.`,
    );
  const crowd = findCrowd(routes.map((route) => route.pattern));
  if (crowd !== null) {
    const index = routes[crowd]?.position ?? crowd;
    problems.add("TOO_MANY", ["input", "routes", String(index), "path"], CROWD_MESSAGE);
  }
}

/** @param names of the path's parameters; null when the path is no pattern */
function checkTarget(
  problems: Problems,
  field: readonly string[],
  id: string,
  names: readonly string[] | null,
  context: RouteContext,
): void {
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
  else if (names !== null) {
    const missing = missingPlaceholder(target.urls, names);
    if (missing !== undefined)
      problems.add(
        "INVALID",
        field,
        `The URL of the integration "${target.name}" has {${missing}}, and the route's path has no parameter of this name.`,
      );
  }
}

function checkOperationId(problems: Problems, field: readonly string[], text: Maybe<string>): string | null {
  if (text === null || text === undefined || text === "") return null;
  if (!isOperationId(text))
    problems.add(
      "INVALID",
      field,
      `An operation id has letters, digits and ._~:/-, at most ${apiLimits.operationIdCharsMax} characters.`,
    );
  return text;
}

/** Names the operations that have no name yet, so that each is unique in the Api. */
function nameOperations(problems: Problems, routes: readonly Route[]): readonly Route[] {
  const taken = new Set<string>();
  for (const route of routes) {
    if (route.operationId === "") continue;
    const ids = operationIdsOf(route.method, route.operationId);
    if (ids.some((id) => taken.has(id)))
      problems.add(
        "INVALID",
        ["input", "routes", String(route.position), "operationId"],
        `The operation id "${route.operationId}" is used twice.`,
      );
    for (const id of ids) taken.add(id);
  }
  return routes.map((route) => {
    if (route.operationId !== "") return route;
    const operationId = makeOperationId(route.method, route.pattern, taken);
    for (const id of operationIdsOf(route.method, operationId)) taken.add(id);
    return { ...route, operationId };
  });
}

/** Finds the stored route that a form's row was, each at most once: by id, or by method and path if no row names its id. */
function recognizer(existing: readonly Route[], forms: readonly RouteForm[]) {
  const named = new Set<string>(forms.flatMap(({ id }) => id ?? []));
  const byId = new Map<string, Route>(existing.map((route) => [route.id, route]));
  const byKey = new Map(existing.map((route) => [`${route.method} ${route.normalizedKey}`, route]));
  const used = new Set<RouteId>();
  return (id: string | null, method: string, key: string): Route | undefined => {
    const byItsId = id === null ? undefined : byId.get(id);
    const found = byItsId ?? byKey.get(`${method} ${key}`);
    if (found === undefined || used.has(found.id)) return undefined;
    if (byItsId === undefined && named.has(found.id)) return undefined;
    used.add(found.id);
    return found;
  };
}
