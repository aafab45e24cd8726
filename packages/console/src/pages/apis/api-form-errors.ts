/** Which errors of the API form stay after an edit. */
import type { FieldErrors } from "../../graphql/user-errors.js";
import type { ApiFormChange, ApiFormValue } from "./api-form-state.js";

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
      return Object.keys(change.fields).reduce(
        (left, name) => left.without(`routes.${index}.${name === "integration" ? "integrationId" : name}`),
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
