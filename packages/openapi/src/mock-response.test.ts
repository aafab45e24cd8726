/** A mock responds as the gateway would route, with the Api's own examples. */
import { describe, expect, it } from "vitest";
import type { JsonObject } from "./json.js";
import { type MockRequest, mockResponse } from "./mock-response.js";
import type { ApiModel, OperationModel, RouteModel } from "./read-model.js";

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

const ask = async (method: string, path: string) => mockResponse(model, { method, path });

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
  ])("%s %s gets the response of %s", async (method, path, operationId) => {
    expect((await ask(method, path)).operationId).toBe(operationId);
  });

  it("responds with 404, 405 with Allow and 400 as the gateway does", async () => {
    expect(await ask("GET", "/")).toMatchObject({ status: 404, operationId: null });
    const refused = await ask("DELETE", "/orders");
    expect(refused).toMatchObject({ status: 405, headers: { allow: "GET, POST" } });
    expect(JSON.parse(refused.body)).toMatchObject({ code: "route.method_not_allowed", status: 405 });
    expect((await ask("GET", "/a/../b")).status).toBe(400);
  });
});

describe("responses", () => {
  it("gives the example, or a sample of the schema, or nothing", async () => {
    const example = await ask("GET", "/orders");
    expect([example.status, JSON.parse(example.body)]).toEqual([200, [{ id: 1 }]]);
    expect(JSON.parse((await ask("POST", "/orders")).body)).toMatchObject({ id: 0 });
    expect(await ask("GET", "/orders/1")).toMatchObject({ status: 204, body: "" });
  });

  it("gives samples that fit the schema, also where OpenAPI 3.0 cannot express it", async () => {
    const responseSchema = { type: "array", prefixItems: [{ type: "string" }, { const: 7 }], items: false };
    const mocked = { ...model, routes: [route("GET /pair", { responseSchema })] };
    const { body } = await mockResponse(mocked, { method: "GET", path: "/pair" });
    expect(JSON.parse(body)).toEqual(["string", 7]);
  });

  it("gives samples with the discriminator's value for the schema that they are of", async () => {
    const kinds = (value: object) => ({ type: "object", properties: { kind: { type: "string", ...value } } });
    const schemas = { Cat: kinds({}), Dog: { allOf: [kinds({ enum: ["dog"] })] } };
    const refs = ["Cat", "Dog"].map((name) => ({ $ref: `#/components/schemas/${name}` }));
    const kindOf = async (oneOf: readonly object[], more: object) => {
      const schema = { oneOf, discriminator: { propertyName: "kind", ...more } } as JsonObject;
      const operation: OperationModel = {
        responses: { "200": { description: "ok", content: { "application/json": { schema } } } },
      };
      const mocked = { ...model, schemas, routes: [{ ...route("GET /pet"), operation }] } as ApiModel;
      const { body } = await mockResponse(mocked, { method: "GET", path: "/pet" });
      return JSON.parse(body).kind as unknown;
    };
    expect(await kindOf(refs, { mapping: { "a cat": "#/components/schemas/Cat" } })).toBe("a cat");
    expect(await kindOf(refs, {})).toBe("Cat");
    expect(await kindOf([...refs].reverse(), {})).toBe("dog");
  });

  it("has the content type of the route, and no JSON where JSON is not what it gives", async () => {
    expect((await ask("GET", "/feed")).headers["content-type"]).toBe("application/vnd.feed+json");
    expect((await ask("GET", "/csv")).body).toBe("");
  });
});

describe("an operation with several responses", () => {
  const operation: OperationModel = {
    responses: {
      "201": {
        description: "made",
        content: {
          "text/plain": { example: "made" },
          "application/json": {
            schema: { type: "object" },
            examples: { small: { value: { n: 1 } }, large: { value: { n: 9 } } },
          },
        },
      },
      "404": {
        description: "not there",
        content: { "application/json": { schema: { $ref: "#/components/schemas/Fault" } } },
      },
      "5XX": { description: "broken" },
    },
  };
  const one: ApiModel = {
    ...model,
    schemas: {
      Fault: {
        type: "object",
        required: ["code"],
        properties: { code: { type: "string", pattern: "^[A-Z]{3}-[0-9]{4}$" } },
      },
    },
    routes: [{ ...route("POST /orders"), operation }],
  };
  const post = async (headers: MockRequest["headers"] = {}) =>
    mockResponse(one, { method: "POST", path: "/orders", headers });

  it("has the status of the first success", async () => {
    const response = await post();
    expect([response.status, JSON.parse(response.body)]).toEqual([201, { n: 1 }]);
  });

  it("has the status and the example that are asked for", async () => {
    const large = await post({ prefer: 'code=201, example="large"' });
    expect(JSON.parse(large.body)).toEqual({ n: 9 });
    const missing = await post({ prefer: "code=404" });
    expect(missing.status).toBe(404);
    // A sample holds to the schema's pattern.
    expect(JSON.parse(missing.body).code).toMatch(/^[A-Z]{3}-[0-9]{4}$/);
    expect(await post({ prefer: "code=503" })).toMatchObject({ status: 503, body: "" });
  });

  it("has no status by which no response ends", async () => {
    const any: OperationModel = { responses: { default: { description: "any" } } };
    const ofAny = { ...one, routes: [{ ...route("POST /orders"), operation: any }] };
    const request = { method: "POST", path: "/orders" };
    for (const [code, status] of [[101, 204] as const, [410, 410] as const]) {
      const response = await mockResponse(ofAny, { ...request, headers: { prefer: `code=${code}` } });
      expect(response.status).toBe(status);
    }
  });

  it("gives the gateway's own problem for a status that the operation does not describe", async () => {
    const limited = await post({ prefer: "code=429" });
    expect(limited).toMatchObject({ status: 429, operationId: null });
    expect(limited.headers["latchkey-error"]).toBe(JSON.parse(limited.body).code);
  });

  it("has the media type that the client takes, or 406", async () => {
    const text = await post({ accept: "text/plain, application/json;q=0.5" });
    expect([text.headers["content-type"], text.body]).toEqual(["text/plain", "made"]);
    expect((await post({ accept: "application/*" })).headers["content-type"]).toBe("application/json");
    expect((await post({ accept: "image/png" })).status).toBe(406);
  });

  it("may be called by browsers from anywhere", async () => {
    const origin = "https://app.example.org";
    expect((await post({ origin })).headers["access-control-allow-origin"]).toBe("*");
    const preflight = await mockResponse(one, {
      method: "OPTIONS",
      path: "/orders",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "connxio-api-key",
      },
    });
    expect(preflight).toMatchObject({
      status: 204,
      headers: {
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": "connxio-api-key",
      },
    });
  });
});

it("has each required member, also one that the schema says nothing of", async () => {
  const open = route("GET /open", {
    responseSchema: {
      type: "object",
      required: ["id", "count", "name"],
      properties: { id: { type: "integer", const: 7 } },
      additionalProperties: { type: "integer", minimum: 3 },
    },
  });
  const ofTwoParts = route("GET /parts", {
    responseSchema: {
      allOf: [
        { type: "object", properties: { id: { type: "integer", const: 7 } } },
        { type: "object", required: ["id"] },
      ],
    },
  });
  const bodyOf = async (path: string) =>
    JSON.parse((await mockResponse({ ...model, routes: [open, ofTwoParts] }, { method: "GET", path })).body);
  expect(await bodyOf("/open")).toMatchObject({ id: 7, count: 3, name: 3 });
  expect(await bodyOf("/parts")).toEqual({ id: 7 });
});
