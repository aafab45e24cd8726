/** An Api as ingress nodes know it. */
import type { RouteParameters } from "@latchkey/openapi";
import type { ApiResource, ParameterValue } from "@latchkey/snapshot";
import type { Api, Route } from "./api.js";

/** `document`: the OpenAPI document in UTF-8, or null when the Api does not serve it. */
export function toApiResource(api: Api, routes: readonly Route[], document: Uint8Array | null): ApiResource {
  return {
    kind: "api",
    id: api.id,
    subscriptionId: api.subscriptionId,
    title: api.title,
    versionLabel: api.versionLabel,
    routes: routes.map((route) => ({
      id: route.id,
      method: route.method,
      pattern: route.pattern,
      integrationId: route.integrationId,
      validate: route.validate,
      parameters: route.validate ? toParameterValues(route.parameters) : [],
      operation: route.validate ? toOperation(route.parameters) : null,
      responseValidation: "off",
    })),
    openapiJson: document,
    bearerRequired: api.bearerRequired,
    schemas: null,
  };
}

/** The parameters as an Operation Object of OpenAPI, or null when there are none. */
function toOperation(parameters: RouteParameters | null): string | null {
  const { path = {}, query = [] } = parameters ?? {};
  const all = [
    ...Object.entries(path).map(([name, { schema }]) => ({ name, in: "path", required: true, schema })),
    ...query.map(({ name, required = false, schema }) => ({ name, in: "query", required, schema })),
  ];
  return all.length === 0 ? null : JSON.stringify({ parameters: all });
}

/** Path before query, each as written down: equal parameters give equal bytes. */
function toParameterValues(parameters: RouteParameters | null): readonly ParameterValue[] {
  const { path = {}, query = [] } = parameters ?? {};
  return [
    ...Object.entries(path).map(([name, { schema }]) => toValue("path", name, true, schema)),
    ...query.map(({ name, required = false, schema }) => toValue("query", name, required, schema)),
  ];
}

function toValue(
  place: ParameterValue["place"],
  name: string,
  required: boolean,
  schema: unknown,
): ParameterValue {
  return { place, name, required, schema: schema === undefined ? null : JSON.stringify(schema) };
}
