/** Ids that Azure API Management takes over as they are, and that stay apart. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { patternText } from "./model.cases.js";
import { makeOperationId, normalizeOperationId, operationIdsOf } from "./operation-id.js";
import { anyMethods } from "./read-model.js";

it("reads like the method and path", () => {
  expect(makeOperationId("GET", "/", new Set())).toBe("get");
  expect(makeOperationId("POST", "/orders/{orderId}/Lines", new Set())).toBe("post-orders-orderid-lines");
  expect(makeOperationId("ANY", "/files/{path*}", new Set())).toBe("any-files-path");
  expect(makeOperationId("GET", "/%C3%BCber", new Set())).toBe("get-uber");
});

it("keeps paths apart whose letters leave nothing behind", () => {
  const [a, b] = ["/%E6%B3%A8%E6%96%87", "/%E9%A1%A7%E5%AE%A2"].map((path) =>
    makeOperationId("GET", path, new Set()),
  );
  expect(a).toMatch(/^get-[0-9a-f]{8}$/);
  expect(a).not.toBe(b);
});

it("is in Azure's normal form, at most 76 characters with every suffix, unique, and the same every time", {
  timeout: 120_000,
}, () => {
  const route = fc.tuple(fc.constantFrom(...anyMethods, "ANY" as const), patternText);
  fc.assert(
    fc.property(fc.array(route, { maxLength: 20 }), (routes) => {
      const taken = new Set<string>();
      for (const [method, path] of routes) {
        const id = makeOperationId(method, path, taken);
        expect(makeOperationId(method, path, taken)).toBe(id);
        for (const one of operationIdsOf(method, id)) {
          expect(one).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
          expect(one.length).toBeLessThanOrEqual(76);
          expect(normalizeOperationId(one)).toBe(one);
          expect(taken.has(one)).toBe(false);
          taken.add(one);
        }
      }
    }),
  );
});
