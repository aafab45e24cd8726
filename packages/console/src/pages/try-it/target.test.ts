import { expect, it } from "vitest";
import { findTarget, targetText } from "./target.js";

const routes = ["PUT /orders/{id}", "GET /orders/{id}", "ANY /files/{path*}"].map((text, index) => {
  const [method = "", path = ""] = text.split(" ");
  return { id: String(index), method, path };
});

const found = (text: string) => {
  const target = findTarget(routes, text);
  return target === null ? null : `${target.route.id} ${target.method}`;
};

it("finds the route of an address, also by the path of an OpenAPI document", () => {
  expect(found(targetText("PUT", "/orders/{id}"))).toBe("0 PUT");
  expect(found("DELETE /files/{path}")).toBe("2 DELETE");
  expect(found("DELETE /files/{path*}")).toBe("2 DELETE");
  expect(found("ANY /files/{path*}")).toBe("2 GET");
});

it("starts with a route that only reads when the address names none, or one that is gone", () => {
  expect(found("")).toBe("1 GET");
  expect(found("PATCH /gone")).toBe("1 GET");
  expect(findTarget([], "GET /a")).toBeNull();
  expect(findTarget(routes.slice(0, 1), "")?.method).toBe("PUT");
});
