/** What an import reads: notations, versions, references; and what it refuses before it looks at paths. */
import { describe, expect, it } from "vitest";
import { fromOpenApi } from "./from-openapi.js";
import { codes, documentOf, ok } from "./import-document.cases.js";
import type { ImportOptions } from "./import-result.js";
import type { JsonObject } from "./json.js";

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
    expect(fromOpenApi("openapi: 3.1\npaths: {}\n").report).toMatchObject([
      {
        pointer: "/openapi",
        message: expect.stringContaining('`openapi` is 3.1, not a text such as "3.0.3"'),
      },
    ]);
    expect(fromOpenApi("openapi: 3.1.0\npaths: {/a: {get: {}}}\n---\nopenapi: 3.1.0\n").report).toMatchObject(
      [{ code: "document.malformed", message: expect.stringContaining("several YAML documents") }],
    );
    // No number of JSON: it would become null, or an integer.
    const number = '{"openapi": "3.1.0", "paths": {}, "x": [1e400]}';
    expect(fromOpenApi(number).report).toMatchObject([
      { code: "document.malformed", message: expect.stringContaining("/x/0") },
    ]);
  });

  it.each([
    ['{ // one\n "openapi": "3.1.0", "paths": {} }', 1, 3],
    ['// one\n{"openapi": "3.1.0", "paths": {}}', 1, 1],
    ['{"openapi": "3.1.0",\n  // one\n  "paths": {}}', 2, 3],
    ['{"openapi": "3.1.0", "x": /* one */ 1, "paths": {}}', 1, 27],
    ['{"openapi": "3.1.0", "x": 1 // one\n, "paths": {}}', 1, 29],
  ])("says where JSON has a comment, which YAML would read as text: %s", (text, line, column) => {
    expect(fromOpenApi(text).report).toMatchObject([
      {
        code: "document.malformed",
        message: expect.stringContaining("JSON has no comments"),
        place: { line, column },
      },
    ]);
  });

  it("takes slashes in texts, and in YAML that begins like JSON, for no comment", () => {
    const paths = { "/a": { get: { ...ok, description: '// a /* b */ \\" // c' } } };
    expect(fromOpenApi(JSON.stringify(documentOf(paths)), { mapping: { default: "x" } }).ok).toBe(true);
    const flow = '{"openapi": 3.1.0, servers: [{url: //a.example/b}], paths: {/a: {get: {}}}} # one';
    expect(fromOpenApi(flow, { mapping: { default: "x" } }).ok).toBe(true);
  });

  it.each([
    ["no paths", {}, [["document.no_paths", "", "has no operations"]]],
    ["paths that are a list", { paths: [] }, [["document.no_paths", "/paths", "has no operations"]]],
    ["no operations", { paths: { "/a": { get: null } } }, [["document.no_paths", "/paths", '"get": {…}']]],
    [
      "operations that cannot be routes",
      { paths: { "/{a}{b}": { get: {} }, "/c": { trace: {} } } },
      [
        ["document.no_routes", "/paths", "/paths/~1{a}{b}/get: No route can have this path"],
        ["path.unsupported", "/paths/~1{a}{b}/get", "No route can have this path"],
        ["method.unsupported", "/paths/~1c/trace", "TRACE"],
      ],
    ],
  ])("refuses a document with %s, and says why", (_, more, expected) => {
    const result = fromOpenApi({ openapi: "3.1.0", info: { title: "T", version: "v1" }, ...more });
    expect(result.ok).toBe(false);
    expect(result.report.filter(({ code }) => code !== "no_counterpart")).toEqual(
      expected.map(([code, pointer, message = ""]) =>
        expect.objectContaining({ code, pointer, message: expect.stringContaining(message) }),
      ),
    );
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
