/**
 * What a request costs at most, in steps rather than seconds: reads of the router's memory and characters of
 * the path looked at. A slow path that a crafted path or table can trigger would let one tenant starve the
 * others. The router under test is the real one; only the two things it reads are wrapped to be counted.
 */
import { describe, expect, it } from "vitest";
import { built, definition } from "./definition.fixture.js";
import { LinearRouter } from "./linear-router.js";
import type { FindResult } from "./route.js";
import { Router } from "./router.js";
import { SegmentIndex } from "./segment-index.js";

interface Counted {
  readonly steps: number;
  readonly result: FindResult<string>;
}

/** Finds, and counts. The path is an object that responds to what find() asks of a string. */
function counted(router: Router<string>, method: string, path: string): Counted {
  let steps = 0;
  const code = new Proxy(router.code, {
    get(target, key) {
      steps++;
      return Reflect.get(target, key, target);
    },
  });
  const countedPath = {
    length: path.length,
    charCodeAt(at: number) {
      steps++;
      return path.charCodeAt(at);
    },
    indexOf(text: string, from: number) {
      const found = path.indexOf(text, from);
      steps += (found < 0 ? path.length : found) - from + 1;
      return found;
    },
    slice(from: number, to?: number) {
      steps++;
      return path.slice(from, to);
    },
    startsWith(text: string) {
      steps++;
      return path.startsWith(text);
    },
  };
  const { routes, segments, sampleCount, slotBits, rootAt } = router;
  const wrapped = new Router(code, routes, segments, sampleCount, slotBits, rootAt);
  return { result: wrapped.find(method, countedPath as unknown as string), steps };
}

const ordinary = built(
  [
    "GET /",
    "GET /orders",
    "POST /orders",
    "GET /orders/{id}",
    "GET /orders/{id}/lines/{line}",
    "PUT /orders/{id}/lines/{line}/state",
    "GET /orders/open/lines/new",
    "ANY /files/{path*}",
    "GET /{tenant}/orders",
    "GET /{tenant}/{collection}/{id}",
  ].map(definition),
);

/** Both a static segment and a parameter at each of ten levels: 1,024 ways through one path. */
const levels = 10;
const everyWay = Array.from({ length: 2 ** levels }, (_, way) =>
  Array.from({ length: levels }, (_, k) => ((way >> k) & 1 ? `{p${k}}` : "a")).join("/"),
);

describe("the steps of one match", () => {
  it("are linear in the length of the path, whatever the path is made of", () => {
    const pieces = [
      "/",
      "a",
      "/a",
      "/orders",
      "/orders/x/lines/",
      "/orders/open/lines/new",
      "//",
      "/files/f",
    ];
    for (const piece of pieces) {
      for (const prefix of ["/", "/orders/", "/files/", "/x/orders/"]) {
        for (const length of [10, 100, 1000, 10_000]) {
          const path = (prefix + piece.repeat(Math.ceil(length / piece.length))).slice(0, length);
          const { steps } = counted(ordinary, "GET", path);
          expect(steps, `${path.slice(0, 40)}… of ${length}`).toBeLessThan(200 + 8 * length);
        }
      }
    }
  });

  it("do not multiply where every segment opens two ways", () => {
    const router = built(everyWay.map((it) => definition(`GET /${it}/end`)));
    for (const width of [1, 10, 100]) {
      const segments = Array.from({ length: levels }, () => "a".repeat(width));
      const path = `/${segments.join("/")}/never`;
      const { steps, result } = counted(router, "GET", path);
      expect(result).toBeNull();
      // 1,024 routes of this length would be 1,024 × path.length if each was looked at to the end.
      expect(steps).toBeLessThan(30 * path.length + 2000);
    }
  });

  it("do not multiply with long tails that only differ at their end, nor for a method that none has", () => {
    const tail = "/tail".repeat(40);
    const router = built(everyWay.slice(0, 1000).map((it, k) => definition(`GET /${it}${tail}/t${k}`)));
    const path = `/${"a/".repeat(levels)}${tail.slice(1)}/t`;
    const miss = counted(router, "GET", path);
    expect(miss.result).toBeNull();
    expect(miss.steps).toBeLessThan(40 * path.length);
    const mismatch = counted(router, "POST", `${path}7`);
    expect(mismatch.result).toMatchObject({ kind: "method_not_allowed", allow: ["GET"] });
    expect(mismatch.steps).toBeLessThan(40 * path.length);
  });

  it("are linear where segments hold parameters and text, and text is found and given up at every character", () => {
    const starts = ["", "a", "aa", "aaa"];
    const routes = starts.flatMap((start, k) => [
      ...[".json", ":archive", "b", "ab", "a"].map((end) => `GET /${start}{x}${end}/never`),
      ...["-", "a-", "aa", "b"].map((middle) => `GET /${start}{x}${middle}{y}/never${k}`),
    ]);
    const nested = Array.from(
      { length: 40 },
      (_, k) => `GET /n${"/{x}a{y}".repeat(k + 1).replace(/[xy]/g, (it, at) => it + at)}/n${k}`,
    ).slice(0, 30);
    const router = built([...routes, ...nested].map(definition));
    for (const piece of ["a", "a-", "ab", "%2D", "%61", "-", "aa.json"]) {
      for (const length of [10, 100, 1000, 4000]) {
        for (const path of [
          `/${piece.repeat(length / 2)}/x`,
          `/n${`/${piece.repeat(8)}`.repeat(length / 10)}/x`,
        ]) {
          const { steps, result } = counted(router, "GET", path);
          expect(result, path.slice(0, 40)).toBeNull();
          expect(steps, `${path.slice(0, 40)}… of ${path.length}`).toBeLessThan(2000 + 100 * path.length);
        }
      }
    }
  });

  it("do not multiply with what stands behind a parameter, of which a path ends with much", () => {
    const verbs = Array.from({ length: 5000 }, (_, k) => `GET /x/{id}:verb${k}`);
    const nested = Array.from({ length: 500 }, (_, k) => `GET /y/{id}${"b".repeat(k + 1)}/z`);
    const router = built([...verbs, ...nested].map(definition));
    expect(counted(router, "GET", "/x/1:verb4999").result).toMatchObject({ parameterValues: ["1"] });
    for (const length of [10, 100, 1000, 10_000]) {
      const path = `/y/a${"b".repeat(length)}/never`;
      expect(counted(router, "GET", path).steps).toBeLessThan(10_000 + 60 * length);
      expect(counted(router, "GET", `/x/${"b".repeat(length)}`).steps).toBeLessThan(10_000 + 60 * length);
    }
  });

  it("do not multiply with routes whose segments end alike, of which a path has the end only", () => {
    const end = "b".repeat(200);
    const router = built(Array.from({ length: 1000 }, (_, k) => definition(`GET /x/{id}:${k}${end}`)));
    expect(counted(router, "GET", `/x/1:999${end}`).result).toMatchObject({ parameterValues: ["1"] });
    const { steps, result } = counted(router, "GET", `/x/${end}${end}`);
    expect(result).toBeNull();
    // 200,000 if each route was compared to the path's end.
    expect(steps).toBeLessThan(40_000);
  });

  it("stay the same for what is found among 10 and among 10,000 routes", () => {
    const some = (count: number) =>
      built(Array.from({ length: count }, (_, k) => definition(`GET /r${k}/{id}/x${k}`)));
    const few = counted(some(10), "GET", "/r7/1/x7").steps;
    const many = counted(some(10_000), "GET", "/r7/1/x7").steps;
    expect(many).toBeLessThan(3 * few);
  });
});

describe("past the limit of going back", () => {
  const definitions = everyWay.flatMap((it, k) => [
    definition(`GET /${it}`),
    ...(k % 3 === 0 ? [definition(`POST /${it}/{rest*}`)] : []),
  ]);
  const oracle = new LinearRouter(definitions);
  const router = built(definitions);
  const index = new SegmentIndex(router.routes);
  const segments = ["a", "b", ""];

  it("the same is found as by the oracle", () => {
    for (let k = 0; k < 200; k++) {
      // Every way of a's, b's and empty segments, in a fixed order without repetition.
      const parts = Array.from({ length: levels - 1 + (k % 4) }, (_, at) => {
        const digit = Math.floor((k * 104_729) / 3 ** at) % 17;
        return digit < 12 ? segments[0] : digit < 16 ? segments[1] : segments[2];
      });
      const path = `/${parts.join("/")}`;
      for (const method of ["GET", "POST", "DELETE"]) {
        const expected = shown(oracle.find(method, path));
        expect(shown(router.find(method, path))).toEqual(expected);
        expect(shown(index.find(method, path))).toEqual(expected);
      }
    }
  });

  function shown(result: FindResult<string>): readonly string[] {
    if (result === null) return ["404"];
    if (result.kind === "method_not_allowed") return ["405", ...result.allow];
    return [result.route.value, ...result.parameterValues];
  }
});

describe("a path that no pattern matches", () => {
  it("leaves nothing on the heap", () => {
    const misses = ["/nothing", "/orders/1/lines/2/status", "/a/b/c/d", "/files", "//", "/x/y"];
    const find = () => {
      let found = 0;
      for (let k = 0; k < 20_000; k++) if (ordinary.find("GET", misses[k % misses.length]!) !== null) found++;
      return found;
    };
    expect(find()).toBe(0);
    find();
    // 20,000 calls with one object each would be 300 kB and more; what other code needs meanwhile is less.
    const growths = Array.from({ length: 9 }, () => {
      const before = process.memoryUsage().heapUsed;
      find();
      return process.memoryUsage().heapUsed - before;
    });
    expect(growths.sort((a, b) => a - b)[4]).toBeLessThan(100_000);
  });
});
