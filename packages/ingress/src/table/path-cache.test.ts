import { expect, it } from "vitest";
import { PathCache } from "./path-cache.js";

const cache = new PathCache();

const routes = (...texts: readonly string[]) =>
  texts.map((text) => {
    const [method = "", pattern = ""] = text.split(" ");
    return { method, pattern };
  });

it("makes one router for the same methods and patterns in the same order, and another for any others", () => {
  const first = cache.sharedPaths(routes("GET /a/{x}", "POST /a"));
  expect(cache.sharedPaths(routes("GET /a/{x}", "POST /a"))).toBe(first);
  for (const other of [
    routes("POST /a", "GET /a/{x}"),
    routes("GET /a/{y}", "POST /a"),
    routes("GET /a/{x}"),
    routes("PUT /a/{x}", "POST /a"),
  ])
    expect(cache.sharedPaths(other)).not.toBe(first);
  expect(first.router.find("GET", "/a/1")).toMatchObject({ route: { value: 0 }, parameterValues: ["1"] });
  expect(first.router.find("POST", "/a")).toMatchObject({ route: { value: 1 } });
  expect(first.paths.map(({ parameterHeaders }) => parameterHeaders)).toEqual([["cx-path-x"], []]);
});

it("forgets all at once when there are too many", () => {
  const first = cache.sharedPaths(routes("GET /kept"));
  for (let api = 0; api < 70; api++)
    cache.sharedPaths(Array.from({ length: 1_000 }, (_, i) => ({ method: "GET", pattern: `/${api}/${i}` })));
  expect(cache.sharedPaths(routes("GET /kept"))).not.toBe(first);
});
