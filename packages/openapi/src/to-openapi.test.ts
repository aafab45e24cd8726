/** The choices that a document makes, one by one; the golden files show them together. */
import { ingressErrorCodes } from "@latchkey/core";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { azureApimPolicy } from "./azure-apim.js";
import { fromOpenApi } from "./from-openapi.js";
import { problemSchema } from "./gateway-response.js";
import type { JsonObject } from "./json.js";
import { lint } from "./lint.js";
import { azureRefuses } from "./lint-warning.js";
import type { ApiModel, OperationModel } from "./read-model.js";
import { api, type Deep, document, route } from "./small-api.cases.js";
import { toOpenApi } from "./to-openapi.js";

const operations = (model: ApiModel) =>
  Object.entries(document(model).paths as Deep).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => `${method} ${path} ${(operation as Deep).operationId}`),
  );
const warnings = (model: ApiModel, target?: "azure-apim") =>
  lint(model, { version: "3.0", ...(target && { target }) }).warnings.map((warning) => warning.code);

describe("paths", () => {
  it("spells ANY out to seven methods, without TRACE, leaving out those that have a route of their own", () => {
    expect(operations(api(route("ANY", "/a"), route("GET", "/a")))).toEqual([
      "get /a get-a",
      "put /a any-a-put",
      "post /a any-a-post",
      "delete /a any-a-delete",
      "options /a any-a-options",
      "head /a any-a-head",
      "patch /a any-a-patch",
    ]);
  });

  it("has one path for patterns that differ in names, and tells the integration's name", () => {
    const doc = document(api(route("GET", "/a/{x}"), route("PUT", "/a/{y}")));
    expect(Object.keys(doc.paths as Deep)).toEqual(["/a/{x}"]);
    const put = (doc.paths as Deep)["/a/{x}"]!.put as unknown as { parameters: readonly unknown[] };
    expect(put.parameters).toEqual([
      {
        name: "x",
        in: "path",
        required: true,
        description: "The integration gets it as `y`.",
        schema: { type: "string" },
        "x-latchkey-name": "y",
      },
    ]);
  });

  it("keeps a catch-all beside a parameter apart by spelling a segment out", () => {
    const model = api(route("GET", "/f/{p*}"), route("GET", "/f/{id}"));
    expect(operations(model)).toEqual(["get /f/{id} get-f-id", "get /f/{segment1}/{p} get-f-p"]);
    expect(fromOpenApi(toOpenApi(model, { version: "3.0" })).routes.map(({ path }) => path)).toEqual([
      "/f/{id}",
      "/f/{p*}",
    ]);
  });

  it("writes parameters within a segment as they are", () => {
    const model = api(
      route("GET", "/a/{id}.json"),
      route("GET", "/a/{sid}.xml"),
      route("PUT", "/a/{sid}.xml"),
      route("GET", "/x-{a}-{b}.c/{d}"),
    );
    expect(operations(model).map((text) => text.split(" ")[1])).toEqual([
      "/a/{id}.json",
      "/a/{sid}.xml",
      "/a/{sid}.xml",
      "/x-{a}-{b}.c/{d}",
    ]);
    const parameters = document(model).paths!["/x-{a}-{b}.c/{d}"]!.get!.parameters as unknown as Deep[];
    expect(parameters.map((parameter) => parameter.name)).toEqual(["a", "b", "d"]);
    expect(fromOpenApi(toOpenApi(model, { version: "3.1" })).routes.map(({ path }) => path)).toEqual(
      model.routes.map(({ path }) => path),
    );
  });

  it("writes a catch-all as Azure understands it, for Azure, and reads it back", () => {
    const model = api(route("GET", "/f/{p*}"), route("GET", "/f/{id}"));
    const azure = toOpenApi(model, { version: "3.0", target: "azure-apim" });
    expect(Object.keys(azure.paths as Deep)).toEqual(["/f/*", "/f/{id}"]);
    const imported = fromOpenApi(azure);
    expect(imported.routes.map(({ path }) => path)).toEqual(["/f/{p*}", "/f/{id}"]);
    expect(imported.report).toEqual([]);
    expect(() => toOpenApi(model, { version: "3.1", target: "azure-apim" })).toThrow(RangeError);
  });
});

describe("responses", () => {
  const problem = "application/problem+json";

  it("has every code of the gateway as an example of one shared response", () => {
    const doc = document(api(route("POST", "/a", { validate: true }), route("GET", "/b")));
    const { responses } = doc.components as Deep;
    expect(Object.keys(responses as Deep)).toEqual(["Gateway"]);
    const shown = Object.keys(responses!.Gateway!.content![problem]!.examples as Deep);
    expect(shown.sort()).toEqual([...ingressErrorCodes].sort());
    expect(doc.paths!["/a"]!.post!.responses!.default).toEqual({ $ref: "#/components/responses/Gateway" });
  });

  it("describes the gateway's own headers once, and admits any other response of the integration", () => {
    const { Gateway } = (document(api(route("GET", "/a"))).components as Deep).responses as Deep;
    expect(Object.keys(Gateway!.headers as Deep)).toEqual(
      expect.arrayContaining(["Latchkey-Error", "InterchangeId", "Retry-After", "Allow", "WWW-Authenticate"]),
    );
    expect(Gateway!.content!["*/*"]).toEqual({});
    // An integration's problem details need not have the gateway's members.
    const ajv = new Ajv2020({ strict: false });
    for (const body of [{ title: "Not found", status: 404 }, { errors: { name: ["is required"] } }, {}])
      expect(ajv.validate(problemSchema, body), JSON.stringify(body)).toBe(true);
  });

  it("keeps statuses, and adds the gateway's problem where it can respond by itself", () => {
    const operation: OperationModel = {
      responses: {
        "201": { description: "made", content: { "application/json": { schema: { type: "object" } } } },
        "204": { description: "nothing" },
        "401": { description: "no", content: { "application/json": {} } },
        "403": { description: "without content" },
        "404": { description: "not there", content: { [problem]: { schema: { type: "object" } } } },
        "418": { description: "tea", content: { "text/plain": {} } },
        default: { description: "else", content: { "application/json": {} } },
      },
    };
    const { responses } = document(api(route("POST", "/a", { operation }))).paths!["/a"]!.post!;
    const types = Object.entries(responses as Deep).map(([status, { content }]) => [
      status,
      Object.keys((content ?? {}) as Deep).sort(),
    ]);
    expect(Object.fromEntries(types)).toEqual({
      "201": ["application/json"],
      "204": [],
      "401": ["application/json", problem],
      "403": [problem],
      "404": [problem],
      "418": ["text/plain"],
      default: ["application/json", problem],
    });
  });

  it("refers to schemas under components, shared by the routes of one integration", () => {
    const integration = {
      name: "Orders",
      requestSchema: { type: "object" },
      responseSchema: { type: "object" },
    };
    const names = (name: string) => {
      const shared = { ...integration, name };
      const doc = document(
        api(route("POST", "/a", { integration: shared }), route("PUT", "/a", { integration: shared })),
      );
      return Object.keys((doc.components as Deep).schemas as Deep);
    };
    expect(names("Orders")).toEqual(["Problem", "PutA.Request", "PutA.Response"]);
    // Types of a client have the names of schemas.
    expect(names("Purchases")).toEqual(names("Orders"));
  });
});

it("gives no shared part a name that a generator of clients makes a schema's type of", () => {
  const text = "long enough to be shared ".repeat(20);
  const operation: OperationModel = {
    parameters: [
      { name: "page", in: "query", description: text },
      { name: "size", in: "query", description: text },
    ],
    responses: {
      "400": { description: "Bad request", content: { "application/json": { schema: { title: text } } } },
      "409": { description: "Conflict", content: { "application/json": { schema: { title: text } } } },
    },
  };
  const schemas = { BadRequestResponse: {}, page_parameter: {}, Size: {} };
  const doc = document({
    ...api(route("GET", "/a", { operation }), route("GET", "/b", { operation })),
    schemas,
  });
  const { responses, parameters } = doc.components as Deep;
  expect(Object.keys(responses as Deep)).toEqual(["Gateway", "BadRequest-2", "Conflict"]);
  expect(Object.keys(parameters as Deep)).toEqual(["page-2", "size"]);
});

describe("key", () => {
  it("is a header, or key and flag by query when a key is in WEBHOOK mode", () => {
    expect(document(api()).security).toEqual([{ apiKey: [] }]);
    const doc = document({ ...api(), webhook: true, keyHeaderName: "X-Key" });
    expect(doc.security).toEqual([{ apiKey: [] }, { webhookKey: [], webhookFlag: [] }]);
    const schemes = (doc.components as Deep).securitySchemes as Deep;
    expect(Object.values(schemes).map(({ in: place, name }) => `${place} ${name}`)).toEqual([
      "header X-Key",
      "query X-Key",
      "query Connxio-Api-Webhook",
    ]);
  });

  it("comes with a bearer token where the API demands one, unless the request is a webhook", () => {
    const bearerRequired = true;
    expect(document({ ...api(), bearerRequired }).security).toEqual([{ apiKey: [], bearer: [] }]);
    const doc = document({ ...api(), bearerRequired, webhook: true });
    expect(doc.security).toEqual([
      { apiKey: [], bearer: [] },
      { apiKey: [], webhookFlagHeader: [] },
      { webhookKey: [], webhookFlag: [] },
    ]);
    const { securitySchemes } = doc.components as Deep;
    expect(securitySchemes!.bearer).toMatchObject({ type: "http", scheme: "bearer" });
    expect(securitySchemes!.webhookFlagHeader).toMatchObject({ in: "header", name: "Connxio-Api-Webhook" });
    expect(fromOpenApi(doc).model).toMatchObject({ bearerRequired, webhook: true });
  });

  it("comes from a named value in Azure's policy, whatever the header and title are called", () => {
    const policy = azureApimPolicy({ ...api(), title: 'A "b" --> <c>', keyHeaderName: "X-Key'" });
    expect(policy).toContain('<set-header name="X-Key\'" exists-action="override">');
    expect(policy).toContain("<value>{{latchkey-a-b-c-key}}</value>");
  });
});

describe("for Azure API Management", () => {
  const azure = (model: ApiModel) =>
    toOpenApi(model, { version: "3.0", target: "azure-apim" }) as unknown as Deep;
  const node = {
    type: "object",
    properties: { next: { $ref: "#/components/schemas/Node" }, n: { type: "integer" } },
  };
  const body = (schema: JsonObject): OperationModel => ({
    responses: { "200": { description: "ok", content: { "application/json": { schema } } } },
  });

  it("has responses in place, and no schema inline", () => {
    const doc = azure(
      api(route("GET", "/a", { operation: body({ type: "array", items: { type: "string" } }) })),
    );
    expect((doc.components as Deep).responses).toBeUndefined();
    const { responses } = doc.paths!["/a"]!.get!;
    expect((responses as Deep).default!.content!["application/problem+json"]).toBeDefined();
    expect(responses!["200"]!.content!["application/json"]!.schema).toEqual({
      $ref: "#/components/schemas/get-a.Response200",
    });
    expect(doc.components!.schemas!["get-a.Response200"]).toEqual({
      type: "array",
      items: { type: "string" },
    });
  });

  it("cuts cycles with a warning", () => {
    const model = {
      ...api(route("GET", "/a", { operation: body({ $ref: "#/components/schemas/Node" }) })),
      schemas: { Node: node },
    };
    expect(azure(model).components!.schemas!.Node).toEqual({
      type: "object",
      properties: { next: {}, n: { type: "integer" } },
    });
    expect(warnings(model, "azure-apim")).toEqual(["schema.cycle_cut"]);
    expect(warnings(model)).toEqual(["schema.recursive"]);
  });

  it("cuts cycles through properties that are named like keywords", () => {
    const self = { $ref: "#/components/schemas/Node" };
    const model = {
      ...api(route("GET", "/a", { operation: body(self) })),
      schemas: { Node: { type: "object", properties: { default: self, enum: self } } },
    } as const;
    expect(azure(model).components!.schemas!.Node).toEqual({
      type: "object",
      properties: { default: {}, enum: {} },
    });
  });

  it("has names that differ in more than case, and ids in its own form", () => {
    const schemas = {
      Item: { type: "string" },
      item: { type: "integer" },
      Both: { anyOf: [{ $ref: "#/components/schemas/item" }] },
    };
    const operation = {
      ...body({ $ref: "#/components/schemas/item" }),
      parameters: [{ name: "q", in: "query" as const, schema: { $ref: "#/components/schemas/item" } }],
    };
    const doc = azure({
      ...api(
        route("GET", "/a", { operation, operationId: "listItems" }),
        route("PUT", "/a", { operationId: "list-items" }),
      ),
      schemas,
    });
    const names = Object.keys(doc.components!.schemas as Deep);
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
    expect(doc.components!.schemas!["item-2"]).toEqual({ type: "integer" });
    expect(doc.components!.schemas!.Both).toEqual({ anyOf: [{ $ref: "#/components/schemas/item-2" }] });
    const item = doc.paths!["/a"]!;
    expect([item.get!.operationId, item.put!.operationId].sort()).toEqual(["list-items", "list-items-1"]);
    expect(item.get!.responses!["200"]!.content!["application/json"]!.schema).toEqual({
      $ref: "#/components/schemas/item-2",
    });
    expect(item.get!.parameters).toMatchObject([{ schema: { $ref: "#/components/schemas/item-2" } }]);
  });

  it("is refused by Azure when it is too large or its URL too long", () => {
    const url = `https://${"a".repeat(60)}.org/${"b".repeat(80)}`;
    const { warnings: found } = lint({ ...api(), serverUrl: url }, { version: "3.0", target: "azure-apim" });
    expect(found.filter(azureRefuses).map(({ code }) => code)).toEqual(["server.url_too_long"]);
    const schemas = { Node: node };
    expect(
      lint({ ...api(), schemas }, { version: "3.0", target: "azure-apim" }).warnings.filter(azureRefuses),
    ).toEqual([]);
  });
});

describe("warnings", () => {
  it("tells what an importer will not take", () => {
    expect(warnings({ ...api(), serverUrl: null })).toEqual(["server.missing"]);
    expect(warnings({ ...api(), serverUrl: "http://gw.example.org" })).toEqual(["server.not_https"]);
    expect(warnings({ ...api(), serverUrl: "ftp://gw.example.org" })).toEqual(["server.invalid"]);
    expect(warnings({ ...api(), serverUrl: `https://${"a".repeat(60)}.org/${"b".repeat(80)}` })).toEqual([
      "server.url_too_long",
    ]);
    const recursive = { name: "x", responseSchema: { properties: { a: { $ref: "#" } } } };
    expect(warnings(api(route("GET", "/a", { integration: recursive })))).toEqual(["schema.recursive"]);
    const tuple = { name: "x", responseSchema: { prefixItems: [{}] } };
    expect(warnings(api(route("GET", "/a", { integration: tuple })))).toEqual(["schema.loosened"]);
    expect(warnings(api(route("GET", "/a", { integration: { name: "x", requestSchema: {} } })))).toEqual([
      "body.not_shown",
    ]);
    expect(warnings(api(route("GET", "/a"), route("GET", "/a"), route("GET", "a")))).toEqual([
      "route.path_invalid",
      "route.duplicate",
    ]);
  });

  it("warns from 4 MB on", { timeout: 60_000 }, () => {
    const big = {
      name: "x",
      responseSchema: { enum: Array.from({ length: 60_000 }, (_, n) => `${n} ${"x".repeat(60)}`) },
    };
    expect(warnings(api(route("GET", "/a", { integration: big })))).toContain("document.too_large");
    const routes = Array.from({ length: 1000 }, (_, n) => route("GET", `/r${n}`, { operationId: `r-${n}` }));
    expect(warnings(api(...routes))).toEqual([]);
  });
});
