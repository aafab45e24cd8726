/**
 * Cold. The routes of a router as a tree of segments, in the order in which they are tried: for people, on
 * the admin endpoint and in tests. Shows patterns and methods, never values.
 */
import { compareSegments, normalizedKey, RoutePattern, type RouteSegment } from "@latchkey/core";
import type { Router } from "./router.js";

interface Place {
  /** As the first route has it that goes through here: names of parameters make no difference. */
  readonly text: string;
  readonly segment: RouteSegment | null;
  readonly methods: string[];
  readonly children: Map<string, Place>;
}

/**
 * One line a segment, with the methods of the pattern that ends there:
 *
 *     /
 *     ├─ orders  GET, POST
 *     │  ├─ {id}.json  GET
 *     │  └─ {id}  DELETE, GET
 *     └─ {path*}  ANY
 */
export function formatTree(router: Router<unknown>): string {
  const root: Place = { text: "/", segment: null, methods: [], children: new Map() };
  for (const { method, pattern } of router.routes) {
    let place = root;
    const texts = pattern.slice(1).split("/");
    for (const [k, segment] of new RoutePattern(pattern, 0).segments.entries())
      place = childOf(place, texts[k] as string, segment);
    place.methods.push(method);
  }
  const lines: string[] = [];
  addLines(root, "", "", lines);
  return lines.join("\n");
}

function childOf(place: Place, text: string, segment: RouteSegment): Place {
  const key = normalizedKey({ text });
  const known = place.children.get(key);
  if (known !== undefined) return known;
  const child: Place = { text, segment, methods: [], children: new Map() };
  place.children.set(key, child);
  return child;
}

function addLines(place: Place, lead: string, indent: string, lines: string[]): void {
  const methods = place.methods.length === 0 ? "" : `  ${place.methods.toSorted().join(", ")}`;
  lines.push(`${lead}${place.text}${methods}`);
  const children = [...place.children.values()].sort(inOrder);
  for (const [k, child] of children.entries()) {
    const isLast = k === children.length - 1;
    addLines(child, `${indent}${isLast ? "└─ " : "├─ "}`, `${indent}${isLast ? "   " : "│  "}`, lines);
  }
}

function inOrder(one: Place, other: Place): number {
  const order =
    one.segment === null || other.segment === null ? 0 : compareSegments(one.segment, other.segment);
  return order !== 0 ? order : one.text < other.text ? -1 : 1;
}
