import { describe, expect, it } from "vitest";
import { initialForm, missingFields, toRequest } from "./request-form.js";
import { requestModel } from "./request-model.js";
import { sampleValue } from "./sample-value.js";

const plain = { requestSchema: null, requestContentTypes: [], examples: [] };

const operation = {
  parameters: [
    { name: "id", in: "path", required: true, schema: { type: "integer", minimum: 1 }, example: 17 },
    { name: "state", in: "query", schema: { type: "string", enum: ["new", "paid"] } },
    { name: "tag", in: "query", schema: { type: "array", items: { type: "string" } } },
    { name: "X-Tenant", in: "header", required: true, description: "Who asks.", schema: { default: "acme" } },
    { name: "seen", in: "cookie", schema: { type: "boolean" } },
  ],
  requestBody: {
    content: {
      "application/json": {
        schema: { $ref: "#/components/schemas/Order" },
        examples: { small: { summary: "Small order", value: { lines: [] } } },
      },
    },
  },
};

const schemas = {
  Order: {
    type: "object",
    properties: {
      id: { type: "string", format: "uuid" },
      lines: { type: "array", items: { $ref: "#/components/schemas/Line" } },
      parent: { $ref: "#/components/schemas/Order" },
    },
  },
  Line: {
    type: "object",
    properties: { sku: { type: "string", example: "A-1" }, count: { type: "integer" } },
  },
};

describe("the form of a request", () => {
  const model = requestModel({ path: "/orders/{id}/{rest*}", operation, schemas, integration: plain });

  it("has a field for each parameter, with its type, choices and example", () => {
    expect(model.fields.map(({ id, type, choices, isRequired }) => [id, type, choices, isRequired])).toEqual([
      ["path id", "integer, at least 1", [], true],
      ["path rest*", "", [], true],
      ["query state", "string", ["new", "paid"], false],
      ["query tag", "list of string", [], false],
      ["header X-Tenant", "", [], true],
      ["cookie seen", "boolean", ["true", "false"], false],
    ]);
  });

  it("starts with examples of what is required, and with a body that the schema allows at hand", () => {
    const form = initialForm(model);
    expect(form.values).toEqual({ "path id": "17", "path rest*": "", "header X-Tenant": "acme" });
    expect(form.body).toBe('{\n  "lines": []\n}');
    expect(model.bodies[0]?.examples.map(({ name }) => name)).toEqual(["Small order", "From the schema"]);
    expect(JSON.parse(model.bodies[0]?.examples[1]?.text ?? "")).toMatchObject({
      lines: [{ sku: "A-1", count: 1 }],
    });
    expect(missingFields(model, form)).toEqual(["path rest*"]);
  });

  it("makes the request that was typed, each value in its place and encoded", () => {
    const form = initialForm(model);
    const typed = {
      ...form,
      values: {
        ...form.values,
        "path id": "a/b",
        "path rest*": "c/d e",
        "query state": "paid",
        "query tag": "x, y&z",
        "cookie seen": "true",
      },
      query: [{ id: 1, name: "page", value: "2" }],
      headers: [{ id: 2, name: " cx-note ", value: "hello" }],
      body: "{}",
    };
    expect(toRequest("PUT", "/orders/{id}/{rest*}", model, typed)).toEqual({
      method: "PUT",
      path: "/orders/a%2Fb/c/d%20e?state=paid&tag=x&tag=y%26z&page=2",
      headers: [
        ["Content-Type", "application/json"],
        ["X-Tenant", "acme"],
        ["Cookie", "seen=true"],
        ["cx-note", "hello"],
      ],
      body: "{}",
    });
    expect(toRequest("GET", "/x", model, typed).body).toBeNull();
  });

  it("takes body types, examples and schema of the integration where the operation describes none", () => {
    const integration = {
      requestSchema: '{"type":"object","properties":{"a":{"type":"boolean"}}}',
      requestContentTypes: ["application/json", "text/csv"],
      examples: [
        { name: "Rows", contentType: "text/csv", direction: "REQUEST", value: "a,b" },
        { name: "Other", contentType: "text/csv", direction: "RESPONSE", value: "c" },
      ],
    };
    expect(requestModel({ path: "/a", operation: null, schemas: null, integration }).bodies).toEqual([
      { contentType: "application/json", examples: [{ name: "From the schema", text: '{\n  "a": true\n}' }] },
      { contentType: "text/csv", examples: [{ name: "Rows", text: "a,b" }] },
    ]);
  });
});

it("ends at a schema that leads back into itself", () => {
  const value = sampleValue({ components: { schemas } }, { $ref: "#/components/schemas/Order" });
  expect(JSON.stringify(value).length).toBeLessThan(4_000);
});

it("takes values that the schema allows", () => {
  const text = { type: "string" };
  const pair = { type: "array", prefixItems: [text, { type: "integer", minimum: 3 }], items: false };
  expect(sampleValue({}, pair)).toEqual(["text", 3]);
  expect(sampleValue({}, { ...pair, items: text, minItems: 4 })).toEqual(["text", 3, "text", "text"]);
  expect(sampleValue({}, { ...pair, items: text })).toEqual(["text", 3]);
  expect(sampleValue({}, { type: "array", items: text, minItems: 2 })).toEqual(["text", "text"]);
  expect(sampleValue({}, { type: "array", items: text, maxItems: 0 })).toEqual([]);
  expect(sampleValue({}, { type: "number", exclusiveMinimum: 4 })).toBe(5);
  expect(sampleValue({}, { type: "number", minimum: 4, exclusiveMinimum: true })).toBe(5);
  const document = { components: { schemas: { Id: { type: "integer", readOnly: true } } } };
  const properties = { id: { $ref: "#/components/schemas/Id" }, name: text };
  expect(sampleValue(document, { type: "object", properties })).toEqual({ name: "text" });
});
