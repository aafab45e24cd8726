/**
 * Matches a method and a normalised path to a route of one Api. Never throws; allocates nothing
 * when no pattern matches, and for a match only what holds the parameters. Linear in the path: a node of
 * the tree is entered at most once, since its place in the path follows from its place in the tree, and
 * going back is limited (BACKTRACKS_MAX); linear-time.test.ts counts the steps. Deviations from plain code are for what bench/router measures.
 */
import { matchBehindPrefix, routePatternLimits } from "@latchkey/core";
import { allowedMethods } from "./allowed-methods.js";
import * as program from "./program.js";
import { type FindResult, type MethodMismatch, type Route, RouteMatch } from "./route.js";
import { SegmentIndex } from "./segment-index.js";
import * as steps from "./steps.js";

// Local copies, because imported bindings are slow: see steps.ts.
const {
  CANDIDATE_LEAF,
  CANDIDATE_NEXT,
  CANDIDATE_SEGMENT_MASK,
  CANDIDATE_WORDS,
  CANDIDATES_MARK,
  CANDIDATES_SHIFT,
  CHILD_WORDS_SHIFT,
  HAS_ALTERNATIVES,
  HAS_CANDIDATES,
  HAS_LEAF,
  LABEL_LENGTH_MASK,
  LAST_CANDIDATE,
  LEAF_COUNT_SHIFT,
  LEAF_ROUTE_MASK,
  PARAMETER_LEAF,
  PARAMETER_NEXT,
  PROBES_MAX,
  REST_LEAF,
  SLOT_LEAF,
  SLOT_WORDS,
} = program;
const { childAt, hashSlot, hashStep, labelMatches } = steps;
const Match = RouteMatch;
const matchMixed = matchBehindPrefix;
const SLASH = 0x2f;

/**
 * Alternatives that one path may make the tree go back to. What people write needs one or two; where patterns
 * are made so that a path opens hundreds, sets of endpoints are cheaper (segment-index.ts).
 */
const BACKTRACKS_MAX = 24;
/** Candidates that one path may make the tree try; many of them fail at their last character. */
const CANDIDATES_TRIED_MAX = 64;

// Scratch of one call of find(), which is synchronous and calls nothing that could call it again: never
// read across calls. A way through the tree has at most as many nodes as a pattern has characters, and each of them
// leaves one alternative open.
const bounds = new Int32Array(2 * routePatternLimits.parametersMax);
const OPEN_WORDS = 3;
const open = new Int32Array(OPEN_WORDS * (routePatternLimits.charsMax + 1));

/** Immutable: a change of routes is another router. Made by `buildRouter`. */
export class Router<T> {
  /** Internal, as the other fields: see program.ts. */
  readonly code: Int32Array;
  readonly routes: readonly Route<T>[];
  /** The literals of mixed segments, without the first one: a candidate is tried behind it. */
  readonly segments: readonly (readonly string[])[];
  readonly sampleCount: number;
  /** log2 of the number of static slots, which lie behind the samples. */
  readonly slotBits: number;
  /** Address of the tree's root; 0 if there is no tree. */
  readonly rootAt: number;
  /** Made when a path first needs it. */
  private index: SegmentIndex<T> | null;

  constructor(
    code: Int32Array,
    routes: readonly Route<T>[],
    segments: readonly (readonly string[])[],
    sampleCount: number,
    slotBits: number,
    rootAt: number,
  ) {
    this.code = code;
    this.routes = routes;
    this.segments = segments;
    this.sampleCount = sampleCount;
    this.slotBits = slotBits;
    this.rootAt = rootAt;
    this.index = null;
  }

  /**
   * HOT. The route for a request.
   *
   * @param method as on the wire; methods are case-sensitive (RFC 9110, section 9.1)
   * @param path as `normalizePath` of core returns it, without query
   */
  find(method: string, path: string): FindResult<T> {
    // A pattern without parameters beats every other, so the table of those is looked at first.
    const code = this.code;
    const sampleCount = this.sampleCount;
    const length = path.length;
    let hash = length;
    for (let k = 0; k < sampleCount; k++) {
      const position = code[k]!;
      hash = hashStep(hash, position < length ? path.charCodeAt(position) : 0);
    }
    const slotBits = this.slotBits;
    let slot = hashSlot(hash, slotBits);
    for (let probe = 0; probe < PROBES_MAX; probe++) {
      const word = sampleCount + SLOT_WORDS * slot;
      const leaf = code[word + SLOT_LEAF]!;
      if (leaf === 0) break;
      if (code[word] === hash && this.routes[leaf & LEAF_ROUTE_MASK]!.pattern === path) {
        const route = this.#pick(leaf, method);
        return route === null ? this.#descend(method, path, leaf) : route.plainMatch;
      }
      slot = (slot + 1) & ((1 << slotBits) - 1);
    }
    return this.#descend(method, path, 0);
  }

  /**
   * What the tree has for a request.
   *
   * @param staticLeaf the leaf of the pattern that is the path itself but lacks the method, or 0
   */
  #descend(method: string, path: string, staticLeaf: number): FindResult<T> {
    const code = this.code;
    const end = path.length;
    let found: Route<T> | null = null;
    let hasMismatch = staticLeaf !== 0;
    let parameters = 0;
    let openTop = 0;
    let backtracks = 0;
    let tried = 0;
    let i = 0;
    let at = this.rootAt | 0;
    descent: while (at !== 0) {
      const header = code[at]!;
      const labelLength = header & LABEL_LENGTH_MASK;
      let word = at + 1 + (header >>> CHILD_WORDS_SHIFT);
      let alternatives = 0;
      if (i + labelLength <= end && labelMatches(code, word, labelLength, path, i)) {
        i += labelLength;
        word += (labelLength + 3) >>> 2;
        if (i === end) {
          if ((header & HAS_LEAF) !== 0) {
            found = this.#pick(code[word]!, method);
            if (found !== null) break;
            hasMismatch = true;
          }
        } else {
          if ((header & HAS_ALTERNATIVES) !== 0) {
            alternatives = (header & HAS_LEAF) === 0 ? word : word + 1;
            alternatives |= (header & HAS_CANDIDATES) << CANDIDATES_SHIFT;
          }
          at = childAt(code, at, header, path.charCodeAt(i));
          if (at !== 0) {
            if (alternatives !== 0) {
              open[openTop] = alternatives;
              open[openTop + 1] = i;
              open[openTop + 2] = parameters;
              openTop += OPEN_WORDS;
            }
            i++;
            continue;
          }
        }
      }

      // No static way on: the alternatives of this node, then of the last one left open.
      for (;;) {
        if (alternatives >= CANDIDATES_MARK) {
          const slash = path.indexOf("/", i);
          const to = slash < 0 ? end : slash;
          do {
            if (++tried > CANDIDATES_TRIED_MAX) return this.#fromIndex(method, path);
            const candidate = alternatives - CANDIDATES_MARK;
            const segment = code[candidate]!;
            alternatives = candidate + CANDIDATE_WORDS;
            if ((segment & LAST_CANDIDATE) === 0) alternatives += CANDIDATES_MARK;
            const literals = this.segments[segment & CANDIDATE_SEGMENT_MASK]!;
            if (!matchMixed(literals, path, i, to, bounds, parameters)) continue;
            if (slash < 0) {
              const leaf = code[candidate + CANDIDATE_LEAF]!;
              if (leaf === 0) continue;
              found = this.#pick(leaf, method);
              if (found !== null) {
                parameters += literals.length - 1;
                break descent;
              }
              hasMismatch = true;
            } else {
              at = code[candidate + CANDIDATE_NEXT]!;
              if (at === 0) continue;
              open[openTop] = alternatives;
              open[openTop + 1] = i;
              open[openTop + 2] = parameters;
              openTop += OPEN_WORDS;
              parameters += literals.length - 1;
              i = slash + 1;
              continue descent;
            }
          } while (alternatives >= CANDIDATES_MARK);
        }
        if (alternatives > 0) {
          const slash = path.indexOf("/", i);
          if (slash < 0) {
            const leaf = code[alternatives + PARAMETER_LEAF]!;
            if (leaf !== 0) {
              found = this.#pick(leaf, method);
              if (found !== null) {
                bounds[2 * parameters] = i;
                bounds[2 * parameters + 1] = end;
                parameters++;
                break descent;
              }
              hasMismatch = true;
            }
          } else if (slash > i) {
            at = code[alternatives + PARAMETER_NEXT]!;
            if (at !== 0) {
              if (code[alternatives + REST_LEAF] !== 0) {
                open[openTop] = -alternatives;
                open[openTop + 1] = i;
                open[openTop + 2] = parameters;
                openTop += OPEN_WORDS;
              }
              bounds[2 * parameters] = i;
              bounds[2 * parameters + 1] = slash;
              parameters++;
              i = slash + 1;
              continue descent;
            }
          }
          alternatives = -alternatives;
        }
        // Below zero: the parameter has been tried.
        if (alternatives !== 0) {
          const leaf = code[REST_LEAF - alternatives]!;
          if (leaf !== 0 && path.charCodeAt(i) !== SLASH) {
            found = this.#pick(leaf, method);
            if (found !== null) {
              bounds[2 * parameters] = i;
              bounds[2 * parameters + 1] = end;
              parameters++;
              break descent;
            }
            hasMismatch = true;
          }
        }
        if (openTop === 0) break descent;
        if (++backtracks > BACKTRACKS_MAX) return this.#fromIndex(method, path);
        openTop -= OPEN_WORDS;
        alternatives = open[openTop]!;
        i = open[openTop + 1]!;
        parameters = open[openTop + 2]!;
      }
    }
    if (found === null) return hasMismatch ? mismatch(this, path, staticLeaf) : null;
    if (parameters === 1) return new Match(found, [path.slice(bounds[0], bounds[1])]);
    return parameters === 0 ? found.plainMatch : withParameters(found, path, parameters);
  }

  #fromIndex(method: string, path: string): FindResult<T> {
    this.index ??= new SegmentIndex(this.routes);
    return this.index.find(method, path);
  }

  /** The route of a leaf for a method: its own, else ANY's, else null. */
  #pick(leaf: number, method: string): Route<T> | null {
    const routes = this.routes;
    const count = leaf >>> LEAF_COUNT_SHIFT;
    let index = leaf & LEAF_ROUTE_MASK;
    const anyAt = index + (count >>> 1);
    for (; index < anyAt; index++) {
      const route = routes[index]!;
      if (route.method === method) return route;
    }
    return (count & 1) === 0 ? null : routes[anyAt]!;
  }
}

/** For two parameters or more. */
function withParameters<T>(route: Route<T>, path: string, parameters: number): RouteMatch<T> {
  const first = path.slice(bounds[0], bounds[1]);
  const second = path.slice(bounds[2], bounds[3]);
  if (parameters === 2) return new Match(route, [first, second]);
  const values = [first, second, path.slice(bounds[4], bounds[5])];
  for (let k = 3; k < parameters; k++) values.push(path.slice(bounds[2 * k], bounds[2 * k + 1]));
  return new Match(route, values);
}

function mismatch(router: Router<unknown>, path: string, staticLeaf: number): MethodMismatch {
  return { kind: "method_not_allowed", allow: allowedMethods(router, path, staticLeaf) };
}
