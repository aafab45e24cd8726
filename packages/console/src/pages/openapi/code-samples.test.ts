import { expect, it } from "vitest";
import { codeSample } from "./code-samples.js";
import { countOperations, filterOperations } from "./filter-operations.js";
import { listOperations } from "./list-operations.js";
import { sampleRequest } from "./sample-request.js";

const document = {
  servers: [{ url: "https://gateway.example/" }],
  tags: [{ name: "orders" }],
  paths: {
    "/orders/{id}": {
      parameters: [{ name: "id", in: "path", required: true, schema: { type: "integer" }, example: 17 }],
      put: {
        tags: ["orders"],
        summary: "Replace an order",
        parameters: [
          { name: "X-Tenant", in: "header", required: true, schema: { type: "string" }, example: 'a"b' },
          { name: "page", in: "query", schema: { type: "integer" }, example: 2 },
        ],
        requestBody: { $ref: "#/components/requestBodies/Order" },
      },
      get: { tags: ["orders"], operationId: "getOrder" },
    },
    "/labels": { post: { summary: "Print a label" } },
  },
  components: {
    requestBodies: {
      Order: { content: { "application/json": { example: { sku: "it's", urgent: true, note: null } } } },
    },
    securitySchemes: { key: { type: "apiKey", in: "header", name: "Api-Key" } },
  },
};
const groups = listOperations(document);
const [get, put] = groups[0]?.operations ?? [];

it("makes a request of an operation's examples, without parameters that may be left out", () => {
  if (put === undefined) throw new Error("there is no operation");
  expect(sampleRequest(document, put)).toEqual({
    method: "PUT",
    url: "https://gateway.example/orders/17",
    headers: [
      ["Api-Key", "YOUR_API_KEY"],
      ["Content-Type", "application/json"],
      ["X-Tenant", 'a"b'],
    ],
    body: JSON.stringify({ sku: "it's", urgent: true, note: null }, null, 2),
  });
});

it("writes it for curl, JavaScript and Python, each with its own quotes and literals", () => {
  if (put === undefined || get === undefined) throw new Error("there is no operation");
  const request = sampleRequest(document, put);
  expect(codeSample("curl", request)).toBe(`curl -i -X PUT https://gateway.example/orders/17 \\
  -H 'Api-Key: YOUR_API_KEY' \\
  -H 'Content-Type: application/json' \\
  -H 'X-Tenant: a"b' \\
  --data-raw '{
  "sku": "it'\\''s",
  "urgent": true,
  "note": null
}'`);
  const javascript = codeSample("javascript", request);
  expect(javascript).toContain('"X-Tenant": "a\\"b",');
  expect(javascript).toContain('body: JSON.stringify({\n    "sku": "it\'s",');
  expect(codeSample("python", request)).toContain(
    `    json={\n        "sku": "it's",\n        "urgent": True,\n        "note": None,\n    },`,
  );
  for (const language of ["javascript", "python"] as const)
    expect(codeSample(language, sampleRequest(document, get))).not.toMatch(/body|json=|data=/);
});

it("finds operations by words in method, path, summary, id and tag", () => {
  const found = (text: string) =>
    filterOperations(groups, text).flatMap(({ operations }) => operations.map(({ key }) => key));
  expect(found("")).toHaveLength(3);
  expect(found("ORDERS replace")).toEqual(["put /orders/{id}"]);
  expect(found("getorder")).toEqual(["get /orders/{id}"]);
  expect(found("post label")).toEqual(["post /labels"]);
  expect(countOperations(filterOperations(groups, "nothing like it"))).toBe(0);
});
