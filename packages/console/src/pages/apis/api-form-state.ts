/** The API form's content and how it changes. Pure: no network, no page. */
import type { Method } from "../../ui/method-badge.js";
import type { Option } from "../../ui/remote-select.js";

export interface RouteRow {
  /** Names the row on the page; means nothing to the server. */
  readonly key: string;
  /** Of a stored route. */
  readonly id: string | null;
  readonly method: Method;
  readonly path: string;
  readonly integration: Option | null;
  readonly validate: boolean;
}

export interface ApiFormValue {
  readonly title: string;
  readonly summary: string;
  readonly subscriptionId: string | null;
  readonly recoverable: boolean;
  readonly bearerRequired: boolean;
  readonly openapiServed: boolean;
  readonly routes: readonly RouteRow[];
}

export const emptyApiForm: ApiFormValue = {
  title: "",
  summary: "",
  subscriptionId: null,
  recoverable: false,
  bearerRequired: false,
  openapiServed: false,
  routes: [],
};

export type ApiFormChange =
  | { readonly kind: "set"; readonly fields: Partial<Omit<ApiFormValue, "routes">> }
  | {
      readonly kind: "setRoute";
      readonly key: string;
      readonly fields: Partial<Omit<RouteRow, "key" | "id">>;
    }
  | { readonly kind: "addRoute"; readonly row: RouteRow }
  | { readonly kind: "removeRoute"; readonly key: string }
  | { readonly kind: "moveRoute"; readonly key: string; readonly to: number }
  | { readonly kind: "replace"; readonly value: ApiFormValue };

let nextKey = 1;

export function newRouteRow(fields: Partial<Omit<RouteRow, "key">> = {}): RouteRow {
  return {
    key: `row-${nextKey++}`,
    id: null,
    method: "GET",
    path: "",
    integration: null,
    validate: false,
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
    case "addRoute":
      return { ...value, routes: [...value.routes, change.row] };
    case "removeRoute":
      return { ...value, routes: value.routes.filter((row) => row.key !== change.key) };
    case "moveRoute":
      return { ...value, routes: moved(value.routes, change.key, change.to) };
    case "replace":
      return change.value;
  }
}

function moved(routes: readonly RouteRow[], key: string, to: number): readonly RouteRow[] {
  const from = routes.findIndex((row) => row.key === key);
  const row = routes[from];
  if (row === undefined || to < 0 || to >= routes.length || to === from) return routes;
  const rest = routes.filter((each) => each.key !== key);
  return [...rest.slice(0, to), row, ...rest.slice(to)];
}

/** What the server would store: rows without their page-only keys. */
function content(value: ApiFormValue): unknown {
  const { routes, ...fields } = value;
  return [
    fields,
    routes.map(({ id, method, path, integration, validate }) => [
      id,
      method,
      path,
      integration?.id,
      validate,
    ]),
  ];
}

export function isSameForm(a: ApiFormValue, b: ApiFormValue): boolean {
  return a === b || JSON.stringify(content(a)) === JSON.stringify(content(b));
}

/** One line a route, for comparing two versions. */
export function routeLine(row: RouteRow): string {
  return `${row.method} ${row.path} → ${row.integration?.label ?? "(no integration)"}`;
}
