/** What an operation keeps of the document, and what it says of the rest. */
import { describe, expect, it } from "vitest";
import { fromOpenApi } from "./from-openapi.js";
import { codes, documentOf, ok } from "./import-document.cases.js";
import type { JsonObject } from "./json.js";
import { toOpenApi } from "./to-openapi.js";

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

  it("has the parameters of the path first, in its order, as an export has them", () => {
    const parameters = ["query q", "path b", "header h", "path a"].map((text) => {
      const [place = "", name = ""] = text.split(" ");
      return { name, in: place, required: true, description: text, schema: { type: "string" } };
    });
    const { model } = fromOpenApi(documentOf({ "/{a}/{b}": { get: { parameters, ...ok } } }));
    const order = ["path a", "path b", "query q", "header h"];
    expect(model?.routes[0]?.operation?.parameters?.map(({ description }) => description)).toEqual(order);
    const again = fromOpenApi(toOpenApi(model!, { version: "3.1" }));
    expect(again.model?.routes[0]?.operation?.parameters).toEqual(model?.routes[0]?.operation?.parameters);
  });

  it("keeps the tags that are texts, and tells of the others", () => {
    const result = read({ tags: ["a", 12, "b"], ...ok });
    expect(result.operation?.tags).toEqual(["a", "b"]);
    expect(codes(result)).toEqual(["documentation no_counterpart /paths/~1a~1{id}/post/tags/1"]);
    const none = read({ tags: "a", ...ok });
    expect(codes(none)).toEqual(["documentation no_counterpart /paths/~1a~1{id}/post/tags"]);
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
        { name: "y", in: "query", content: { "*/*": { schema: {} } } },
        { name: "z", in: "query", content: { "text/plain": { schema: {} } } },
      ],
      ...ok,
    });
    expect(codes(result)).toEqual([
      "behavior parameter.unsupported /paths/~1a~1{id}/post/parameters/3",
      "behavior parameter.style /paths/~1a~1{id}/post/parameters/4/style",
      "behavior parameter.unchecked /paths/~1a~1{id}/post/parameters/5/content",
      "behavior parameter.unchecked /paths/~1a~1{id}/post/parameters/6/content",
      "documentation parameter.ignored /paths/~1a~1{id}/post/parameters/0",
      "documentation parameter.ignored /paths/~1a~1{id}/post/parameters/1",
      "documentation parameter.ignored /paths/~1a~1{id}/post/parameters/2",
      "documentation parameter.ignored /paths/~1a~1{id}/post/parameters/4",
    ]);
  });

  it("says of a response's header that responses are not checked against it", () => {
    const headers = {
      Date: { content: { "text/plain": { schema: { type: "string" } } } },
      Meta: { content: { "application/xml": { schema: { type: "object" } } } },
    };
    const result = read({ responses: { "200": { description: "ok", headers } } });
    expect(result.operation?.responses?.["200"]?.headers).toEqual(headers);
    expect(result.report).toEqual([
      {
        severity: "behavior",
        code: "parameter.unchecked",
        pointer: "/paths/~1a~1{id}/post/responses/200/headers/Meta/content",
        message: expect.stringMatching(/^Responses are not checked against it: only JSON and plain text/),
      },
    ]);
  });

  it("keeps a schema that no value fits, and says that none does", () => {
    const schemas = {
      Ratio: { type: "string", description: "Width by height", enum: [969, 556] },
      Day: { type: "array", items: { type: "string" }, enum: ["monday", "friday"] },
      Mode: { type: "integer", const: "fast" },
      Some: { type: "string", enum: ["a", 1] },
      None: { enum: [] },
    };
    const result = read(ok, { components: { schemas } });
    expect(result.model?.schemas).toEqual({
      ...schemas,
      Some: { type: "string", enum: ["a"] },
      None: { not: {} },
    });
    expect(codes(result)).toEqual([
      "behavior schema.unsatisfiable /components/schemas/Ratio/enum",
      "behavior schema.unsatisfiable /components/schemas/Day/enum",
      "behavior schema.unsatisfiable /components/schemas/Mode/const",
      "behavior schema.unsatisfiable /components/schemas/None/enum",
      "documentation schema.keyword_ignored /components/schemas/Some/enum",
    ]);
  });

  it("leaves out a discriminator with defaultMapping, which no version that is written has, and says so", () => {
    const branch = (name: string) => ({ $ref: `#/components/schemas/${name}` });
    const schemas = {
      Event: {
        discriminator: { propertyName: "kind", defaultMapping: "Other", mapping: { a: "A" } },
        oneOf: [branch("A"), branch("Other")],
      },
      A: { type: "object", properties: { kind: { const: "a" } } },
      Other: { type: "object" },
    };
    const result = read(ok, { components: { schemas } }, "3.2.0");
    expect(result.model?.schemas?.Event).toEqual({ anyOf: [branch("A"), branch("Other")] });
    expect(codes(result)).toEqual([
      "behavior schema.discriminator_ignored /components/schemas/Event/discriminator",
    ]);
  });

  it("leaves out a discriminator whose mapping leads out of the document, and says so", () => {
    const branch = (name: string) => ({ $ref: `#/components/schemas/${name}` });
    const choice = (mapping: JsonObject) => ({
      discriminator: { propertyName: "kind", mapping },
      oneOf: [branch("A"), branch("B")],
    });
    const schemas = {
      Files: choice({ a: "models/a.yml#/A", b: "#/components/schemas/B" }),
      Nowhere: choice({ a: "A", b: "C" }),
      Fine: choice({ a: "A", b: "#/components/schemas/B" }),
      A: { type: "object", properties: { kind: { type: "string" } } },
      B: { type: "object", properties: { kind: { type: "string" } } },
    };
    const result = read(ok, { components: { schemas } });
    expect(result.ok).toBe(true);
    const { Files, Nowhere, Fine } = result.model?.schemas ?? {};
    expect(Files).toEqual({ anyOf: [branch("A"), branch("B")] });
    expect(Nowhere).toEqual(Files);
    expect(Fine).toHaveProperty("discriminator.mapping.a", "#/components/schemas/A");
    expect(codes(result)).toEqual([
      "behavior schema.discriminator_ignored /components/schemas/Files/discriminator",
      "behavior schema.discriminator_ignored /components/schemas/Nowhere/discriminator",
    ]);
    expect(result.report[0]?.message).toContain('"models/a.yml#/A"');
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
          size: { type: "string", nullable: true, enum: ["s", "l"] },
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
        size: { type: "string", enum: ["s", "l"] },
      },
    });
    expect(codes(result)).toEqual([
      "behavior schema.nullable_ignored /components/schemas/Pet/properties/owner/nullable",
      "behavior schema.incomplete /components/schemas/Pet/properties/bad/minimum",
      "behavior schema.nullable_ignored /components/schemas/Pet/properties/size/nullable",
      "documentation schema.sibling_ignored /components/schemas/Pet/properties/friend/description",
    ]);
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
