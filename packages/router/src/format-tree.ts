/**
 * Cold. The routes of a router as a tree of segments, in the order in which they are tried: for people, on
 * the admin endpoint and in tests. Shows patterns and methods, never values.
 */
import type { Router } from "./router.js";

interface Place {
  /** As the first route has it that goes through here: names of parameters make no difference. */
  readonly text: string;
  readonly methods: string[];
  readonly children: Map<string, Place>;
}

/**
 * One line a segment, with the methods of the pattern that ends there:
 *
 *     /
 *     ├─ orders  GET, POST
 *     │  └─ {id}  DELETE, GET
 *     └─ {path*}  ANY
 */
export function formatTree(router: Router<unknown>): string {
  const root: Place = { text: "/", methods: [], children: new Map() };
  for (const { method, pattern } of router.routes) {
    let place = root;
    for (const text of pattern === "/" ? [] : pattern.slice(1).split("/")) place = childOf(place, text);
    place.methods.push(method);
  }
  const lines: string[] = [];
  addLines(root, "", "", lines);
  return lines.join("\n");
}

function childOf(place: Place, text: string): Place {
  const key = `${rank(text)}${text.startsWith("{") ? "" : text}`;
  const known = place.children.get(key);
  if (known !== undefined) return known;
  const child: Place = { text, methods: [], children: new Map() };
  place.children.set(key, child);
  return child;
}

/** Static before parameter before rest. */
function rank(text: string): 0 | 1 | 2 {
  if (!text.startsWith("{")) return 0;
  return text.endsWith("*}") ? 2 : 1;
}

function addLines(place: Place, lead: string, indent: string, lines: string[]): void {
  const methods = place.methods.length === 0 ? "" : `  ${place.methods.toSorted().join(", ")}`;
  lines.push(`${lead}${place.text}${methods}`);
  const children = [...place.children].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [k, [, child]] of children.entries()) {
    const isLast = k === children.length - 1;
    addLines(child, `${indent}${isLast ? "└─ " : "├─ "}`, `${indent}${isLast ? "   " : "│  "}`, lines);
  }
}
