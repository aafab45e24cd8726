import { expect, it } from "vitest";
import { patternsOverlap } from "./pattern-overlap.js";
import { parseRoutePattern, type RoutePattern } from "./route-pattern.js";

function pattern(text: string): RoutePattern {
  const parsed = parseRoutePattern(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

it.each([
  ["/", "/", true],
  ["/", "/{rest*}", false],
  ["/orders", "/orders", true],
  ["/orders", "/Orders", false],
  ["/orders/{id}", "/orders/17", true],
  ["/orders/{id}", "/orders", false],
  ["/orders/{id}", "/orders/{id}/lines", false],
  ["/orders/{rest*}", "/orders/{id}/lines", true],
  ["/orders/{rest*}", "/orders", false],
  ["/{area}/{id}", "/orders/17", true],
  ["/files/{id}.json", "/files/17.json", true],
  ["/files/{id}.json", "/files/17.xml", false],
  ["/files/{id}.json", "/files/{id}", true],
  ["/files/{id}.json", "/files/{id}.xml", false],
  ["/files/a-{id}", "/files/{id}.json", true],
  ["/files/a-{id}", "/files/b-{id}", false],
] as const)("%s and %s: %s", (one, other, overlaps) => {
  expect(patternsOverlap(pattern(one), pattern(other))).toBe(overlaps);
  expect(patternsOverlap(pattern(other), pattern(one))).toBe(overlaps);
});
