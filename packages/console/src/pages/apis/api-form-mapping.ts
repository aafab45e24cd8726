/** Between the API as GraphQL gives it and the form. */
import type { ApiFormFieldsFragment, UpdateApiMutationVariables } from "../../gen/api-form.js";
import { type ApiFormValue, newRouteRow } from "./api-form-state.js";

type RouteInputs = NonNullable<UpdateApiMutationVariables["input"]["routes"]>;

export function toFormValue(api: ApiFormFieldsFragment): ApiFormValue {
  return {
    title: api.title,
    summary: api.summary,
    subscriptionId: api.subscription.id,
    recoverable: api.recoverable,
    bearerRequired: api.bearerRequired,
    openapiServed: api.openapiServed,
    routes: api.routes.map((route) =>
      newRouteRow({
        id: route.id,
        method: route.method,
        path: route.path,
        validate: route.validate,
        integration: { id: route.integration.id, label: route.integration.name },
      }),
    ),
  };
}

export function toRouteInputs(value: ApiFormValue): RouteInputs {
  return value.routes.map((row) => ({
    ...(row.id === null ? {} : { id: row.id }),
    method: row.method,
    path: row.path,
    integrationId: row.integration?.id ?? "",
    validate: row.validate,
  }));
}
