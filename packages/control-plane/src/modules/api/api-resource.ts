/** An Api as ingress nodes know it. */
import type { ApiResource } from "@latchkey/snapshot";
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
    })),
    openapiJson: document,
    bearerRequired: api.bearerRequired,
  };
}
