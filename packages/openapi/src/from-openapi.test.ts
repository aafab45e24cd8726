/** What an import refuses, what it reports and with which pointer, and how a mapping finds integrations. */
import { schemaSizeFault } from "@latchkey/validation";
import { describe, expect, it } from "vitest";
import { fromOpenApi } from "./from-openapi.js";
import { groupNotes } from "./import-report.js";
import type { ImportOptions, ImportResult } from "./import-result.js";
import type { JsonObject } from "./json.js";
import { toOpenApi } from "./to-openapi.js";

const ok = { responses: { "200": { description: "ok" } } };

function documentOf(paths: JsonObject, more: JsonObject = {}): JsonObject {
  return { openapi: "3.1.0", info: { title: "T", version: "v1" }, paths, ...more };
}

const codes = ({ report }: ImportResult) =>
  report.map(({ severity, code, pointer }) => `${severity} ${code} ${pointer}`);

describe("YAML as other tools write it", () => {
  const merged = `openapi: 3.0.3
info: { title: T, version: 1.0 }
x-common: &common
  "400": { description: bad }
x-base: &base { type: object, required: [id], properties: { id: { type: integer } } }
x-paging: &paging
  parameters: [{ name: page, in: query, schema: { type: integer } }]
x-crud: &crud
  get: { operationId: list-b, responses: { "200": { description: ok } } }
  delete: { operationId: drop-b, responses: { "204": { description: gone } } }
paths:
  /a:
    get: { <<: *paging, operationId: list-a, responses: { <<: *common, "200": { description: ok } } }
    post:
      operationId: make-a
      requestBody: { required: true, content: { application/json: { schema: { <<: *base, description: "One A" } } } }
      responses: { <<: *common, "201": { description: made } }
  /b:
    <<: *crud
`;

  it("merges merge keys, in operations, parameters, responses and schemas", () => {
    const { model, report } = fromOpenApi(merged);
    expect(model?.routes.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "GET /a",
      "POST /a",
      "GET /b",
      "DELETE /b",
    ]);
    expect(model?.routes[0]?.operation?.parameters).toMatchObject([{ name: "page" }]);
    const [content] = Object.values(model?.routes[1]?.operation?.requestBody?.content ?? {});
    expect(content?.schema).toMatchObject({
      required: ["id"],
      properties: { id: { type: "integer" } },
      description: "One A",
    });
    expect(report.filter(({ pointer }) => pointer.includes("<<"))).toEqual([]);
  });

  it("a key in quotes is a key, also one that is spelled as a merge key", () => {
    const document = merged.replace('description: "One A"', 'properties: { "<<": { type: string } }');
    const { model } = fromOpenApi(document);
    const [content] = Object.values(model?.routes[1]?.operation?.requestBody?.content ?? {});
    expect(content?.schema).toMatchObject({ properties: { "<<": { type: "string" } } });
  });

  it.each([
    ["version: 1.0", "1.0"],
    ["version: 2", "2"],
    ["version: 1.10", "1.10"],
    ['version: "1.0"', "1.0"],
    ["version: 2024-01-31", "2024-01-31"],
  ])("keeps %s as it is written", (written, version) => {
    expect(fromOpenApi(merged.replace("version: 1.0", written)).model?.version).toBe(version);
  });
});

describe("headers of a part of a form", () => {
  it("are kept, with a note that requests are not checked against them", () => {
    const schema = { type: "object", properties: { file: { type: "string" } } };
    const headers = { "X-Part": { schema: { type: "string" } } };
    const content = { "multipart/form-data": { schema, encoding: { file: { headers } } } };
    const result = fromOpenApi(documentOf({ "/a": { post: { requestBody: { content }, ...ok } } }));
    expect(result.model?.routes[0]?.operation?.requestBody?.content).toEqual(content);
    expect(codes(result)).toEqual([
      "behavior header.unchecked /paths/~1a/post/requestBody/content/multipart~1form-data/encoding/file",
    ]);
  });
});

describe("contact, license and terms of service", () => {
  const info = {
    title: "T",
    termsOfService: "https://terms.example",
    contact: { name: "Support", url: "https://help.example", email: "help@shop.example" },
    license: { name: "MIT", identifier: "MIT" },
    version: "v1",
  };

  it("are kept and exported; 3.0 has no identifier of a license", () => {
    const { model, report } = fromOpenApi({ ...documentOf({ "/a": { get: ok } }), info });
    expect(report).toEqual([]);
    if (model === null) throw new Error("no model");
    expect(toOpenApi(model, { version: "3.1" }).info).toEqual(info);
    expect(toOpenApi(model, { version: "3.0" }).info).toEqual({ ...info, license: { name: "MIT" } });
  });

  it("are in the report where they are no texts, and what else stands there", () => {
    const odd = { ...info, contact: { name: 1, "x-team": "a" }, license: { url: "https://license.example" } };
    const result = fromOpenApi({ ...documentOf({ "/a": { get: ok } }), info: odd });
    expect(result.model?.info).toEqual({ termsOfService: info.termsOfService });
    expect(codes(result)).toEqual([
      "documentation no_counterpart /info/contact/name",
      "documentation extension.dropped /info/contact/x-team",
      "documentation no_counterpart /info/license/url",
    ]);
  });
});

describe("a schema that is too large to be checked", () => {
  const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
  const body = (schema: JsonObject) => ({ content: { "application/json": { schema } } });
  const fields = Object.fromEntries(Array.from({ length: 200 }, (_, k) => [`f${k}`, { type: "string" }]));
  const names = Array.from({ length: 40 }, (_, k) => `Part${k}`);
  const schemas = {
    ...Object.fromEntries(names.map((name) => [name, { type: "object", properties: fields }])),
    All: { type: "object", properties: Object.fromEntries(names.map((name) => [name, ref(name)])) },
  };
  const document = documentOf(
    {
      "/all": {
        post: {
          parameters: [{ name: "limit", in: "query", schema: { type: "integer" } }],
          requestBody: { required: true, ...body(ref("All")) },
          responses: { "200": { description: "ok", ...body(ref("All")) } },
        },
        put: { requestBody: body(ref("Part0")), ...ok },
      },
    },
    { components: { schemas } },
  );

  it("is left out of requests, by route, and stays in responses and components", () => {
    const { model, report } = fromOpenApi(document, { sizeFault: schemaSizeFault });
    expect(report.filter(({ code }) => code === "schema.too_large_to_check")).toEqual([
      {
        severity: "behavior",
        code: "schema.too_large_to_check",
        pointer: "/paths/~1all/post/requestBody",
        message:
          "Requests to POST /all are not checked against the schema of the body: the schema and all that it refers to hold more than 10000 values. It is left out.",
      },
    ]);
    const [post, put] = [...(model?.routes ?? [])].sort((a, b) => (a.method < b.method ? -1 : 1));
    expect(post?.operation?.requestBody).toEqual({ required: true, ...body({}) });
    expect(post?.operation?.parameters).toHaveLength(1);
    expect(post?.operation?.responses?.["200"]).toMatchObject(body(ref("All")));
    expect(put?.operation?.requestBody).toEqual(body(ref("Part0")));
    expect(Object.keys(model?.schemas ?? {})).toContain("All");
  });
});

describe("an example that is a reference", () => {
  it("is the example that it refers to", () => {
    const document = documentOf(
      {
        "/a": {
          get: {
            responses: {
              "200": {
                description: "ok",
                content: {
                  "application/json": {
                    schema: { type: "object", example: { $ref: "#/components/examples/one" } },
                  },
                },
              },
            },
          },
        },
      },
      { components: { examples: { one: { summary: "One", value: { id: 1 } } } } },
    );
    const { model } = fromOpenApi(document);
    const media = model?.routes[0]?.operation?.responses?.["200"]?.content?.["application/json"];
    expect(media?.schema).toEqual({ type: "object", examples: [{ id: 1 }] });
  });

  it("is resolved in the place of an example's value too, if it leads somewhere", () => {
    const referenceTo = (name: string) => ({ value: { $ref: `#/components/examples/${name}` } });
    const content = {
      "application/json": { examples: { first: referenceTo("one"), second: referenceTo("two") } },
    };
    const { ok, model } = fromOpenApi(
      documentOf(
        { "/a": { get: { responses: { "200": { description: "ok", content } } } } },
        { components: { examples: { one: { value: { id: 1 } } } } },
      ),
    );
    const media = model?.routes[0]?.operation?.responses?.["200"]?.content?.["application/json"];
    expect([ok, media?.examples]).toEqual([
      true,
      { first: { value: { id: 1 } }, second: referenceTo("two") },
    ]);
  });
});

describe("a pattern that requests cannot be held to", () => {
  const faulty = (properties: JsonObject, more: JsonObject = {}): JsonObject =>
    documentOf({
      "/a": {
        post: {
          operationId: "a",
          requestBody: {
            required: true,
            content: { "application/json": { schema: { type: "object", properties, ...more } } },
          },
          ...ok,
        },
      },
    });
  const schemaFault = (schema: unknown) =>
    JSON.stringify(schema).includes('"pattern":"(?=') ? "look-ahead is not linear" : null;
  const lookAhead = { type: "string", pattern: "(?=a)b" };

  it("is left out alone, and named", () => {
    const result = fromOpenApi(
      faulty({ a: lookAhead, b: { type: "integer" }, pattern: { type: "string" } }),
      {
        schemaFault,
      },
    );
    const [content] = Object.values(result.model?.routes[0]?.operation?.requestBody?.content ?? {});
    expect(content?.schema).toMatchObject({
      properties: { a: { type: "string" }, b: { type: "integer" }, pattern: { type: "string" } },
    });
    expect(JSON.stringify(result.model)).not.toContain("(?=");
    expect(result.report[0]).toMatchObject({
      severity: "behavior",
      code: "schema.pattern_dropped",
      message: expect.stringContaining('"(?=a)b"'),
    });
  });

  it("leaves out what would refuse more without it, at any distance, and nothing else", () => {
    const schemas = {
      Look: { type: "string", pattern: "(?=a)b" },
      Far: { properties: { look: { $ref: "#/components/schemas/Look" } } },
      Choice: { oneOf: [{ $ref: "#/components/schemas/Far" }, { type: "integer" }] },
    };
    const properties = {
      plain: { type: "integer" },
      not: { not: { $ref: "#/components/schemas/Far" }, type: "object" },
      not2: { not: { pattern: "(?=a)b" }, type: "string" },
      // biome-ignore lint/suspicious/noThenProperty: the keyword's name
      condition: { type: "object", if: { $ref: "#/components/schemas/Far" }, then: { required: ["a"] } },
      counted: { type: "array", contains: { $ref: "#/components/schemas/Look" }, maxContains: 2 },
    };
    const result = fromOpenApi({ ...faulty(properties), components: { schemas } }, { schemaFault });
    const { content } = result.model?.routes[0]?.operation?.requestBody ?? {};
    expect(content?.["application/json"]?.schema).toEqual({
      type: "object",
      properties: {
        plain: { type: "integer" },
        not: { type: "object" },
        not2: { type: "string" },
        condition: { type: "object" },
        counted: { type: "array", contains: { $ref: "#/components/schemas/Look" } },
      },
    });
    expect(result.model?.schemas).toEqual({
      Look: { type: "string" },
      Far: { properties: { look: { $ref: "#/components/schemas/Look" } } },
      Choice: { anyOf: [{ $ref: "#/components/schemas/Far" }, { type: "integer" }] },
    });
    expect(codes(result)).toEqual(
      expect.arrayContaining([
        "behavior schema.pattern_dropped /components/schemas/Look/pattern",
        "behavior schema.pattern_dropped /components/schemas/Choice",
      ]),
    );
  });
});

describe("refusals", () => {
  const refusal = (input: string | JsonObject, options?: ImportOptions) => {
    const result = fromOpenApi(input, options);
    expect(result.ok).toBe(false);
    expect(result.routes).toEqual([]);
    return result.report[0]?.code;
  };

  it("refuses by size, before parsing", { timeout: 120_000 }, () => {
    expect(refusal(`{"openapi": "3.1.0", "x": "${"x".repeat(17 * 1024 * 1024)}"}`)).toBe(
      "document.too_large",
    );
    expect(refusal("[".repeat(100), { limits: { bytesMax: 99 } })).toBe("document.too_large");
  });

  it("refuses by depth, whatever the notation", { timeout: 120_000 }, () => {
    const depth = 50_000;
    expect(refusal(`{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`)).toBe("document.too_deep");
    expect(refusal(`a: ${"[".repeat(depth)}${"]".repeat(depth)}`)).toBe("document.too_deep");
    expect(refusal(`a: ${"- ".repeat(depth)}x`)).toBe("document.too_deep");
    expect(refusal(`${"? ".repeat(depth)}x`)).toBe("document.too_deep");
    expect(refusal(`a: ${"{a: ".repeat(500)}1${"}".repeat(500)}`)).toBe("document.too_deep");
  });

  it("refuses YAML that would take long to parse", { timeout: 120_000 }, () => {
    const line = "a: [1, 2, {b: c}, 3, 4]\n";
    expect(refusal(line.repeat(250_000))).toBe("document.too_large");
  });

  it("refuses alias bombs and aliases to themselves", () => {
    const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"];
    for (let n = 1; n < 9; n++)
      lines.push(`a${n}: &a${n} [${Array.from({ length: 9 }, () => `*a${n - 1}`).join(", ")}]`);
    expect(refusal(`openapi: 3.1.0\n${lines.join("\n")}\n`)).toBe("document.too_large");
    expect(refusal("openapi: 3.1.0\na: &a [*a]\n")).toMatch(/^document\./);
    expect(refusal("openapi: 3.1.0\na: &a {b: *a}\n")).toMatch(/^document\./);
    const cyclic: { [key: string]: unknown } = { openapi: "3.1.0" };
    cyclic.self = cyclic;
    expect(refusal(cyclic as JsonObject)).toBe("document.too_deep");
  });

  it("refuses what is no document", () => {
    for (const text of ["", "3", "[]", "a: b: c", "{", "a: 1\na: 2", "%YAML 9\n---\n!!js/function 'x'"]) {
      expect(refusal(text), text).toMatch(/^document\./);
    }
    expect(refusal('{"openapi": "4.0.0", "paths": {}}')).toBe("document.version_unsupported");
    expect(refusal('{"swagger": "1.2", "apis": []}')).toBe("document.version_unsupported");
    // No number of JSON: it would become null, or an integer.
    const number = '{"openapi": "3.1.0", "paths": {}, "x": [1e400]}';
    expect(fromOpenApi(number).report).toMatchObject([
      { code: "document.malformed", message: expect.stringContaining("/x/0") },
    ]);
    expect(fromOpenApi('{"openapi": "3.0.3"}').report[0]?.code).toBe("document.no_paths");
  });

  it("reads mappings with a few aliases, with or without a byte order mark", () => {
    const text =
      "openapi: 3.1.0\ninfo: {title: T, version: v1}\npaths:\n  /a: {get: &op {responses: {}}}\n  /b: {get: *op}\n";
    expect(fromOpenApi(`\ufeff${text}`).routes.map((route) => route.path)).toEqual(["/a", "/b"]);
  });

  it("does not let a key reach an object's prototype", () => {
    const text =
      '{"openapi":"3.1.0","__proto__":{"polluted":1},"info":{"title":"T","version":"v1"},"paths":{"/a":{"get":{"__proto__":{"polluted":1}}}}}';
    const result = fromOpenApi(text);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(codes(result)).toContain("documentation no_counterpart /__proto__");
  });
});

describe("references", () => {
  it("never fetches a remote one, and then changes nothing", () => {
    const remote = { $ref: "https://example.org/x.json#/a" };
    const result = fromOpenApi(
      documentOf({
        "/a": { $ref: "other.yaml" },
        "/op": { get: { $ref: "ops/op.yml" } },
        "/b": { get: { parameters: [remote], responses: { "200": remote } } },
        "/c": { post: { requestBody: { content: { "application/json": { schema: remote } } }, ...ok } },
      }),
    );
    expect(result.ok).toBe(false);
    expect(codes(result).filter((code) => code.startsWith("error"))).toEqual([
      "error ref.remote /paths/~1a/$ref",
      "error ref.remote /paths/~1op/get/$ref",
      "error ref.remote /paths/~1b/get/parameters/0/$ref",
      "error ref.remote /paths/~1b/get/responses/200/$ref",
      "error ref.remote /paths/~1c/post/requestBody/content/application~1json/schema/$ref",
    ]);
  });

  it("follows local ones anywhere, and tells circles and dead ends", () => {
    const result = fromOpenApi(
      documentOf(
        {
          "/a/{id}": {
            parameters: [{ $ref: "#/components/parameters/Id" }],
            get: { responses: { "200": { $ref: "#/components/responses/Ok" } } },
          },
          "/b": { get: { responses: { "200": { $ref: "#/components/responses/Loop" } } } },
          "/c": { get: { responses: { "200": { $ref: "#/components/responses/None" } } } },
        },
        {
          components: {
            parameters: { Id: { name: "id", in: "path", required: true, schema: { type: "integer" } } },
            responses: {
              Ok: {
                description: "ok",
                content: { "application/json": { schema: { $ref: "#/components/schemas/Node" } } },
              },
              Loop: { $ref: "#/components/responses/Loop" },
            },
            schemas: {
              Node: { type: "object", properties: { next: { $ref: "#/components/schemas/Node" } } },
            },
          },
        },
      ),
    );
    expect(result.routes[0]).toMatchObject({
      operation: {
        parameters: [{ name: "id", in: "path", schema: { type: "integer" } }],
        responses: {
          "200": { content: { "application/json": { schema: { $ref: "#/components/schemas/Node" } } } },
        },
      },
    });
    expect(result.model?.schemas?.Node).toMatchObject({
      properties: { next: { $ref: "#/components/schemas/Node" } },
    });
    expect(codes(result).filter((code) => code.startsWith("error"))).toEqual([
      "error ref.unresolved /paths/~1b/get/responses/200",
      "error ref.unresolved /paths/~1c/get/responses/200/$ref",
    ]);
  });
});

describe("OpenAPI 3.2 and Swagger 2.0", () => {
  it("reads 3.2 as 3.1, and names the methods that cannot be routed", () => {
    const result = fromOpenApi({
      ...documentOf({ "/x": { get: ok, query: ok, additionalOperations: { PURGE: ok } } }),
      openapi: "3.2.0",
    });
    expect(result).toMatchObject({ ok: true, version: "3.1" });
    expect(result.routes.map(({ method, path }) => `${method} ${path}`)).toEqual(["GET /x"]);
    expect(codes(result)).toEqual([
      "behavior method.unsupported /paths/~1x/query",
      "behavior method.unsupported /paths/~1x/additionalOperations",
    ]);
  });

  it("converts Swagger 2.0: media types, forms, lists, discriminators and nullable, with a note", () => {
    const result = fromOpenApi({
      swagger: "2.0",
      info: { title: "T", version: "v1" },
      host: "api.example.org",
      basePath: "/v1",
      consumes: ["application/json"],
      produces: ["application/json"],
      paths: {
        "/pets": {
          get: {
            operationId: "listPets",
            produces: ["text/csv"],
            parameters: [
              {
                name: "tags",
                in: "query",
                type: "array",
                items: { type: "string" },
                collectionFormat: "pipes",
              },
            ],
            responses: {
              "200": { description: "pets", schema: { type: "array", items: { $ref: "#/definitions/Pet" } } },
            },
          },
          post: {
            operationId: "addPet",
            parameters: [{ name: "body", in: "body", required: true, schema: { $ref: "#/definitions/Pet" } }],
            responses: { "201": { description: "made" } },
          },
        },
        "/photos": {
          post: {
            operationId: "addPhoto",
            consumes: ["multipart/form-data"],
            parameters: [{ name: "file", in: "formData", type: "file", required: true }],
            responses: { "204": { description: "kept" } },
          },
        },
      },
      definitions: {
        Pet: {
          type: "object",
          discriminator: "kind",
          required: ["kind"],
          properties: { kind: { type: "string" }, note: { type: "string", "x-nullable": true } },
        },
      },
    });
    expect(result).toMatchObject({ ok: true, version: "3.0" });
    expect(codes(result)).toEqual([
      "documentation document.converted ",
      "documentation servers.replaced /servers",
    ]);
    const [list, add, photo] = result.model?.routes ?? [];
    expect(list?.operation).toMatchObject({
      parameters: [{ name: "tags", in: "query", style: "pipeDelimited", schema: { type: "array" } }],
      responses: {
        "200": { content: { "text/csv": { schema: { items: { $ref: "#/components/schemas/Pet" } } } } },
      },
    });
    expect(Object.keys(list?.operation?.responses?.["200"]?.content ?? {})).toEqual(["text/csv"]);
    expect(add?.operation).toMatchObject({
      requestBody: {
        required: true,
        content: { "application/json": { schema: { $ref: "#/components/schemas/Pet" } } },
      },
      responses: { "201": { description: "made" } },
    });
    expect(Object.keys(photo?.operation?.requestBody?.content ?? {})).toEqual(["multipart/form-data"]);
    expect(result.model?.schemas?.Pet).toMatchObject({
      discriminator: { propertyName: "kind" },
      properties: { note: { type: ["string", "null"] } },
    });
  });

  it("refuses what the converter cannot read", () => {
    const result = fromOpenApi({
      swagger: "2.0",
      info: { title: "T", version: "v1" },
      paths: { "/x": { get: null } },
    });
    expect(result.ok).toBe(false);
    expect(result.report[0]?.code).toBe("document.malformed");
  });
});

describe("paths", () => {
  const paths = (...templates: string[]) => {
    const result = fromOpenApi(
      documentOf(Object.fromEntries(templates.map((template) => [template, { get: ok }]))),
    );
    return {
      routes: result.routes.map((route) => route.path),
      codes: codes(result).filter((code) => !code.includes("no_counterpart")),
    };
  };

  it("reads the rest of the path in the spellings of other tools", () => {
    expect(paths("/a/{p*}", "/b/{p+}", "/c/{+p}", "/d/{*p}", "/e/{**p}", "/f/*").routes).toEqual([
      "/a/{p*}",
      "/b/{p*}",
      "/c/{p*}",
      "/d/{p*}",
      "/e/{p*}",
      "/f/{rest*}",
    ]);
  });

  it("says which paths no route can have", () => {
    const result = paths("/{a}{b}", "/v1/{+name}:cancel", "/items{?page}", "/x?y={z}", "/ok");
    expect(result.routes).toEqual(["/ok"]);
    expect(result.codes).toEqual([
      "behavior path.unsupported /paths/~1{a}{b}/get",
      "behavior path.unsupported /paths/~1v1~1{+name}:cancel/get",
      "behavior path.unsupported /paths/~1items{?page}/get",
      "behavior path.unsupported /paths/~1x?y={z}/get",
    ]);
  });

  it("keeps parameters within a segment", () => {
    const all = [
      "/2010-04-01/Accounts.json",
      "/2010-04-01/Accounts/{Sid}.json",
      "/2010-04-01/Accounts/{AccountSid}/AvailablePhoneNumbers/{CountryCode}.json",
      "/2010-04-01/Accounts/{AccountSid}/AvailablePhoneNumbers/{CountryCode}/Local.json",
      "/2010-04-01/Accounts/{AccountSid}/Messages/{MessageSid}/Media/{Sid}.json",
      "/items.{format}",
      "/jobs/{id}:cancel",
      "/Products({id})",
      "/compare/{base}...{head}",
      "/report-{year}.csv",
      "/{a}-{b}",
    ];
    const result = paths(...all);
    expect(result.routes).toEqual(all);
    expect(result.codes).toEqual([]);
    expect(paths("/x/{a.b}.{a_b}").routes).toEqual(["/x/{a_b}.{a_b-2}"]);
  });

  it("renames parameters that core does not take, and says when two paths are one", () => {
    const result = paths("/a/{order.id}", "/b/", "/b", "/c/{id}/{ID}");
    expect(result.routes).toEqual(["/a/{order_id}", "/b", "/c/{id}/{ID-2}"]);
    expect(result.codes).toEqual([
      "behavior path.respelled /paths/~1b~1/get",
      "behavior route.duplicate /paths/~1b/get",
      "documentation parameter.renamed /paths/~1a~1{order.id}/get",
      "documentation parameter.renamed /paths/~1c~1{id}~1{ID}/get",
    ]);
  });
});

describe("report", () => {
  it("names everything that an Api has no place for", () => {
    const result = fromOpenApi(
      documentOf(
        {
          "/a": {
            "x-owner": "me",
            trace: ok,
            get: {
              ...ok,
              deprecated: true,
              callbacks: { c: {} },
              security: [],
              parameters: [
                { name: "h", in: "header", schema: {} },
                { name: "d", in: "query", style: "deepObject", schema: { type: "object" } },
              ],
              requestBody: { content: { "application/json": {} } },
            },
          },
        },
        {
          servers: [{ url: "https://api.example.org" }],
          webhooks: { w: {} },
          components: { schemas: { Unused: { type: "string" } } },
        },
      ),
    );
    expect(result.ok).toBe(true);
    expect(codes(result).sort()).toEqual([
      "behavior method.unsupported /paths/~1a/trace",
      "behavior security.replaced /paths/~1a/get/security",
      "documentation extension.dropped /paths/~1a/x-owner",
      "documentation no_counterpart /paths/~1a/get/callbacks",
      "documentation no_counterpart /webhooks",
      "documentation servers.replaced /servers",
    ]);
  });

  it("is bounded, but never hides an error", () => {
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`x-${n}`, n]));
    const result = fromOpenApi({ ...documentOf({ "/a": { $ref: "x.json" } }), ...many }, { reportMax: 10 });
    expect(result.report[0]?.code).toBe("ref.remote");
    expect(result.report.at(-1)).toMatchObject({ code: "report.truncated" });
    expect(result.report.length).toBeLessThanOrEqual(12);
  });

  it("refuses more routes than an Api has", () => {
    const result = fromOpenApi(documentOf({ "/a": { get: ok, post: ok } }), { routesMax: 1 });
    expect(codes(result)).toContain("error routes.too_many /paths");
  });
});

describe("mapping", () => {
  const document = documentOf({
    "/a": {
      get: { operationId: "listA", tags: ["as"], summary: "A list", ...ok },
      post: { tags: ["as"], ...ok },
    },
    "/b/{id}": { get: { summary: "B", ...ok } },
    "/c": { get: ok },
  });
  const refs = (mapping: ImportOptions["mapping"]) =>
    fromOpenApi(document, mapping === undefined ? {} : { mapping }).routes.map(
      (route) => route.integrationRef,
    );

  it("goes by operation id, method and path, tag, summary, then the default", () => {
    expect(refs({ operations: { listA: "1", "GET /b/{id}": "2" }, tags: { as: "3" }, default: "4" })).toEqual(
      ["1", "3", "2", "4"],
    );
    expect(refs({ summaries: { B: "2" }, default: "4" })).toEqual(["4", "4", "2", "4"]);
    expect(refs(undefined)).toEqual([null, null, null, null]);
  });

  it("is an error where it names none", () => {
    const result = fromOpenApi(document, { mapping: { tags: { as: "3" } } });
    expect(result.ok).toBe(false);
    expect(codes(result).filter((code) => code.startsWith("error"))).toEqual([
      "error mapping.missing /paths/~1b~1{id}/get",
      "error mapping.missing /paths/~1c/get",
    ]);
  });

  it("keeps operation ids, respells those that cannot be stored, and makes those that are missing", () => {
    const ids = fromOpenApi(
      documentOf({
        "/a": {
          get: { operationId: "listAllThings", ...ok },
          post: { operationId: "List all Things", ...ok },
          put: { operationId: "listAllThings", ...ok },
        },
        "/b": { get: ok },
      }),
    ).routes.map((route) => route.operationId);
    expect(ids).toEqual(["listAllThings", "list-all-things", "post-a", "get-b"]);
  });
});

describe("an operation", () => {
  const read = (operation: JsonObject, more: JsonObject = {}, openapi = "3.1.0") => {
    const result = fromOpenApi({ ...documentOf({ "/a/{id}": { post: operation } }, more), openapi });
    return { ...result, operation: result.model?.routes[0]?.operation };
  };

  it("keeps statuses, media types, descriptions, tags, examples, headers and deprecated", () => {
    const operation = {
      tags: ["orders", "new"],
      summary: "Make",
      description: "Makes one.",
      externalDocs: { url: "https://docs.example.org" },
      deprecated: true,
      requestBody: {
        description: "The order.",
        content: {
          "application/json; charset=utf-8": {
            schema: { type: "object" },
            examples: { small: { summary: "Small", value: { n: 1 } }, large: { value: { n: 9 } } },
          },
          "application/x-www-form-urlencoded": {
            schema: { type: "object", properties: { tags: { type: "array", items: { type: "string" } } } },
            encoding: { tags: { style: "form", explode: false } },
          },
          "text/plain": {},
        },
      },
      responses: {
        "201": {
          description: "Made.",
          headers: { Location: { description: "Where.", required: true, schema: { type: "string" } } },
          content: { "application/json": { schema: { type: "object" }, example: { id: 1 } } },
        },
        "4XX": { description: "Wrong." },
        default: { description: "Else.", content: { "application/json": {} } },
      },
    };
    const result = read(operation);
    expect(result.operation).toEqual(operation);
    expect(result.report).toEqual([]);
  });

  it("keeps optional bodies optional, required ones required without a schema too, and bodies of DELETE", () => {
    const { operation } = read({ requestBody: { content: { "application/json": { schema: {} } } }, ...ok });
    expect(operation?.requestBody?.required).toBeUndefined();
    const required = read({ requestBody: { required: true, content: { "text/plain": {} } }, ...ok });
    expect(required.operation?.requestBody).toEqual({ required: true, content: { "text/plain": {} } });
    const body = { required: true, content: { "application/json": { schema: { type: "array" } } } };
    const deleted = fromOpenApi(documentOf({ "/a": { delete: { requestBody: body, ...ok } } }));
    expect(deleted.model?.routes[0]?.operation?.requestBody).toEqual(body);
    expect(deleted.report).toEqual([]);
  });

  it("keeps parameters of every place with their style, and schemas through references and combinations", () => {
    const parameters = [
      {
        name: "id",
        in: "path",
        required: true,
        style: "matrix",
        schema: { $ref: "#/components/schemas/Id" },
      },
      { name: "n", in: "query", schema: { anyOf: [{ type: "integer" }, { type: "null" }] } },
      { name: "all", in: "query", schema: { allOf: [{ $ref: "#/components/schemas/Id" }] } },
      { name: "kind", in: "query", allowEmptyValue: true, schema: { enum: [1, "a"] } },
      { name: "filter", in: "query", style: "deepObject", explode: true, schema: { type: "object" } },
      {
        name: "ids",
        in: "query",
        explode: false,
        schema: { type: "array", items: { $ref: "#/components/schemas/Id" } },
      },
      { name: "where", in: "query", content: { "application/json": { schema: { type: "object" } } } },
      { name: "X-Trace", in: "header", required: true, schema: { const: 1 } },
      { name: "session", in: "cookie", schema: { type: "string" }, example: "abc" },
    ];
    const more = { components: { schemas: { Id: { type: "integer", minimum: 1 } } } };
    const result = read({ parameters, ...ok }, more);
    expect(result.operation?.parameters).toEqual(parameters);
    expect(result.model?.schemas).toEqual({ Id: { type: "integer", minimum: 1 } });
    expect(result.report).toEqual([]);
  });

  it("tells of parameters that are left out", () => {
    const result = read({
      parameters: [
        { name: "Accept", in: "header", schema: {} },
        { name: "Connxio-Api-Key", in: "query", schema: {} },
        { name: "other", in: "path", required: true, schema: {} },
        { name: "q", in: "querystring", content: { "application/json": {} } },
        { name: "list", in: "path", required: true, style: "form", schema: {} },
        { name: "x", in: "query", content: { "application/xml": { schema: {} } } },
      ],
      ...ok,
    });
    expect(codes(result)).toEqual([
      "behavior parameter.unsupported /paths/~1a~1{id}/post/parameters/3",
      "behavior parameter.style /paths/~1a~1{id}/post/parameters/4/style",
      "behavior parameter.unchecked /paths/~1a~1{id}/post/parameters/5/content",
      "documentation parameter.ignored /paths/~1a~1{id}/post/parameters/0",
      "documentation parameter.ignored /paths/~1a~1{id}/post/parameters/1",
      "documentation parameter.ignored /paths/~1a~1{id}/post/parameters/2",
      "documentation parameter.ignored /paths/~1a~1{id}/post/parameters/4",
    ]);
  });

  it("reads 3.0 as it says: nullable beside a type only, siblings of a reference not at all", () => {
    const schemas = {
      Pet: {
        type: "object",
        required: ["id"],
        discriminator: { propertyName: "kind", mapping: { cat: "#/components/schemas/Cat", dog: "Dog" } },
        properties: {
          id: { type: "integer", readOnly: true, nullable: true },
          secret: { type: "string", writeOnly: true },
          owner: { nullable: true, allOf: [{ $ref: "#/components/schemas/Cat" }] },
          friend: { $ref: "#/components/schemas/Cat", description: "ignored" },
          bad: { type: "integer", minimum: "1", maximum: 9 },
        },
      },
      Cat: { type: "object" },
      Dog: { type: "object" },
    };
    const result = read(ok, { components: { schemas } }, "3.0.3");
    expect(result.model?.schemas?.Pet).toEqual({
      type: "object",
      required: ["id"],
      discriminator: {
        propertyName: "kind",
        mapping: { cat: "#/components/schemas/Cat", dog: "#/components/schemas/Dog" },
      },
      properties: {
        id: { type: ["integer", "null"], readOnly: true },
        secret: { type: "string", writeOnly: true },
        owner: { allOf: [{ $ref: "#/components/schemas/Cat" }] },
        friend: { $ref: "#/components/schemas/Cat" },
        bad: { type: "integer", maximum: 9 },
      },
    });
    expect(codes(result)).toEqual([
      "behavior schema.nullable_ignored /components/schemas/Pet/properties/owner/nullable",
      "behavior schema.incomplete /components/schemas/Pet/properties/bad/minimum",
      "documentation schema.sibling_ignored /components/schemas/Pet/properties/friend/description",
    ]);
  });
});

describe("groups of notes", () => {
  it("are by severity and code, with their number and the first of them", () => {
    const note = (severity: string, code: string, pointer: string) => ({
      severity,
      code,
      pointer,
      message: `${pointer}.`,
    });
    const groups = groupNotes(
      [
        note("DOCUMENTATION", "schema.renamed", "/a"),
        note("BEHAVIOR", "path.unsupported", "/b"),
        note("BEHAVIOR", "parameter.style", "/c"),
        note("BEHAVIOR", "parameter.style", "/d"),
        note("ERROR", "ref.remote", "/e"),
      ],
      1,
    );
    expect(groups.map(({ severity, code, count, title }) => [severity, code, count, title])).toEqual([
      ["ERROR", "ref.remote", 1, "/e."],
      ["BEHAVIOR", "parameter.style", 2, "Styles that OpenAPI does not have for a parameter are left out."],
      ["BEHAVIOR", "path.unsupported", 1, "/b."],
      ["DOCUMENTATION", "schema.renamed", 1, "/a."],
    ]);
    expect(groups[1]?.examples.map(({ pointer }) => pointer)).toEqual(["/c"]);
  });
});
