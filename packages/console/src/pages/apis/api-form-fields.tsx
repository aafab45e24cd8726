/** The fields of the API form, for comparing versions and for sending only what was changed. */
import { type FormField, type ListFields, propertyField } from "../../forms/form-fields.js";
import { ipRulesFields, limitFields, ownershipFields } from "../../policies/policy-fields.js";
import { SubscriptionName } from "../subscriptions/subscription-name.js";
import { type ApiFormValue, type CorsForm, isSameRow, type RouteRow, routeLine } from "./api-form-state.js";

type Field = FormField<ApiFormValue>;

const isOn = (value: boolean) => (value ? "On" : "Off");

const plainFields: readonly Field[] = [
  propertyField<ApiFormValue, "title">("title", "Title", (title) => title),
  propertyField<ApiFormValue, "summary">("summary", "Summary", (summary) => summary),
  propertyField<ApiFormValue, "subscriptionId">("subscriptionId", "Subscription", (id) => (
    <SubscriptionName id={id} />
  )),
  propertyField<ApiFormValue, "recoverable">("recoverable", "Keep keys recoverable", isOn),
  propertyField<ApiFormValue, "bearerRequired">("bearerRequired", "Require a bearer token", isOn),
  propertyField<ApiFormValue, "openapiServed">("openapiServed", "Serve the OpenAPI document", isOn),
  propertyField<ApiFormValue, "cors">("cors", "Calls from web pages", showCors),
  ...limitFields<ApiFormValue>(),
  ...ipRulesFields<ApiFormValue>(),
  ...ownershipFields<ApiFormValue>(),
];

function showCors(cors: CorsForm | null): string {
  if (cors === null) return "Off";
  const { origins, methods, headers, exposedHeaders, credentials, maxAgeSeconds } = cors;
  return [
    `Origins: ${origins.join(", ")}`,
    `Methods: ${methods.join(", ") || "any"}`,
    `Request headers: ${headers.join(", ") || "any"}`,
    `Readable response headers: ${exposedHeaders.join(", ") || "none more"}`,
    `Cookies: ${isOn(credentials)}`,
    `Permission kept for ${maxAgeSeconds} s`,
  ].join("\n");
}

/** Each route is a field of its own, by the key of its row; so is the order of the routes that all versions have. */
export const apiFormFields: ListFields<ApiFormValue> = (versions) => {
  const rows = new RowsByKey();
  const labels = new Map<string, string>();
  for (const { routes } of versions)
    for (const row of routes)
      if (!labels.has(row.key)) labels.set(row.key, `Route ${row.method} ${row.path}`);
  return [
    ...plainFields,
    ...[...labels].map(([key, label]) => routeField(key, label, rows)),
    orderField(versions, rows),
  ];
};

function routeField(key: string, label: string, rows: RowsByKey): Field {
  return {
    id: `routes.${key}`,
    label,
    isSame: (a, b) => {
      const [mine, other] = [rows.of(a).get(key), rows.of(b).get(key)];
      return mine === undefined || other === undefined ? mine === other : isSameRow(mine, other);
    },
    show: (value) => {
      const row = rows.of(value).get(key);
      return row === undefined ? <span className="lk-muted">No such route</span> : routeLine(row);
    },
    copy: (into, from) => {
      const row = rows.of(from).get(key);
      if (row === undefined) return { ...into, routes: into.routes.filter((each) => each.key !== key) };
      if (rows.of(into).has(key))
        return { ...into, routes: into.routes.map((each) => (each.key === key ? row : each)) };
      // It is deleted there: the server takes it as a new route.
      return { ...into, routes: [...into.routes, { ...row, id: null }] };
    },
  };
}

function orderField(versions: readonly ApiFormValue[], rows: RowsByKey): Field {
  const isCommon = (row: RouteRow) => versions.every((each) => rows.of(each).has(row.key));
  const order = (value: ApiFormValue) => value.routes.filter(isCommon).map((row) => row.key);
  return {
    id: "routes.order",
    label: "Order of the routes",
    isSame: (a, b) => a.routes === b.routes || order(a).join(" ") === order(b).join(" "),
    show: (value) =>
      value.routes
        .filter(isCommon)
        .map((row, index) => `${index + 1}. ${row.method} ${row.path}`)
        .join("\n"),
    copy: (into, from) => {
      const ordered = order(from).map((key) => rows.of(into).get(key));
      return { ...into, routes: into.routes.map((row) => (isCommon(row) ? (ordered.shift() ?? row) : row)) };
    },
  };
}

/** The rows of a version by key, each version looked through once. */
class RowsByKey {
  readonly #known = new WeakMap<readonly RouteRow[], ReadonlyMap<string, RouteRow>>();

  of({ routes }: ApiFormValue): ReadonlyMap<string, RouteRow> {
    const known = this.#known.get(routes);
    if (known !== undefined) return known;
    const rows = new Map(routes.map((row) => [row.key, row]));
    this.#known.set(routes, rows);
    return rows;
  }
}
