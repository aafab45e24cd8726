import { expect, it } from "vitest";
import type { ApiModel, RouteModel } from "./read-model.js";
import { toOpenApi } from "./to-openapi.js";
import { withinScopes } from "./within-scopes.js";

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

function route(
  method: RouteModel["method"],
  path: string,
  operation: RouteModel["operation"] = {},
): RouteModel {
  return { method, path, operationId: `${method}${path}`, integration: { name: "north" }, operation };
}

const model: ApiModel = {
  title: "Orders",
  summary: "",
  version: "v1",
  serverUrl: null,
  webhook: false,
  tags: [{ name: "orders" }, { name: "admin" }],
  schemas: {
    Order: { type: "object", properties: { lines: { type: "array", items: ref("Line") } } },
    Line: { type: "object", properties: { of: ref("Order") } },
    Secret: { type: "string" },
  },
  routes: [
    route("GET", "/orders/{id}", {
      tags: ["orders"],
      responses: { 200: { description: "ok", content: { "application/json": { schema: ref("Order") } } } },
    }),
    route("DELETE", "/orders/{id}", { tags: ["admin"] }),
    route("POST", "/admin/keys", {
      tags: ["admin"],
      requestBody: { content: { "application/json": { schema: ref("Secret") } } },
    }),
    route("ANY", "/files/{path*}"),
  ],
};

const operations = (of: ApiModel) =>
  Object.entries(toOpenApi(of, { version: "3.1" }).paths ?? {}).flatMap(([path, item]) =>
    Object.keys(item as object)
      .filter((method) => /^[a-z]+$/.test(method) && method !== "parameters")
      .map((method) => `${method} ${path}`),
  );

it("is the whole Api without scopes", () => {
  expect(withinScopes(model, [])).toBe(model);
});

it("has the routes and methods that a scope admits, with what these lead to, and nothing else", () => {
  const within = withinScopes(model, [
    { method: "GET", pattern: "/orders/{number}" },
    { method: "PUT", pattern: "/files/reports/{name}" },
    { method: "GET", pattern: "/files/{path*}" },
  ]);
  expect(operations(within).sort()).toEqual(["get /files/{path}", "get /orders/{id}", "put /files/{path}"]);
  expect(Object.keys(within.schemas ?? {})).toEqual(["Order", "Line"]);
  expect(within.tags).toEqual([{ name: "orders" }]);
  const text = JSON.stringify(toOpenApi(within, { version: "3.1" }));
  for (const hidden of ["Secret", "admin", "delete", "any method"]) expect(text).not.toContain(hidden);
});

it("takes a scope of any method for all methods", () => {
  const within = withinScopes(model, [{ method: "ANY", pattern: "/orders/17" }]);
  expect(within.routes.map(({ method, path }) => `${method} ${path}`)).toEqual([
    "GET /orders/{id}",
    "DELETE /orders/{id}",
  ]);
});

it("is empty where no route is within", () => {
  expect(withinScopes(model, [{ method: "GET", pattern: "/elsewhere" }]).routes).toEqual([]);
});
