/** Documents of one Api that shows every feature, byte for byte: a change of the output is a change of these files. */
import { join } from "node:path";
import {
  type ApiModel,
  azureApimPolicy,
  emit,
  toOpenApi,
  toPostman,
  toTypeScriptClient,
} from "@latchkey/openapi";
import { expect, it } from "vitest";

const line = {
  type: "object",
  required: ["sku"],
  properties: { sku: { type: "string" }, note: { type: ["string", "null"] } },
};

const model: ApiModel = {
  title: "Orders & Größen",
  summary: "Everything about **orders**.",
  version: "v1",
  serverUrl: "https://gateway.example.org/",
  webhook: true,
  routes: [
    {
      method: "POST",
      path: "/orders",
      operationId: "post-orders",
      validate: true,
      integration: {
        name: "Create order",
        requestSchema: {
          type: "object",
          required: ["lines"],
          properties: {
            lines: { type: "array", minItems: 1, items: { $ref: "#/$defs/Line" } },
            total: { type: "number", exclusiveMinimum: 0 },
            kind: { const: "order" },
          },
          $defs: { Line: line },
        },
        responseSchema: { type: "object", properties: { id: { type: "string", format: "uuid" } } },
        examples: {
          request: { lines: [{ sku: "A-1" }] },
          response: { id: "6f1c2c1e-6d0b-4c6c-9d0e-0b8d2a4f7a11" },
        },
      },
    },
    {
      method: "GET",
      path: "/orders/{orderId}",
      operationId: "get-orders-orderid",
      integration: { name: "Find order", responseSchema: { $ref: "#/$defs/Line", $defs: { Line: line } } },
      operation: {
        parameters: [
          {
            name: "orderId",
            in: "path",
            required: true,
            description: "The order's number.",
            schema: { type: "integer", minimum: 1 },
          },
          {
            name: "expand",
            in: "query",
            description: "Parts to add.",
            schema: { type: "array", items: { type: "string" } },
          },
        ],
      },
    },
    {
      method: "PUT",
      path: "/orders/{number}",
      operationId: "put-orders-number",
      integration: { name: "Replace order", requestContentTypes: ["application/xml", "text/csv"] },
    },
    { method: "ANY", path: "/files/{path*}", operationId: "any-files-path", integration: { name: "Files" } },
    { method: "GET", path: "/files/{id}", operationId: "get-files-id", integration: { name: "One file" } },
  ],
};

const outputs: readonly (readonly [string, () => string | Promise<string>])[] = [
  ["orders.3.0.json", () => emit(toOpenApi(model, { version: "3.0" }), "json")],
  ["orders.3.0.yaml", () => emit(toOpenApi(model, { version: "3.0" }), "yaml")],
  ["orders.3.1.json", () => emit(toOpenApi(model, { version: "3.1" }), "json")],
  ["orders.azure.json", () => emit(toOpenApi(model, { version: "3.0", target: "azure-apim" }), "json")],
  ["orders.policy.xml", () => azureApimPolicy(model)],
  ["orders.postman.json", async () => `${JSON.stringify(await toPostman(model), null, 2)}\n`],
  ["orders.client.ts.txt", () => toTypeScriptClient(model)],
];

it.each(outputs)("%s", { timeout: 60_000 }, async (name, make) => {
  await expect(await make()).toMatchFileSnapshot(join(import.meta.dirname, "gen", name));
});
