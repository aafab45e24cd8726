/** The choices that a document makes, one by one; the golden files show them together. */
import { ingressErrorCodes } from "@latchkey/core";
import { describe, expect, it } from "vitest";
import { azureApimPolicy } from "./azure-apim.js";
import { fromOpenApi } from "./from-openapi.js";
import type { JsonObject } from "./json.js";
import { lint } from "./lint.js";
import type { ApiModel, RouteModel } from "./read-model.js";
import { toOpenApi } from "./to-openapi.js";

const route = (method: RouteModel["method"], path: string, more: Partial<RouteModel> = {}): RouteModel => ({
  method,
  path,
  operationId: `${method.toLowerCase()}-${path
    .replace(/[^a-z]+/gi, "-")
    .replace(/^-|-$/g, "")
    .toLowerCase()}`,
  integration: { name: `${method} ${path}` },
  ...more,
});

const api = (...routes: RouteModel[]): ApiModel => ({
  title: "T",
  summary: "",
  version: "v1",
  serverUrl: "https://gw.example.org",
  webhook: false,
  routes,
});

type Deep = { readonly [key: string]: Deep } & JsonObject;
const document = (model: ApiModel, version: "3.0" | "3.1" = "3.0") =>
  toOpenApi(model, { version }) as unknown as Deep;
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

describe("answers", () => {
  it("has every code of the gateway as an example of a shared response", () => {
    const { responses } = document(api(route("POST", "/a", { validate: true }))).components as Deep;
    const shown = Object.values(responses as Deep).flatMap((response) =>
      Object.keys((response as Deep).content!["application/problem+json"]!.examples as Deep),
    );
    expect(shown.sort()).toEqual([...ingressErrorCodes].sort());
  });

  it("promises 415 and 422 only where requests are validated", () => {
    const keys = (validate: boolean) =>
      Object.keys(document(api(route("POST", "/a", { validate }))).paths!["/a"]!.post!.responses as Deep);
    expect(keys(true)).toEqual(expect.arrayContaining(["415", "422"]));
    expect(keys(false)).not.toEqual(expect.arrayContaining(["415"]));
    expect(keys(false)).not.toEqual(expect.arrayContaining(["422"]));
  });

  it("refers to schemas under components, shared by the routes of one integration", () => {
    const integration = {
      name: "Orders",
      requestSchema: { type: "object" },
      responseSchema: { type: "object" },
    };
    const doc = document(api(route("POST", "/a", { integration }), route("PUT", "/a", { integration })));
    expect(Object.keys((doc.components as Deep).schemas as Deep)).toEqual([
      "Orders.Request",
      "Orders.Response",
      "Problem",
    ]);
  });
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

  it("comes from a named value in Azure's policy, whatever the header and title are called", () => {
    const policy = azureApimPolicy({ ...api(), title: 'A "b" --> <c>', keyHeaderName: "X-Key'" });
    expect(policy).toContain('<set-header name="X-Key\'" exists-action="override">');
    expect(policy).toContain("<value>{{latchkey-a-b-c-key}}</value>");
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
