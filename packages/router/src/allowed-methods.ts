/**
 * Cold: the way of a request that gets 405. Collects the methods of all patterns that match a path.
 * Enters each node at most once, as Router.find does; allocates its result.
 */
import { matchBehindPrefix, routePatternLimits } from "@latchkey/core";
import {
  CANDIDATE_LEAF,
  CANDIDATE_NEXT,
  CANDIDATE_SEGMENT_MASK,
  CANDIDATE_WORDS,
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
  REST_LEAF,
} from "./program.js";
import { childAt, labelMatches } from "./steps.js";

/** What is read of a router; see program.ts. */
export interface MatchTree {
  readonly code: Int32Array;
  readonly routes: readonly { readonly method: string }[];
  readonly segments: readonly (readonly string[])[];
  readonly rootAt: number;
}

/**
 * @param staticLeaf the leaf of the pattern that is the path itself, or 0
 * @returns in alphabetical order, each once
 */
export function allowedMethods(router: MatchTree, path: string, staticLeaf: number): readonly string[] {
  const methods = new Set<string>();
  addMethods(router, staticLeaf, methods);
  if (router.rootAt !== 0) collect(router, path, router.rootAt, 0, methods);
  return [...methods].sort();
}

function collect(router: MatchTree, path: string, node: number, from: number, to: Set<string>): void {
  const { code } = router;
  const header = code[node]!;
  const labelLength = header & LABEL_LENGTH_MASK;
  let word = node + 1 + (header >>> CHILD_WORDS_SHIFT);
  const at = from + labelLength;
  if (at > path.length || !labelMatches(code, word, labelLength, path, from)) return;
  word += (labelLength + 3) >>> 2;
  if ((header & HAS_LEAF) !== 0) {
    if (at === path.length) addMethods(router, code[word]!, to);
    word++;
  }
  if (at === path.length) return;
  if ((header & HAS_CANDIDATES) !== 0) word = collectCandidates(router, path, word, at, to);
  if ((header & HAS_ALTERNATIVES) !== 0) collectAlternatives(router, path, word, at, to);
  const child = childAt(code, node, header, path.charCodeAt(at));
  if (child !== 0) collect(router, path, child, at + 1, to);
}

/** What is captured does not matter here. */
const ignored = new Int32Array(2 * routePatternLimits.parametersMax);

/** Returns the address behind the candidates. */
function collectCandidates(
  router: MatchTree,
  path: string,
  first: number,
  at: number,
  to: Set<string>,
): number {
  const { code, segments } = router;
  const slash = path.indexOf("/", at);
  const end = slash < 0 ? path.length : slash;
  for (let candidate = first; ; candidate += CANDIDATE_WORDS) {
    const segment = code[candidate]!;
    const literals = segments[segment & CANDIDATE_SEGMENT_MASK]!;
    if (matchBehindPrefix(literals, path, at, end, ignored, 0)) {
      const next = code[candidate + CANDIDATE_NEXT]!;
      if (slash < 0) addMethods(router, code[candidate + CANDIDATE_LEAF]!, to);
      else if (next !== 0) collect(router, path, next, slash + 1, to);
    }
    if ((segment & LAST_CANDIDATE) !== 0) return candidate + CANDIDATE_WORDS;
  }
}

function collectAlternatives(
  router: MatchTree,
  path: string,
  alternatives: number,
  at: number,
  to: Set<string>,
): void {
  const { code } = router;
  const slash = path.indexOf("/", at);
  if (slash === at) return;
  addMethods(router, code[alternatives + REST_LEAF]!, to);
  if (slash < 0) {
    addMethods(router, code[alternatives + PARAMETER_LEAF]!, to);
    return;
  }
  const next = code[alternatives + PARAMETER_NEXT]!;
  if (next !== 0) collect(router, path, next, slash + 1, to);
}

function addMethods(router: MatchTree, leaf: number, to: Set<string>): void {
  const first = leaf & LEAF_ROUTE_MASK;
  const end = first + (leaf >>> (LEAF_COUNT_SHIFT + 1));
  for (let index = first; index < end; index++) to.add(router.routes[index]!.method);
}
