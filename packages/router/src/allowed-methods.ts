/**
 * Cold: the way of a request that gets 405. Collects the methods of all patterns that match a path.
 * Enters each node at most once, as Router.find does; allocates its answer.
 */
import {
  CHILD_WORDS_SHIFT,
  HAS_ALTERNATIVES,
  HAS_LEAF,
  LABEL_LENGTH_MASK,
  LEAF_COUNT_SHIFT,
  LEAF_ROUTE_MASK,
  PARAMETER_LEAF,
  PARAMETER_NEXT,
  REST_LEAF,
} from "./program.js";
import type { Router } from "./router.js";
import { childAt, labelMatches } from "./steps.js";

/**
 * @param staticLeaf the leaf of the pattern that is the path itself, or 0
 * @returns in alphabetical order, each once
 */
export function allowedMethods(router: Router<unknown>, path: string, staticLeaf: number): readonly string[] {
  const methods = new Set<string>();
  addMethods(router, staticLeaf, methods);
  if (router.rootAt !== 0) collect(router, path, router.rootAt, 0, methods);
  return [...methods].sort();
}

function collect(router: Router<unknown>, path: string, node: number, from: number, to: Set<string>): void {
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
  if ((header & HAS_ALTERNATIVES) !== 0) collectAlternatives(router, path, word, at, to);
  const child = childAt(code, node, header, path.charCodeAt(at));
  if (child !== 0) collect(router, path, child, at + 1, to);
}

function collectAlternatives(
  router: Router<unknown>,
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

function addMethods(router: Router<unknown>, leaf: number, to: Set<string>): void {
  const first = leaf & LEAF_ROUTE_MASK;
  const end = first + (leaf >>> (LEAF_COUNT_SHIFT + 1));
  for (let index = first; index < end; index++) to.add(router.routes[index]!.method);
}
