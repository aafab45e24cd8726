/** What is there before an import: the API with its content, or the subscription of a new one. */
import { ok } from "@latchkey/core";
import { notFound, type Outcome, userError } from "../../errors/user-error.js";
import { type Api, type ApiComponents, noComponents, type Route } from "./api.js";
import type { ApiService } from "./api-service.js";
import type { ImportOpenApi } from "./import-input.js";

export interface BeforeImport {
  /** Null: a new one. */
  readonly api: Api | null;
  readonly routes: readonly Route[];
  readonly components: ApiComponents;
  readonly subscriptionId: string;
}

export async function beforeImport(
  apis: ApiService,
  { apiId, subscriptionId }: ImportOpenApi,
): Promise<Outcome<BeforeImport>> {
  if (apiId) {
    const api = await apis.find(apiId);
    if (api === null) return notFound(["input", "apiId"], "API");
    return ok({
      api,
      routes: await apis.routesOf([api.id]),
      components: (await apis.componentsOf([api.id])).get(api.id) ?? noComponents,
      subscriptionId: api.subscriptionId,
    });
  }
  if (!subscriptionId)
    return userError(
      "REQUIRED",
      ["input", "subscriptionId"],
      "Name the API to change, or the subscription of a new one.",
    );
  return ok({ api: null, routes: [], components: noComponents, subscriptionId });
}
