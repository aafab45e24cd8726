/**
 * The way out of crafted tables: matches by intersecting sets of endpoints, segment by segment, so that the
 * cost does not depend on how many ways the patterns open (`/a/{x}`, `/{x}/a`, … at each of many levels).
 * Slower than the tree for what people write; Router goes here only after BACKTRACKS_MAX. Knows nothing of
 * the tree. Allocates the segments of the path.
 */
import { compareSegments, mixedValues, normalizedKey, RoutePattern, type RouteSegment } from "@latchkey/core";
import { MixedPlaces } from "./mixed-places.js";
import type { FindResult, Route } from "./route.js";
import { ANY_METHOD, RouteMatch } from "./route.js";

/** What endpoints have at one place in the path. A set is a bit for each endpoint, 32 to a word. */
interface Position {
  readonly statics: Map<string, Int32Array | number[]>;
  readonly parameters: Int32Array;
  readonly rests: Int32Array;
  /** Made for the first mixed segment. */
  mixed: MixedPlaces | null;
}

export class SegmentIndex<T> {
  /** Best first: of two that match one path, the one that comes first here has precedence. */
  readonly #endpoints: readonly (readonly Route<T>[])[];
  readonly #positions: Position[] = [];
  /** By number of segments: the endpoints that end there. */
  readonly #ends: Int32Array[] = [];
  readonly #words: number;
  // Scratch of one call.
  readonly #alive: Int32Array;
  readonly #next: Int32Array;
  readonly #matched: Int32Array;

  constructor(routes: readonly Route<T>[]) {
    this.#endpoints = endpointsOf(routes);
    this.#words = (this.#endpoints.length + 31) >>> 5;
    this.#alive = this.#emptySet();
    this.#next = this.#emptySet();
    this.#matched = this.#emptySet();
    for (const [endpoint, [first]] of this.#endpoints.entries()) {
      if (first !== undefined) this.#add(endpoint, segmentsOf(first.pattern));
    }
    for (const { statics } of this.#positions) {
      for (const [text, set] of statics) statics.set(text, this.#compact(set as number[]));
    }
  }

  find(method: string, path: string): FindResult<T> {
    this.#intersect(path);
    const allow = new Set<string>();
    for (let word = 0; word < this.#words; word++) {
      for (let bits = this.#matched[word]!; bits !== 0; bits &= bits - 1) {
        const routes = this.#endpoints[32 * word + 31 - Math.clz32(bits & -bits)]!;
        for (const route of routes) {
          if (route.method !== method && route.method !== ANY_METHOD) allow.add(route.method);
          else return new RouteMatch(route, valuesOf(route.pattern, path));
        }
      }
    }
    return allow.size === 0 ? null : { kind: "method_not_allowed", allow: [...allow].sort() };
  }

  /** Leaves the endpoints that match in `#matched`. Work: the path, and a few words for each segment. */
  #intersect(path: string): void {
    const alive = this.#alive.fill(-1);
    const matched = this.#matched.fill(0);
    if (!path.startsWith("/")) return;
    let depth = 0;
    for (let from = 1; path.length > 1; ) {
      const position = this.#positions[depth];
      if (position === undefined) return;
      const slash = path.indexOf("/", from);
      const end = slash < 0 ? path.length : slash;
      if (end > from) unite(matched, alive, position.rests);
      if (!this.#step(position, path.slice(from, end))) return;
      depth++;
      if (slash < 0) break;
      from = slash + 1;
    }
    const ends = this.#ends[depth];
    if (ends !== undefined) unite(matched, alive, ends);
  }

  /** Keeps alive what has this text or a parameter here. Returns whether anything is left. */
  #step({ statics, parameters, mixed }: Position, text: string): boolean {
    const alive = this.#alive;
    const next = this.#next.fill(0);
    if (text !== "") unite(next, alive, parameters);
    const set = statics.get(text);
    if (Array.isArray(set))
      for (const endpoint of set) next[endpoint >>> 5]! |= alive[endpoint >>> 5]! & (1 << endpoint);
    else if (set !== undefined) unite(next, alive, set);
    mixed?.match(text, (endpoint) => {
      next[endpoint >>> 5]! |= alive[endpoint >>> 5]! & (1 << endpoint);
    });
    let any = 0;
    for (let word = 0; word < this.#words; word++) any |= alive[word] = next[word]!;
    return any !== 0;
  }

  #add(endpoint: number, segments: readonly RouteSegment[]): void {
    for (const [depth, segment] of segments.entries()) {
      this.#positions[depth] ??= {
        statics: new Map(),
        parameters: this.#emptySet(),
        rests: this.#emptySet(),
        mixed: null,
      };
      const position = this.#positions[depth];
      const { statics, parameters, rests } = position;
      switch (segment.kind) {
        case "rest":
          addTo(rests, endpoint);
          return;
        case "parameter":
          addTo(parameters, endpoint);
          break;
        case "mixed":
          position.mixed ??= new MixedPlaces();
          position.mixed.add(segment, endpoint);
          break;
        case "static": {
          const set = statics.get(segment.text);
          if (set === undefined) statics.set(segment.text, [endpoint]);
          else (set as number[]).push(endpoint);
        }
      }
    }
    this.#ends[segments.length] ??= this.#emptySet();
    addTo(this.#ends[segments.length]!, endpoint);
  }

  /** A short list costs less than a set, in memory and in time; a long one more. */
  #compact(list: number[]): Int32Array | number[] {
    if (list.length <= this.#words) return list;
    const set = this.#emptySet();
    for (const endpoint of list) addTo(set, endpoint);
    return set;
  }

  #emptySet(): Int32Array {
    return new Int32Array(this.#words);
  }
}

/** Routes of one pattern lie side by side in a router; explicit methods come before ANY. */
function endpointsOf<T>(routes: readonly Route<T>[]): Route<T>[][] {
  const endpoints: Route<T>[][] = [];
  let previous = "";
  for (const route of routes) {
    const key = normalizedKey({ text: route.pattern });
    if (key === previous) endpoints.at(-1)?.push(route);
    else endpoints.push([route]);
    previous = key;
  }
  return endpoints
    .map((it) => ({ it, segments: segmentsOf(it[0]?.pattern ?? "/") }))
    .sort((a, b) => comparePatterns(a.segments, b.segments))
    .map(({ it }) => it);
}

/** Decided from the left. */
function comparePatterns(one: readonly RouteSegment[], other: readonly RouteSegment[]): number {
  for (let k = 0; k < one.length && k < other.length; k++) {
    const order = compareSegments(one[k]!, other[k]!);
    if (order !== 0) return order;
  }
  return 0;
}

function segmentsOf(pattern: string): readonly RouteSegment[] {
  return new RoutePattern(pattern, 0).segments;
}

function valuesOf(pattern: string, path: string): readonly string[] {
  const parts = path.slice(1).split("/");
  const values: string[] = [];
  for (const [depth, segment] of segmentsOf(pattern).entries()) {
    if (segment.kind === "rest") values.push(parts.slice(depth).join("/"));
    else if (segment.kind === "parameter") values.push(parts[depth]!);
    else if (segment.kind === "mixed") values.push(...(mixedValues(segment, parts[depth]!) ?? []));
  }
  return values;
}

function addTo(set: Int32Array, endpoint: number): void {
  set[endpoint >>> 5]! |= 1 << endpoint;
}

/** `to` gets what both `one` and `other` have. */
function unite(to: Int32Array, one: Int32Array, other: Int32Array): void {
  for (let word = 0; word < to.length; word++) to[word]! |= one[word]! & other[word]!;
}
