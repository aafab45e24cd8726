/**
 * The oracle: slow and obvious, by the words of docs/routing.md. Tests only, not exported by the package.
 * Splits the path at slashes and looks at every route; shares nothing with the tree.
 */
import type { RouteSegment } from "@latchkey/core";
import { ANY_METHOD, type FindResult, Route, type RouteDefinition, RouteMatch } from "./route.js";

export class LinearRouter<T> {
  readonly #definitions: readonly RouteDefinition<T>[];

  constructor(definitions: readonly RouteDefinition<T>[]) {
    this.#definitions = definitions;
  }

  find(method: string, path: string): FindResult<T> {
    const matching = this.#definitions.filter((it) => valuesOf(it.pattern.segments, path) !== null);
    if (matching.length === 0) return null;
    const usable = matching.filter((it) => it.method === method || it.method === ANY_METHOD);
    if (usable.length === 0) {
      const allow = [...new Set(matching.map((it) => it.method))].sort();
      return { kind: "method_not_allowed", allow };
    }
    const best = usable.sort(byPrecedence)[0]!;
    return new RouteMatch(new Route(best), valuesOf(best.pattern.segments, path) ?? []);
  }
}

/** The parameters' values, or null if the segments do not match the path. */
function valuesOf(segments: readonly RouteSegment[], path: string): string[] | null {
  if (!path.startsWith("/")) return null;
  const parts = path === "/" ? [] : path.slice(1).split("/");
  const values: string[] = [];
  for (const [k, segment] of segments.entries()) {
    const part = parts[k];
    if (part === undefined || (segment.kind !== "static" && part === "")) return null;
    if (segment.kind === "static" && part !== segment.text) return null;
    if (segment.kind === "mixed") {
      const found = divisionsOf(part, segment.literals)[0];
      if (found === undefined) return null;
      values.push(...found);
    }
    if (segment.kind === "parameter") values.push(part);
    if (segment.kind === "rest") return [...values, parts.slice(k).join("/")];
  }
  return parts.length === segments.length ? values : null;
}

/**
 * All ways to read a text as literal, value, literal, value, …, literal. The first one has the shortest first value, then the
 * shortest second one, and so on. No value is empty, or begins or ends inside of a percent-encoding.
 */
function divisionsOf(
  text: string,
  [literal = "", ...literals]: readonly string[],
): readonly (readonly string[])[] {
  if (!text.startsWith(literal)) return [];
  const behind = text.slice(literal.length);
  if (literals.length === 0) return behind === "" ? [[]] : [];
  const found: (readonly string[])[] = [];
  for (let length = 1; length <= behind.length; length++) {
    const value = behind.slice(0, length);
    if (length < behind.length && /%.?$/s.test(value)) continue;
    for (const others of divisionsOf(behind.slice(length), literals)) found.push([value, ...others]);
  }
  return found;
}

const RANK = { static: 0, mixed: 1, parameter: 2, rest: 3 } as const;

/** Segment by segment, static before mixed before parameter before rest; on one and the same pattern, ANY last. */
function byPrecedence(a: RouteDefinition<unknown>, b: RouteDefinition<unknown>): number {
  for (const [k, segment] of a.pattern.segments.entries()) {
    const other = b.pattern.segments[k];
    if (other === undefined) break;
    const difference = RANK[segment.kind] - RANK[other.kind];
    if (difference !== 0) return difference;
    if (segment.kind !== "mixed" || other.kind !== "mixed") continue;
    const [one, two] = [segment.literals, other.literals];
    const criteria = [
      two[0]!.length - one[0]!.length,
      two.at(-1)!.length - one.at(-1)!.length,
      two.join("").length - one.join("").length,
      one.length - two.length,
      one.join("{}") < two.join("{}") ? -1 : one.join("{}") > two.join("{}") ? 1 : 0,
    ];
    const first = criteria.find((it) => it !== 0);
    if (first !== undefined) return first;
  }
  return Number(a.method === ANY_METHOD) - Number(b.method === ANY_METHOD);
}
