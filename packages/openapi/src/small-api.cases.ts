/** Small Apis for tests, a route a line, and their documents. */
import type { JsonObject } from "./json.js";
import type { ApiModel, RouteModel } from "./read-model.js";
import { toOpenApi } from "./to-openapi.js";

export const route = (
  method: RouteModel["method"],
  path: string,
  more: Partial<RouteModel> = {},
): RouteModel => ({
  method,
  path,
  operationId: `${method.toLowerCase()}-${path
    .replace(/[^a-z]+/gi, "-")
    .replace(/^-|-$/g, "")
    .toLowerCase()}`,
  integration: { name: `${method} ${path}` },
  ...more,
});

export const api = (...routes: RouteModel[]): ApiModel => ({
  title: "T",
  summary: "",
  version: "v1",
  serverUrl: "https://gw.example.org",
  webhook: false,
  routes,
});

export type Deep = { readonly [key: string]: Deep } & JsonObject;
export const document = (model: ApiModel, version: "3.0" | "3.1" = "3.0") =>
  toOpenApi(model, { version }) as unknown as Deep;
