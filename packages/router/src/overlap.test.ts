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
    ["/{x}.json", "/a.json", true],
    ["/{x}.json", "/a.xml", false],
    ["/{x}.json", "/{y}", true],
    ["/{x}.json", "/{y}.xml", false],
    ["/{x}.json", "/a{y}", true],
    ["/{x}-{y}", "/{a}.{b}", true],
    ["/a{x}-{y}", "/ab{a}.{b}", true],
    ["/{x}F", "/{y}%2F", false],
    ["/{x}a", "/{x*}", true],
  ])("%s and %s: %s", (one, other, expected) => {
    expect(overlap(one, other)).toBe(expected);
  });

  const segment = fc.constantFrom("a", "b", "{}", "a{}", "{}b");
  const pattern = fc.tuple(fc.array(segment, { maxLength: 3 }), fc.boolean()).map(([segments, hasRest]) => {
    const all = hasRest ? [...segments, "{*}"] : segments;
    return `/${all.map((it, k) => it.replace("{", `{p${k}`)).join("/")}`;
  });

  it("is true exactly when the oracle matches one path with both", () => {
    const paths = ["/"];
    const texts = ["a", "b", "c", "aa", "ab", "bb"];
    for (const one of texts) {
      paths.push(`/${one}`);
      for (const two of texts) {
        paths.push(`/${one}/${two}`);
        for (const three of texts) paths.push(`/${one}/${two}/${three}`, `/${one}/${two}/${three}/c`);
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

  it("leaves room for sixteen segments with several parameters that start alike, and any number of others", () => {
    const alike = Array.from(
      { length: 17 },
      (_, k) => `GET /x/${"a".repeat(k % 3)}{p}${"-".repeat(k + 1)}{q}`,
    );
    const others = Array.from({ length: 100 }, (_, k) => [
      `GET /x/${k}-{p}-{q}`,
      `GET /x/{p}:verb${k}`,
      `GET /x${k}/{p}-{q}`,
    ]).flat();
    const room = [...others, ...alike.slice(0, 16)].map(definition);
    expect(findConflict(room)).toBeNull();
    expect(buildRouter(room).ok).toBe(true);
    const crowded = [...others, ...alike].map(definition);
    expect(findConflict(crowded)).toMatchObject({ code: "too_many_alike", index: 316, earlierIndex: 316 });
    expect(buildRouter(crowded)).toMatchObject({ ok: false, error: { code: "too_many_alike" } });
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
        "GET /orders/{id}.json",
        "POST /orders/{order}.json",
        "GET /orders/x{id}.json",
        "GET /orders/{id}.min.json",
      ].map(definition),
    );
    expect(`\n${formatTree(router)}\n`).toBe(`
/  GET
├─ orders  GET, POST
│  ├─ new  GET
│  ├─ x{id}.json  GET
│  ├─ {id}.min.json  GET
│  ├─ {id}.json  GET, POST
│  └─ {id}  DELETE, GET
│     └─ lines
│        └─ {line}  GET
└─ {path*}  ANY
`);
    expect(formatTree(built([]))).toBe("/");
  });
});
