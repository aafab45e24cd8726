/** A mock answers as the gateway would route, with the Api's own examples. */
import { describe, expect, it } from "vitest";
import { mockResponse } from "./mock-response.js";
import type { ApiModel, RouteModel } from "./read-model.js";

const route = (text: string, integration: Partial<RouteModel["integration"]> = {}): RouteModel => {
  const [method, path] = text.split(" ") as [RouteModel["method"], string];
  return { method, path, operationId: text, integration: { name: text, ...integration } };
};

const model: ApiModel = {
  title: "t",
  summary: "",
  version: "v1",
  serverUrl: null,
  webhook: false,
  routes: [
    route("GET /orders", { examples: { response: [{ id: 1 }] } }),
    route("POST /orders", {
      responseSchema: {
        type: "object",
        required: ["id", "next"],
        properties: { id: { type: "integer" }, next: { anyOf: [{ $ref: "#" }, { type: "null" }] } },
      },
    }),
    route("ANY /orders/{id}"),
    route("GET /orders/new"),
    route("GET /{path*}"),
    route("GET /{name}.json"),
    route("GET /{name}.min.json"),
    route("GET /{name}"),
    route("GET /feed", { responseContentTypes: ["application/vnd.feed+json"], examples: { response: {} } }),
    route("GET /csv", { responseContentTypes: ["text/csv"], examples: { response: {} } }),
  ],
};

const ask = async (method: string, path: string) => mockResponse(model, method, path);

describe("routing", () => {
  it.each([
    ["GET", "/orders/new", "GET /orders/new"],
    ["PUT", "/orders/new", "ANY /orders/{id}"],
    ["GET", "/orders/%6eew", "GET /orders/new"],
    ["GET", "/orders/1", "ANY /orders/{id}"],
    ["GET", "/orders/1/2", "GET /{path*}"],
    ["GET", "/a.json", "GET /{name}.json"],
    ["GET", "/a.min.json", "GET /{name}.min.json"],
    ["GET", "/.json", "GET /{name}"],
  ])("%s %s is answered by %s", async (method, path, operationId) => {
    expect((await ask(method, path)).operationId).toBe(operationId);
  });

  it("answers 404, 405 with Allow and 400 as the gateway does", async () => {
    expect(await ask("GET", "/")).toMatchObject({ status: 404, operationId: null });
    const refused = await ask("DELETE", "/orders");
    expect(refused).toMatchObject({ status: 405, headers: { allow: "GET, POST" } });
    expect(JSON.parse(refused.body)).toMatchObject({ code: "route.method_not_allowed", status: 405 });
    expect((await ask("GET", "/a/../b")).status).toBe(400);
  });
});

describe("answers", () => {
  it("gives the example, or a sample of the schema, or nothing", async () => {
    const example = await ask("GET", "/orders");
    expect([example.status, JSON.parse(example.body)]).toEqual([200, [{ id: 1 }]]);
    expect(JSON.parse((await ask("POST", "/orders")).body)).toMatchObject({ id: 0 });
    expect(await ask("GET", "/orders/1")).toMatchObject({ status: 204, body: "" });
  });

  it("has the content type of the route, and no JSON where JSON is not what it gives", async () => {
    expect((await ask("GET", "/feed")).headers["content-type"]).toBe("application/vnd.feed+json");
    expect((await ask("GET", "/csv")).body).toBe("");
  });
});
