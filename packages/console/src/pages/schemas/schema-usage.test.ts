import { expect, it } from "vitest";
import { type ApiContent, schemaUsages, tagUsages, usageText } from "./schema-usage.js";

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const body = (schema: object) => ({ content: { "application/json": { schema } } });

const api: ApiContent = {
  id: "api_1",
  version: 1,
  tags: [{ name: "orders", description: "What customers order." }, { name: "spare" }],
  schemas: {
    Order: {
      type: "object",
      properties: { lines: { type: "array", items: ref("Line") }, next: ref("Order") },
    },
    Line: { type: "object" },
    "a/b": { type: "string" },
    Unused: true,
  },
  routes: [
    {
      id: "rte_1",
      method: "POST",
      path: "/orders",
      operation: {
        tags: ["orders"],
        requestBody: body(ref("Order")),
        responses: { 200: body(ref("Order")) },
      },
    },
    {
      id: "rte_2",
      method: "GET",
      path: "/orders",
      operation: { tags: ["orders", "lists"], responses: { 200: body({ items: ref("a~1b") }) } },
    },
    { id: "rte_3", method: "GET", path: "/", operation: null },
  ],
};

it("finds the operations and schemas that refer to a schema, each once", () => {
  expect(
    schemaUsages(api).map((usage) => [
      usage.name,
      usage.routes.map(({ method, path }) => `${method} ${path}`),
      usage.schemas,
      usageText(usage),
    ]),
  ).toEqual([
    ["Order", ["POST /orders"], [], "Used by 1 operation"],
    ["Line", [], ["Order"], "Used by 1 schema"],
    ["a/b", ["GET /orders"], [], "Used by 1 operation"],
    ["Unused", [], [], "Not used"],
  ]);
});

it("lists the API's tags, then those that only operations name", () => {
  expect(tagUsages(api).map(({ name, description, routes }) => [name, description, routes.length])).toEqual([
    ["orders", "What customers order.", 2],
    ["spare", "", 0],
    ["lists", "", 1],
  ]);
});
