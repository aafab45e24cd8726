/** Which errors of the API form stay after an edit. */
import type { FieldErrors } from "../../graphql/user-errors.js";
import {
  type ApiFormChange,
  type ApiFormValue,
  noRoutePolicies,
  type RoutePolicies,
  type RouteRow,
} from "./api-form-state.js";

export function apiFormErrorsAfter(
  errors: FieldErrors,
  value: ApiFormValue,
  change: ApiFormChange,
): FieldErrors {
  if (!errors.any) return errors;
  switch (change.kind) {
    case "set":
      return Object.keys(change.fields).reduce((left, name) => left.without(name), errors);
    case "setRoute": {
      const index = value.routes.findIndex((row) => row.key === change.key);
      return routeErrorFields(change.fields, value.routes[index]).reduce(
        (left, name) => left.without(`routes.${index}.${name}`),
        errors,
      );
    }
    case "addRoutes":
      return errors;
    case "setIntegrations":
      return value.routes.reduce(
        (left, row, index) => (change.of.has(row.key) ? left.without(`routes.${index}.integrationId`) : left),
        errors,
      );
    // Rows have new places: which row an error belongs to is no longer known.
    case "removeRoutes":
    case "restoreRoutes":
    case "moveRoute":
      return errors.without("routes");
  }
}

/** The fields of errors that a change of a row's fields removes. */
function routeErrorFields(
  fields: Extract<ApiFormChange, { kind: "setRoute" }>["fields"],
  before: RouteRow | undefined,
): readonly string[] {
  return Object.keys(fields).flatMap((name) => {
    if (name === "policies") return changedPolicies(fields.policies, before?.policies);
    return name === "integration" ? ["integrationId"] : [name];
  });
}

function changedPolicies(policies: RoutePolicies = noRoutePolicies, before: RoutePolicies = noRoutePolicies) {
  const names = Object.keys(noRoutePolicies) as (keyof RoutePolicies)[];
  return names.filter((name) => policies[name] !== before[name]);
}
