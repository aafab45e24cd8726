import { expect, it } from "vitest";
import { listOperations } from "./list-operations.js";
import { refName, resolveRef } from "./resolve-ref.js";

it("follows local references, through encoded names, and ends on a cycle", () => {
  const document = {
    components: {
      schemas: {
        "a/b": { type: "string" },
        x: { $ref: "#/components/schemas/y" },
        y: { $ref: "#/components/schemas/x" },
      },
    },
  };
  expect(resolveRef(document, { $ref: "#/components/schemas/a~1b" })).toEqual({ type: "string" });
  expect(refName("#/components/schemas/a~1b")).toBe("a/b");
  expect(resolveRef(document, { $ref: "#/components/schemas/x" })).toHaveProperty("$ref");
});

it("never follows a reference out of the document or into an object's prototype", () => {
  for (const $ref of [
    "https://elsewhere.example/schema.json",
    "other.json#/a",
    "#/__proto__/toString",
    "#/constructor",
  ])
    expect(resolveRef({}, { $ref })).toEqual({ $ref });
});

it("lists operations by tag in the document's order, with the parameters of their path", () => {
  const id = { name: "id", in: "path" };
  const groups = listOperations({
    tags: [{ name: "orders", description: "Orders." }],
    paths: {
      "/orders/{id}": {
        parameters: [id],
        put: { tags: ["orders"] },
        get: { tags: ["orders"], parameters: [{ name: "q", in: "query" }] },
      },
      "/other": { post: {} },
    },
  });
  expect(groups.map(({ tag, operations }) => [tag, operations.map(({ method }) => method)])).toEqual([
    ["orders", ["GET", "PUT"]],
    ["Operations", ["POST"]],
  ]);
  expect(groups[0]?.operations[0]?.parameters).toEqual([id, { name: "q", in: "query" }]);
});
