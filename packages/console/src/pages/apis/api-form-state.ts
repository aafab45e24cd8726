/** The API form's content and how it changes. Pure: no network, no page. */

import type { ResponseValidation } from "../../gen/api-form.js";
import { type HeaderRulesValues, noHeaderRules } from "../../policies/header-rules-inputs.js";
import { type IpRulesValues, noIpRules } from "../../policies/ip-rules.js";
import { type LimitsValues, limitText, noLimits } from "../../policies/limit-values.js";
import { noOwnership, type OwnershipValues } from "../../policies/ownership.js";
import { readLines } from "../../policies/read-lines.js";
import type { Method } from "../../ui/method-badge.js";
import type { Option } from "../../ui/remote-select.js";
import {
  isSameOperation,
  noOperation,
  type OperationForm,
  operationLabel,
} from "../operation/operation-form.js";

/** What clients may do at a route, and what is done to headers. */
export interface RoutePolicies extends LimitsValues, HeaderRulesValues {
  /** Empty: the integration's. */
  readonly requestBodyBytesMax: number | string;
}

export const noRoutePolicies: RoutePolicies = { ...noLimits, ...noHeaderRules, requestBodyBytesMax: "" };

export interface RouteRow {
  /** Names the row on the page; means nothing to the server. */
  readonly key: string;
  /** Of a stored route. */
  readonly id: string | null;
  readonly method: Method;
  readonly path: string;
  readonly integration: Option | null;
  readonly validate: boolean;
  readonly responseValidation: ResponseValidation;
  readonly operation: OperationForm;
  readonly policies: RoutePolicies;
}

/** A CORS policy as the form has it. */
export interface CorsForm {
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  readonly exposedHeaders: readonly string[];
  readonly credentials: boolean;
  readonly maxAgeSeconds: number;
}

export const newCorsForm: CorsForm = {
  origins: [],
  methods: [],
  headers: [],
  exposedHeaders: [],
  credentials: false,
  maxAgeSeconds: 600,
};

export interface ApiFormValue extends LimitsValues, IpRulesValues, OwnershipValues {
  readonly title: string;
  readonly summary: string;
  readonly subscriptionId: string | null;
  readonly recoverable: boolean;
  readonly bearerRequired: boolean;
  readonly openapiServed: boolean;
  /** Null: no web page may call it. */
  readonly cors: CorsForm | null;
  readonly routes: readonly RouteRow[];
}

export const emptyApiForm: ApiFormValue = {
  title: "",
  summary: "",
  subscriptionId: null,
  recoverable: false,
  bearerRequired: false,
  openapiServed: false,
  cors: null,
  ...noLimits,
  ...noIpRules,
  ...noOwnership,
  routes: [],
};

export type ApiFormChange =
  | { readonly kind: "set"; readonly fields: Partial<Omit<ApiFormValue, "routes">> }
  | {
      readonly kind: "setRoute";
      readonly key: string;
      readonly fields: Partial<Omit<RouteRow, "key" | "id">>;
    }
  | { readonly kind: "addRoutes"; readonly rows: readonly RouteRow[] }
  | { readonly kind: "removeRoutes"; readonly keys: ReadonlySet<string> }
  /** Puts removed rows back where they were. */
  | { readonly kind: "restoreRoutes"; readonly removed: readonly RemovedRoute[] }
  | { readonly kind: "setIntegrations"; readonly of: ReadonlyMap<string, Option | null> }
  | { readonly kind: "moveRoute"; readonly key: string; readonly to: number };

export interface RemovedRoute {
  readonly row: RouteRow;
  readonly index: number;
}

let nextKey = 1;

export function newRouteRow(fields: Partial<RouteRow> = {}): RouteRow {
  return {
    key: `row-${nextKey++}`,
    id: null,
    method: "GET",
    path: "",
    integration: null,
    validate: false,
    responseValidation: "OFF",
    operation: noOperation,
    policies: noRoutePolicies,
    ...fields,
  };
}

export function changeApiForm(value: ApiFormValue, change: ApiFormChange): ApiFormValue {
  switch (change.kind) {
    case "set":
      return { ...value, ...change.fields };
    case "setRoute":
      return {
        ...value,
        routes: value.routes.map((row) => (row.key === change.key ? { ...row, ...change.fields } : row)),
      };
    case "addRoutes":
      return { ...value, routes: [...value.routes, ...change.rows] };
    case "removeRoutes":
      return { ...value, routes: value.routes.filter((row) => !change.keys.has(row.key)) };
    case "restoreRoutes":
      return { ...value, routes: restored(value.routes, change.removed) };
    case "setIntegrations":
      return {
        ...value,
        routes: value.routes.map((row) => {
          const integration = change.of.get(row.key);
          return integration === undefined ? row : { ...row, integration };
        }),
      };
    case "moveRoute":
      return { ...value, routes: moved(value.routes, change.key, change.to) };
  }
}

function moved(routes: readonly RouteRow[], key: string, to: number): readonly RouteRow[] {
  const from = routes.findIndex((row) => row.key === key);
  const row = routes[from];
  if (row === undefined || to < 0 || to >= routes.length || to === from) return routes;
  const rest = routes.filter((each) => each.key !== key);
  return [...rest.slice(0, to), row, ...rest.slice(to)];
}

function restored(routes: readonly RouteRow[], removed: readonly RemovedRoute[]): readonly RouteRow[] {
  const next = [...routes];
  const known = new Set(routes.map(({ key }) => key));
  for (const { row, index } of [...removed].sort((a, b) => a.index - b.index))
    if (!known.has(row.key)) next.splice(index, 0, row);
  return next;
}

/** Whether the same would be stored. The key means something on the page only. */
export function isSameRow(a: RouteRow, b: RouteRow | undefined): boolean {
  return (
    a === b ||
    (b !== undefined &&
      a.id === b.id &&
      a.method === b.method &&
      a.path === b.path &&
      a.integration?.id === b.integration?.id &&
      a.validate === b.validate &&
      a.responseValidation === b.responseValidation &&
      isSameOperation(a.operation, b.operation) &&
      isSamePolicies(a.policies, b.policies))
  );
}

export function isSamePolicies(a: RoutePolicies, b: RoutePolicies): boolean {
  return a === b || policyLines(a).join("\n") === policyLines(b).join("\n");
}

/** The policies that a route has, one per line. */
export function policyLines({
  rateLimit,
  quota,
  requestBodyBytesMax,
  ...rules
}: RoutePolicies): readonly string[] {
  return [
    ...(rateLimit.limit === "" ? [] : [`rate limit: ${limitText(rateLimit)}`]),
    ...(quota.limit === "" ? [] : [`quota: ${limitText(quota)}`]),
    ...(requestBodyBytesMax === "" ? [] : [`largest request body: ${requestBodyBytesMax} bytes`]),
    ...readLines(rules.requestHeaderRules).map((rule) => `request header: ${rule}`),
    ...readLines(rules.responseHeaderRules).map((rule) => `response header: ${rule}`),
  ];
}

/** A route in words, for comparing two versions. */
export function routeLine(row: RouteRow): string {
  const label = operationLabel(row.operation);
  const operation = label === "none" ? "" : `, operation: ${label}`;
  const policies = policyLines(row.policies).map((line) => `, ${line}`);
  return `${row.method} ${row.path} → ${row.integration?.label ?? "(no integration)"}${operation}${policies.join("")}`;
}

/** Differs where anything that people choose for a route does, be it not in its line. */
export function routeContent(row: RouteRow): string {
  return JSON.stringify([routeLine(row), row.validate, row.responseValidation, row.operation.operation]);
}
