import { expect, it } from "vitest";
import { type ApiPaths, findPair, sharedRoute } from "./shared-path.js";

function api(id: string, recoverable: boolean, ...routes: readonly string[]): ApiPaths {
  return {
    id,
    recoverable,
    routes: routes.map((text) => {
      const [method = "", path = "", integration = ""] = text.split(" ");
      return { method, path, integration: { id: integration } };
    }),
  };
}

it("sees a shared route through other names of its parameters, but not through another method", () => {
  const { routes } = api("a", true, "PUT /orders/{id} north");
  expect(sharedRoute(routes, [{ method: "PUT", path: "/orders/{order}" }])).toBe(routes[0]);
  expect(sharedRoute(routes, [{ method: "GET", path: "/orders/{id}" }])).toBeNull();
  expect(sharedRoute(routes, [{ method: "PUT", path: "/orders/{id*}" }])).toBeNull();
});

it("prefers a shared route that only reads", () => {
  const { routes } = api("a", true, "DELETE /x one", "PUT /x one", "GET /x one");
  expect(sharedRoute(routes, routes)?.method).toBe("GET");
});

it("prefers a pair whose shared route leads to different integrations, with keys at hand", () => {
  const same = [api("a", true, "GET /x one"), api("b", true, "GET /x one")];
  expect(findPair(same)?.map(({ id }) => id)).toEqual(["a", "b"]);
  expect(findPair([...same, api("c", true, "GET /x two")])?.map(({ id }) => id)).toEqual(["a", "c"]);
  expect(findPair([api("p", false, "GET /x one"), ...same, api("c", true, "GET /x two")])?.[0].id).toBe("a");
  expect(findPair([api("a", true, "GET /x one"), api("b", true, "GET /y one")])).toBeNull();
});
