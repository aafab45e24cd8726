import { expect, it } from "vitest";
import { type ApiPaths, findCounterpart } from "./counterpart.js";

const route = (text: string) => {
  const [method = "", path = "", integrationId = ""] = text.split(" ");
  return { method, path, integrationId };
};

function api(id: string, recoverable: boolean, ...routes: readonly string[]): ApiPaths {
  return { id, recoverable, routes: routes.map(route) };
}

const found = (text: string, ...apis: readonly ApiPaths[]) =>
  findCounterpart("self", route(text), apis)?.id ?? null;

it("sees a shared route through other names of its parameters, but not through another method or kind", () => {
  expect(found("PUT /orders/{id} one", api("a", true, "PUT /orders/{order} two"))).toBe("a");
  expect(found("PUT /orders/{id} one", api("a", true, "GET /orders/{id} two"))).toBeNull();
  expect(found("PUT /orders/{id} one", api("a", true, "PUT /orders/{id*} two"))).toBeNull();
});

it("prefers an API whose route leads elsewhere, then one whose keys are at hand, and never takes itself", () => {
  expect(found("GET /x one", api("self", true, "GET /x two"))).toBeNull();
  expect(found("GET /x one", api("a", true, "GET /x one"), api("b", false, "GET /x two"))).toBe("b");
  expect(found("GET /x one", api("a", false, "GET /x two"), api("b", true, "GET /x two"))).toBe("b");
});
