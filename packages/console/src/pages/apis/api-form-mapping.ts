/** Between the API as GraphQL gives it and the form. */
import type { ApiFormFieldsFragment, UpdateApiMutationVariables } from "../../gen/api-form.js";
import type { UserErrorLike } from "../../graphql/user-errors.js";
import { toHeaderRules, toHeaderRulesValues } from "../../policies/header-rules-inputs.js";
import { toIpRules, toIpRulesValues } from "../../policies/ip-rules.js";
import { toLimit, toLimitsValues } from "../../policies/limit-values.js";
import { toOwnership, toOwnershipValues } from "../../policies/ownership.js";
import { policyErrorField } from "../../policies/policy-fields.js";
import { checkOperation, isSameOperation, showText, toOperationForm } from "../operation/operation-form.js";
import {
  type ApiFormValue,
  type CorsForm,
  isSamePolicies,
  newRouteRow,
  type RoutePolicies,
  type RouteRow,
} from "./api-form-state.js";

type RouteInputs = NonNullable<UpdateApiMutationVariables["input"]["routes"]>;

/** `shown`: the rows on the page. Those that stay keep their key, so that what is open stays open. */
export function toFormValue(api: ApiFormFieldsFragment, shown: readonly RouteRow[] = []): ApiFormValue {
  const shownById = byId(shown.filter((row) => row.id !== null));
  return {
    title: api.title,
    summary: api.summary,
    subscriptionId: api.subscription.id,
    recoverable: api.recoverable,
    bearerRequired: api.bearerRequired,
    openapiServed: api.openapiServed,
    cors: api.cors === null ? null : toCorsForm(api.cors),
    ...toLimitsValues(api),
    ...toIpRulesValues(api.ipRules),
    ...toOwnershipValues(api),
    routes: api.routes.map((route, index) => {
      const there = shown[index];
      const isAdded = there?.id === null && there.method === route.method && there.path === route.path;
      const added = isAdded ? there : undefined;
      const before = shownById.get(route.id) ?? added;
      const operation = toOperationForm(route.operation);
      return newRouteRow({
        ...(before !== undefined && { key: before.key }),
        id: route.id,
        method: route.method,
        path: route.path,
        validate: route.validate,
        responseValidation: route.responseValidation,
        operation: before?.operation.kind === "text" ? showText(operation) : operation,
        integration: { id: route.integration.id, label: route.integration.name },
        policies: {
          ...toLimitsValues(route),
          ...toHeaderRulesValues(route.headerRules),
          requestBodyBytesMax: route.requestBodyBytesMax || "",
        },
      });
    }),
  };
}

/** Without the type's name, which no input takes. */
function toCorsForm(cors: NonNullable<ApiFormFieldsFragment["cors"]>): CorsForm {
  const { origins, methods, headers, exposedHeaders, credentials, maxAgeSeconds } = cors;
  return { origins, methods, headers, exposedHeaders, credentials, maxAgeSeconds };
}

/** `stored`: the routes as the server has them, in the version that the change is meant for. */
export function toRouteInputs(value: ApiFormValue, stored: readonly RouteRow[]): RouteInputs {
  const storedById = byId(stored);
  return value.routes.map((row) => ({
    ...(row.id === null ? {} : { id: row.id }),
    method: row.method,
    path: row.path,
    integrationId: row.integration?.id ?? "",
    validate: row.validate,
    responseValidation: row.responseValidation,
    ...(keepsOperation(row, storedById) ? {} : { operation: row.operation.operation }),
    ...(keepsPolicies(row, storedById) ? {} : toPolicies(row.policies)),
  }));
}

function toPolicies(policies: RoutePolicies) {
  return {
    rateLimit: toLimit(policies.rateLimit),
    quota: toLimit(policies.quota),
    requestBodyBytesMax: Number(policies.requestBodyBytesMax || 0),
    headerRules: toHeaderRules(policies),
  };
}

/** The changed fields only, but for the routes. */
export function toApiFields(
  values: ApiFormValue,
  changed: ReadonlySet<string>,
): Omit<UpdateApiMutationVariables["input"], "id" | "expectedVersion" | "routes"> {
  return {
    ...(changed.has("title") && { title: values.title }),
    ...(changed.has("summary") && { summary: values.summary }),
    ...(changed.has("subscriptionId") &&
      values.subscriptionId !== null && { subscriptionId: values.subscriptionId }),
    ...(changed.has("recoverable") && { recoverable: values.recoverable }),
    ...(changed.has("bearerRequired") && { bearerRequired: values.bearerRequired }),
    ...(changed.has("openapiServed") && { openapiServed: values.openapiServed }),
    ...(changed.has("cors") && { cors: values.cors }),
    ...(changed.has("rateLimit") && { rateLimit: toLimit(values.rateLimit) }),
    ...(changed.has("quota") && { quota: toLimit(values.quota) }),
    ...((changed.has("allowIps") || changed.has("denyIps")) && { ipRules: toIpRules(values) }),
    ...toOwnership(values, changed),
  };
}

/** The form's field for a field of the input. */
export function apiErrorField(path: string): string {
  const [, place, field] = /^(routes\.\d+\.)(.+)$/.exec(path) ?? [];
  return place === undefined || field === undefined
    ? policyErrorField(path)
    : `${place}${policyErrorField(field)}`;
}

/** What cannot be sent, or what the server would refuse less clearly; an operation that is left alone is not checked. */
export function checkRoutes(value: ApiFormValue, stored: readonly RouteRow[]): readonly UserErrorLike[] {
  const storedById = byId(stored);
  return value.routes.flatMap((row, index) =>
    keepsOperation(row, storedById)
      ? []
      : checkOperation(row.operation, ["input", "routes", String(index), "operation"]),
  );
}

/**
 * True: the field is left out, and the server keeps what it has. Only where it cannot take another route for the one
 * that is meant: by id, method and path; a new row may look like a stored one that was removed.
 */
function keepsOperation(row: RouteRow, storedById: ReadonlyMap<string | null, RouteRow>): boolean {
  const before = storedById.get(row.id);
  return isSameRoute(row, before) && isSameOperation(before.operation, row.operation);
}

/** As for the operation. A new route without policies has none anyway. */
function keepsPolicies(row: RouteRow, storedById: ReadonlyMap<string | null, RouteRow>): boolean {
  const before = storedById.get(row.id);
  return isSameRoute(row, before) && isSamePolicies(before.policies, row.policies);
}

function isSameRoute(row: RouteRow, before: RouteRow | undefined): before is RouteRow {
  return row.id !== null && before?.method === row.method && before.path === row.path;
}

function byId(rows: readonly RouteRow[]): ReadonlyMap<string | null, RouteRow> {
  return new Map(rows.map((row) => [row.id, row]));
}
