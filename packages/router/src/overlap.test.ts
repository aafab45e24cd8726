/** What collides, what merely overlaps, and how the tree of an Api is shown. */
import { parseRoutePattern } from "@latchkey/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildRouter } from "./build-router.js";
import { findConflict } from "./conflict.js";
import { built, definition } from "./definition.fixture.js";
import { formatTree } from "./format-tree.js";
import { LinearRouter } from "./linear-router.js";
import { patternsOverlap } from "./overlap.js";

function overlap(one: string, other: string): boolean {
  const [a, b] = [parseRoutePattern(one), parseRoutePattern(other)];
  if (!a.ok || !b.ok) throw new Error("not patterns");
  expect(patternsOverlap(b.value, a.value)).toBe(patternsOverlap(a.value, b.value));
  return patternsOverlap(a.value, b.value);
}

describe("patternsOverlap", () => {
  it.each([
    ["/a", "/a", true],
    ["/", "/", true],
    ["/", "/{x*}", false],
    ["/a", "/b", false],
    ["/a/b", "/a", false],
    ["/a/{x}", "/a/new", true],
    ["/a/{x}", "/{y}/b", true],
    ["/a/{x}/c", "/{y}/b/d", false],
    ["/a/{x*}", "/a", false],
    ["/a/{x*}", "/a/b/c/{y}", true],
    ["/a/{x*}", "/b/{y*}", false],
  ])("%s and %s: %s", (one, other, expected) => {
    expect(overlap(one, other)).toBe(expected);
  });

  const segment = fc.constantFrom("a", "b", "{}");
  const pattern = fc.tuple(fc.array(segment, { maxLength: 3 }), fc.boolean()).map(([segments, hasRest]) => {
    const all = hasRest ? [...segments, "{*}"] : segments;
    return `/${all.map((it, k) => it.replace("{", `{p${k}`)).join("/")}`;
  });

  it("is true exactly when the oracle matches one path with both", () => {
    const paths = ["/"];
    for (const one of ["a", "b", "c"]) {
      paths.push(`/${one}`);
      for (const two of ["a", "b", "c"]) {
        paths.push(`/${one}/${two}`);
        for (const three of ["a", "b", "c"])
          paths.push(`/${one}/${two}/${three}`, `/${one}/${two}/${three}/c`);
      }
    }
    fc.assert(
      fc.property(pattern, pattern, (one, other) => {
        const routers = [one, other].map((it) => new LinearRouter([definition(`GET ${it}`)]));
        const shared = paths.some((path) => routers.every((it) => it.find("GET", path) !== null));
        expect(overlap(one, other)).toBe(shared);
      }),
    );
  });
});

describe("findConflict", () => {
  it("names what buildRouter would refuse", () => {
    const routes = ["GET /a/{x}", "POST /a/{x}", "GET /b", "GET /a/{y}"].map(definition);
    const refused = buildRouter(routes);
    expect(findConflict(routes)).toEqual(refused.ok ? null : refused.error);
    expect(findConflict(routes)).toEqual({
      code: "duplicate_route",
      message: "GET /a/{y} is there already as /a/{x} (names of parameters make no difference).",
      index: 3,
      earlierIndex: 0,
    });
    expect(findConflict(routes.slice(0, 3))).toBeNull();
  });
});

describe("formatTree", () => {
  it("shows places once, in the order in which they are tried", () => {
    const router = built(
      [
        "ANY /{path*}",
        "POST /orders",
        "GET /orders",
        "GET /orders/{id}",
        "DELETE /orders/{order}",
        "GET /orders/new",
        "GET /orders/{id}/lines/{line}",
        "GET /",
      ].map(definition),
    );
    expect(`\n${formatTree(router)}\n`).toBe(`
/  GET
├─ orders  GET, POST
│  ├─ new  GET
│  └─ {id}  DELETE, GET
│     └─ lines
│        └─ {line}  GET
└─ {path*}  ANY
`);
    expect(formatTree(built([]))).toBe("/");
  });
});
