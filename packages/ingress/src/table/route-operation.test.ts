import { anIntegration, aRoute } from "@latchkey/testkit";
import { SharedSchemas } from "@latchkey/validation";
import { expect, it } from "vitest";
import { RouteOperation } from "./route-operation.js";

it("leaves an operation to the threads until the large schemas of its API are scanned", async () => {
  const resource = anIntegration("int_1", "http://127.0.0.1:1");
  const schema = { $ref: "#/components/schemas/Small" };
  const operation = JSON.stringify({ requestBody: { content: { "application/json": { schema } } } });
  const schemas = { Large: { description: "x".repeat(1024 * 1024) }, Small: { maximum: 9 } };
  const shared = SharedSchemas.of(JSON.stringify(schemas));
  const route = new RouteOperation(
    { ...aRoute("POST", "/a", "int_1"), validate: true, operation },
    () => shared,
  );
  const sharedOf = (): unknown => {
    const checker = route.checkerFor(resource);
    return checker === "unusable" ? checker : checker.shared;
  };
  expect(sharedOf()).toBe(shared);
  while (!shared.isScanned) await new Promise((resolve) => setImmediate(resolve));
  expect(sharedOf()).toBeNull();
  expect(route.checkerFor(resource)).toBe(route.checkerFor(resource));
});
