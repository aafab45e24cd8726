/** What a router finds, and that it agrees with the oracle on any routes and any path. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildRouter } from "./build-router.js";
import { findConflict } from "./conflict.js";
import { findCrowd } from "./crowd.js";
import { built, definition } from "./definition.fixture.js";
import { LinearRouter } from "./linear-router.js";
import type { FindResult } from "./route.js";
import { routerCases } from "./router.cases.js";
import { SegmentIndex } from "./segment-index.js";

function shown(result: FindResult<string>): readonly string[] {
  if (result === null) return ["404"];
  if (result.kind === "method_not_allowed") return ["405", ...result.allow];
  return [result.route.value, ...result.parameterValues];
}

describe.each(routerCases)("$promise", ({ routes, requests }) => {
  const definitions = routes.map(definition);
  const router = built(definitions);
  const routers = {
    router,
    index: new SegmentIndex(router.routes),
    oracle: new LinearRouter(definitions),
  };
  it.each(Object.entries(requests))("%s", (request, expected) => {
    const space = request.indexOf(" ");
    for (const [name, it] of Object.entries(routers)) {
      const result = it.find(request.slice(0, space), request.slice(space + 1));
      expect([name, ...shown(result)]).toEqual([name, ...expected]);
    }
  });
});

describe("a match", () => {
  it("names its parameters as its own pattern does, not as another of the same shape", () => {
    const router = built([definition("GET /{order}/x"), definition("POST /{invoice}/x")]);
    expect(router.find("GET", "/1/x")).toMatchObject({
      route: { pattern: "/{order}/x", parameterNames: ["order"] },
    });
    expect(router.find("POST", "/1/x")).toMatchObject({
      route: { pattern: "/{invoice}/x", parameterNames: ["invoice"] },
    });
  });

  it("has all of 64 parameters", () => {
    const names = Array.from({ length: 64 }, (_, k) => `p${k}`);
    const router = built([definition(`GET /${names.map((it) => `{${it}}`).join("/")}`)]);
    expect(router.find("GET", `/${names.join("/")}`)).toMatchObject({ parameterValues: names });
    expect(router.find("GET", `/${names.join("/")}/more`)).toBeNull();
  });
});

describe("a collision", () => {
  it.each([
    [["GET /a", "POST /a", "GET /a"], 2, 0],
    [["GET /a/{x}", "GET /a/{y}"], 1, 0],
    [["ANY /a/{x*}", "GET /a/{x*}", "ANY /a/{y*}"], 2, 0],
    [["GET /b", "GET /a/", "GET /%61"], 2, 1],
    [["GET /{a}-{b}", "GET /{a}.{b}", "GET /{b}-{a}/"], 2, 0],
    [["GET /a/x{a}.json", "GET /a/x{b}.xml", "GET /a/x{b}.json"], 2, 0],
    [["ANY /{a}.json/b", "GET /{a}.json/b", "ANY /{b}.json/b"], 2, 0],
  ])("is refused by name: %j", (routes, index, earlierIndex) => {
    const result = buildRouter(routes.map(definition));
    expect(result).toMatchObject({ ok: false, error: { code: "duplicate_route", index, earlierIndex } });
  });

  it("is not seen where patterns merely overlap", () => {
    expect(buildRouter(["GET /a/{x}", "GET /{y}/b", "GET /{z*}", "ANY /a/{x}"].map(definition)).ok).toBe(
      true,
    );
  });

  it("is also what a router has no room for", () => {
    const many = Array.from({ length: 32_768 }, (_, k) => definition(`GET /r${k}`));
    expect(buildRouter(many.slice(1)).ok).toBe(true);
    expect(buildRouter(many)).toMatchObject({ ok: false, error: { code: "too_many_routes", index: 32_767 } });
    const long = Array.from({ length: 2100 }, (_, k) => definition(`GET /${"x".repeat(2030)}${k}`));
    expect(buildRouter(long.slice(0, 2000)).ok).toBe(true);
    expect(buildRouter(long)).toMatchObject({ ok: false, error: { code: "too_many_routes" } });
  });
});

// Few letters, so that patterns and paths meet.
const text = fc.stringMatching(/^[ab]{1,3}$/);
const literal = fc.constantFrom("a", "b", "-", "ab", "ba", "aa", "%2B", "%2", "2");
/** `{}` with text around and between, such as `a{}-{}b`. */
const mixed = fc
  .tuple(
    fc.option(literal, { nil: "" }),
    fc.array(literal, { maxLength: 2 }),
    fc.option(literal, { nil: "" }),
  )
  .map(([prefix, middles, suffix]) => `${prefix}{}${middles.map((it) => `${it}{}`).join("")}${suffix}`)
  .filter((it) => !/%2(?!B)/.test(it));
const segment = fc.oneof(
  { weight: 3, arbitrary: text },
  { weight: 2, arbitrary: fc.constant("{}") },
  { weight: 3, arbitrary: mixed },
);
const named = (segments: readonly string[]): string => {
  let count = 0;
  return `/${segments.join("/").replaceAll("{", () => `{p${count++}`)}`;
};
const method = fc.constantFrom("GET", "POST", "PUT", "ANY");
const routeText = fc
  .tuple(method, fc.array(segment, { maxLength: 5 }), fc.integer({ min: 0, max: 5 }))
  .map(([verb, segments, rest]) => {
    const all = rest === 0 ? [...segments, "{*}"] : segments;
    return `${verb} ${named(all)}`;
  });
const routes = fc.array(routeText, { maxLength: 40 }).map((texts) => {
  const unique = new Map(texts.map((it) => [it, definition(it)]));
  return [...unique.values()].filter(
    (_, k, all) => findCrowd(all.slice(0, k + 1).map((it) => it.pattern.text)) === null,
  );
});
const path = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: text },
      {
        weight: 3,
        arbitrary: fc
          .array(fc.constantFrom("a", "b", "-", "2", "%2B", "%22"), { maxLength: 7 })
          .map((it) => it.join("")),
      },
      { weight: 1, arbitrary: fc.constant("") },
    ),
    { maxLength: 6 },
  )
  .map((parts) => `/${parts.join("/")}`);

describe("for any routes", () => {
  it("the router, its index and the oracle agree on any path", () => {
    fc.assert(
      fc.property(
        routes,
        fc.array(fc.tuple(method, path), { minLength: 1, maxLength: 30 }),
        (all, requests) => {
          const router = built(all);
          const index = new SegmentIndex(router.routes);
          const oracle = new LinearRouter(all);
          for (const [verb, at] of requests) {
            const expected = shown(oracle.find(verb, at));
            expect(shown(router.find(verb, at))).toEqual(expected);
            expect(shown(index.find(verb, at))).toEqual(expected);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("the order of the definitions makes no difference", () => {
    fc.assert(
      fc.property(routes, path, fc.infiniteStream(fc.nat()), (all, at, numbers) => {
        const shuffled = all
          .map((it) => [numbers.next().value ?? 0, it] as const)
          .sort((a, b) => a[0] - b[0])
          .map(([, it]) => it);
        expect(shown(built(shuffled).find("GET", at))).toEqual(shown(built(all).find("GET", at)));
      }),
    );
  });

  it("its index alone agrees with the oracle", () => {
    fc.assert(
      fc.property(fc.array(mixed, { minLength: 5, maxLength: 30 }), path, (segments, at) => {
        const all = [...new Set(segments)].map((it) => definition(`GET ${named([it, "a"])}`));
        fc.pre(findConflict(all) === null);
        const expected = shown(new LinearRouter(all).find("GET", `${at}/a`));
        expect(shown(new SegmentIndex(built(all).routes).find("GET", `${at}/a`))).toEqual(expected);
      }),
    );
  });

  it("every route is found at a path made from its own pattern", () => {
    fc.assert(
      fc.property(routes, (all) => {
        const router = built(all);
        for (const { method: verb, pattern } of all) {
          // A path that only the rest can take, and not a parameter, depends on what else there is.
          if (pattern.segments.at(-1)?.kind === "rest") continue;
          if (pattern.segments.some((it) => it.kind === "mixed")) continue;
          const at = `/${pattern.segments.map((it) => (it.kind === "static" ? it.text : "zzz")).join("/")}`;
          expect(router.find(verb, at)).toMatchObject({ kind: "match", route: { pattern: pattern.text } });
        }
      }),
    );
  });

  it("any string at all is matched as by the oracle", () => {
    const unit = fc.oneof(
      fc.constantFrom("/", "a", "b", "\0"),
      fc.integer({ min: 0, max: 0xffff }).map((it) => String.fromCharCode(it)),
    );
    const wild = fc.array(unit, { maxLength: 8 }).map((it) => it.join(""));
    fc.assert(
      fc.property(routes, wild, (all, at) => {
        {
          const router = built(all);
          const expected = shown(new LinearRouter(all).find("GET", at));
          expect(shown(router.find("GET", at))).toEqual(expected);
          expect(shown(new SegmentIndex(router.routes).find("GET", at))).toEqual(expected);
        }
      }),
    );
  });
});

describe("many routes", () => {
  it("are told apart when they are alike wherever the hash of paths looks", () => {
    const paths = Array.from({ length: 1024 }, (_, k) => `/${k.toString(2).padStart(10, "0")}`);
    const router = built(paths.flatMap((it) => [definition(`GET ${it}`), definition(`PUT ${it}`)]));
    for (const it of paths) {
      expect(shown(router.find("PUT", it))).toEqual([`PUT ${it}`]);
      expect(shown(router.find("POST", it))).toEqual(["405", "GET", "PUT"]);
      expect(router.find("GET", `${it}0`)).toBeNull();
    }
    expect(router.rootAt, "some of them are in the tree").not.toBe(0);
  });

  it("are all told apart, static and with parameters", () => {
    const words = ["orders", "users", "items", "a", "bb", "files", "v1", "v2", "x-y", "list"];
    const texts: string[] = [];
    for (const one of words) {
      for (const two of words) {
        texts.push(`GET /${one}/${two}`, `GET /${one}/{id}/${two}`);
        for (const three of words)
          texts.push(`GET /${one}/${two}/${three}`, `POST /${one}/${two}/{id}/${three}`);
        // Two methods each, so that the tree divides to its very ends.
        for (const method of ["PUT", "DELETE"])
          for (const three of words) texts.push(`${method} /${two}/{id}/${one}-${three}-${one}-${three}`);
      }
    }
    const router = built(texts.map(definition));
    for (const it of texts) {
      const [verb, pattern] = it.split(" ") as [string, string];
      expect([it, shown(router.find(verb, pattern.replace("{id}", "77")))[0]]).toEqual([it, it]);
      expect(router.find(verb, `${pattern}/x/x/x/x`)).toBeNull();
    }
  });
});
