/** What an import makes of schemas that requests cannot be held to, and of examples in them. */
import { schemaFault, schemaSizeFault } from "@latchkey/validation";
import { describe, expect, it } from "vitest";
import { fromOpenApi } from "./from-openapi.js";
import { codes, documentOf, ok } from "./import-document.cases.js";
import type { JsonObject } from "./json.js";

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

  it.each(["#/components/examples/one", "#/components/examples/one/value"])(
    "is resolved in the place of a media type's example and of a parameter's too: %s",
    ($ref) => {
      const example = { $ref };
      const { model } = fromOpenApi(
        documentOf(
          {
            "/a": {
              get: {
                parameters: [{ name: "q", in: "query", schema: {}, example }],
                responses: { "200": { description: "ok", content: { "application/json": { example } } } },
              },
            },
          },
          { components: { examples: { one: { value: { id: 1 } } } } },
        ),
      );
      const { parameters, responses } = model?.routes[0]?.operation ?? {};
      expect(parameters?.[0]?.example).toEqual({ id: 1 });
      expect(responses?.["200"]?.content?.["application/json"]?.example).toEqual({ id: 1 });
    },
  );

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

  it("is taken out of the names of properties, which other keywords then say nothing of", () => {
    const patternProperties = { "(?=a)b": { type: "integer" }, "^c": { type: "string" } };
    const named = { type: "object", patternProperties, additionalProperties: false };
    const result = fromOpenApi(faulty({ named }), { schemaFault });
    const { content } = result.model?.routes[0]?.operation?.requestBody ?? {};
    expect(content?.["application/json"]?.schema).toMatchObject({
      properties: { named: { ...named, patternProperties: { ".*": {}, "^c": { type: "string" } } } },
    });
    expect(JSON.stringify(result.model)).not.toContain("(?=");
    expect(codes(result)[0]).toMatch(/^behavior schema.pattern_dropped .*\/patternProperties\/\(\?=a\)b$/);
  });

  it("is named with the reason where it is no regular expression", () => {
    const result = fromOpenApi(faulty({ mail: { type: "string", pattern: "^[\\d-a-z]+@x$" } }), {
      schemaFault,
    });
    expect(result.report[0]).toMatchObject({
      code: "schema.pattern_dropped",
      message: expect.stringContaining("no regular expression in Unicode mode: Invalid character class"),
    });
  });

  it("is written in Unicode mode where it means one thing without it", () => {
    const named = { patternProperties: { "^x\\-": { type: "string" } } };
    const result = fromOpenApi(faulty({ mail: { type: "string", pattern: "^[\\w-\\.]+@x$" }, named }), {
      schemaFault,
    });
    const { content } = result.model?.routes[0]?.operation?.requestBody ?? {};
    expect(content?.["application/json"]?.schema).toMatchObject({
      properties: {
        mail: { pattern: "^[\\w\\-\\.]+@x$" },
        named: { patternProperties: { "^x-": { type: "string" } } },
      },
    });
    expect(codes(result)).toEqual([
      expect.stringMatching(/^documentation schema.pattern_respelled .*\/mail\/pattern$/),
      expect.stringMatching(/^documentation schema.pattern_respelled .*\/patternProperties\/\^x\\-$/),
    ]);
  });

  it("loosens what depends on it, as every keyword does whose value is not valid", () => {
    const digits = { type: "string", pattern: "^\\d+$" };
    const properties = {
      not: { type: "integer", not: { minimum: "5" } },
      not2: { type: "integer", not: 5 },
      choice: { oneOf: [{ type: "string", pattern: "^[\\d-a-z]+$" }, digits] },
      named: { type: "object", not: { patternProperties: { "(?=a)b": false } } },
      titled: { oneOf: [{ type: "string", title: 5 }, { type: "integer" }] },
    };
    const result = fromOpenApi(faulty(properties), { schemaFault });
    const { content } = result.model?.routes[0]?.operation?.requestBody ?? {};
    expect(content?.["application/json"]?.schema).toEqual({
      type: "object",
      properties: {
        not: { type: "integer" },
        not2: { type: "integer" },
        choice: { anyOf: [{ type: "string" }, digits] },
        named: { type: "object" },
        titled: { oneOf: [{ type: "string" }, { type: "integer" }] },
      },
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

it("shows the start of a long pattern that is left out", () => {
  const pattern = `^(?!x)${"a".repeat(5_000)}$`;
  const schemas = { A: { type: "string", pattern } };
  const { report } = fromOpenApi(documentOf({ "/a": { get: ok } }, { components: { schemas } }), {
    schemaFault: (schema) => schemaFault(schema),
  });
  expect(report[0]).toMatchObject({ code: "schema.pattern_dropped" });
  expect(report[0]?.message.length).toBeLessThan(500);
});

// JSON Schema 2020-12, Validation, sections 6.5.3 and 6.5.4: an empty list of names is valid, and demands nothing.
it("takes an empty `required` for valid, and loosens nothing because of it", () => {
  const schema = {
    oneOf: [
      { type: "object", required: [], properties: { a: { type: "integer" } } },
      { type: "object", dependentRequired: { b: [] }, required: ["b"] },
    ],
  };
  const result = fromOpenApi(
    documentOf({
      "/x": { post: { requestBody: { content: { "application/json": { schema } } }, ...ok } },
    }),
  );
  expect(codes(result)).toEqual([]);
  expect(result.routes[0]?.operation?.requestBody?.content?.["application/json"]?.schema).toEqual({
    oneOf: [
      { type: "object", properties: { a: { type: "integer" } } },
      { type: "object", required: ["b"] },
    ],
  });
});
