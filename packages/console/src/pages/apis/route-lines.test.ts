import { expect, it } from "vitest";
import { isRouteList, readRouteLines } from "./route-lines.js";

it("reads methods, paths and integrations, and leaves comments out", () => {
  expect(
    readRouteLines("GET /orders -> Order intake\n\n# later\npost /orders/{id} → South\n* /files/{path*}\r\n"),
  ).toEqual({
    routes: [
      { method: "GET", path: "/orders", integration: "Order intake" },
      { method: "POST", path: "/orders/{id}", integration: "South" },
      { method: "ANY", path: "/files/{path*}", integration: null },
    ],
    problems: [],
  });
});

it("names the line that cannot be read", () => {
  expect(readRouteLines("FETCH /a\nGET orders\nGET /a ->").problems).toEqual([
    "Line 1: “FETCH” is not a method.",
    "Line 2: the path must begin with “/”.",
    "Line 3: write the integration after “->”.",
  ]);
});

it("takes a pasted text for a list only if it has several routes", () => {
  expect(isRouteList("/orders")).toBe(false);
  expect(isRouteList("GET /orders\n")).toBe(false);
  expect(isRouteList("GET /a\nGET /b")).toBe(true);
});
