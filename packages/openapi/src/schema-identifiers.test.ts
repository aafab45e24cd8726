/** References by `$id` and `$anchor`, which OpenAPI 3.1 takes from JSON Schema 2020-12. */
import { expect, it } from "vitest";
import { fromOpenApi } from "./from-openapi.js";
import { codes, documentOf } from "./import-document.cases.js";
import type { JsonObject } from "./json.js";

const read = (schema: JsonObject, schemas: JsonObject, openapi = "3.1.0") => {
  const operation = { requestBody: { content: { "application/json": { schema } } }, responses: {} };
  const document = documentOf({ "/a": { post: operation } }, { components: { schemas } });
  const result = fromOpenApi({ ...document, openapi }, { mapping: { default: "x" } });
  const body = result.model?.routes[0]?.operation?.requestBody as JsonObject | undefined;
  return {
    errors: codes(result).filter((code) => code.startsWith("error")),
    schema: Object.values((body?.content ?? {}) as { [type: string]: JsonObject })[0]?.schema,
    schemas: result.model?.schemas,
  };
};
const at = "/paths/~1a/post/requestBody/content/application~1json/schema";

it.each([
  ["#order", { Order: { $anchor: "order", type: "object" } }],
  ["#order", { Order: { $dynamicAnchor: "order", $anchor: "order", type: "object" } }],
  ["https://example.org/order", { Order: { $id: "https://example.org/order", type: "object" } }],
  ["https://example.org/order#", { Order: { $id: "https://example.org/order", type: "object" } }],
  ["order.json", { Order: { $id: "/order.json", type: "object" } }],
  ["urn:example:order", { Order: { $id: "urn:example:order", type: "object" } }],
])("%s leads to the schema that has it, under the schema's name", (ref, schemas) => {
  expect(read({ $ref: ref }, schemas)).toEqual({
    errors: [],
    schema: { $ref: "#/components/schemas/Order" },
    schemas: { Order: { type: "object" } },
  });
});

it("are relative to the schema around them, and may have a pointer or an anchor behind an identifier", () => {
  const Line = { $id: "line", $defs: { price: { type: "number" } }, $anchor: "self", type: "object" };
  const Order = {
    $id: "https://example.org/shop/order",
    properties: {
      line: { $ref: "line" },
      again: { $ref: "line#self" },
      price: { $ref: "https://example.org/shop/line#/$defs/price" },
    },
    $defs: { Line },
  };
  const { errors, schemas } = read({ $ref: "https://example.org/shop/order" }, { Order });
  expect(errors).toEqual([]);
  const name = "#/components/schemas/Order._defs.Line";
  expect(schemas?.Order).toMatchObject({
    properties: { line: { $ref: name }, again: { $ref: name }, price: { $ref: expect.any(String) } },
  });
  expect(Object.values(schemas ?? {})).toContainEqual({ type: "number" });
});

it.each([
  ["#other", "3.1.0", "ref.unresolved"],
  // Whichever is taken might be the wrong one.
  ["#twice", "3.1.0", "ref.unresolved"],
  ["https://example.org/other", "3.1.0", "ref.remote"],
  ["https://example.org/order#/$defs/none", "3.1.0", "ref.remote"],
  // OpenAPI 3.0 has neither.
  ["#order", "3.0.3", "ref.unresolved"],
  ["https://example.org/order", "3.0.3", "ref.remote"],
])("%s in OpenAPI %s is an error: %s", (ref, openapi, code) => {
  const schemas = {
    Order: { $id: "https://example.org/order", type: "object" },
    Anchored: { $anchor: "order", type: "object" },
    A: { $anchor: "twice" },
    B: { $anchor: "twice" },
  };
  expect(read({ $ref: ref }, schemas, openapi).errors).toEqual([`error ${code} ${at}/$ref`]);
});
