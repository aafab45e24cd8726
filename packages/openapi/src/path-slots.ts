/**
 * Gives every route its place in a document: one path and method an operation. OpenAPI takes two paths
 * that differ only in parameter names for the same (§4.8.8), knows neither `ANY` nor a rest parameter, and
 * a router's order of preference has to be said in paths; this is where that is worked out.
 */
import { normalizedKey, parseRoutePattern, type RoutePattern, type RouteSegment } from "@latchkey/core";
import type { Warn } from "./lint-warning.js";
import {
  anyOperationId,
  azureOperationId,
  isOperationId,
  normalizeOperationId,
  OPERATION_ID_CHARS_MAX,
  operationIdsOf,
} from "./operation-id.js";
import { anyMethods, type ConcreteMethod, type RouteModel } from "./read-model.js";

export interface Slot {
  readonly method: ConcreteMethod;
  readonly route: RouteModel;
  readonly pattern: RoutePattern;
  readonly operationId: string;
  /** In the order of the path. */
  readonly parameters: readonly SlotParameter[];
}

export interface SlotParameter {
  /** Name in the document. */
  readonly name: string;
  /** Name in the route's pattern; null for a segment that was only spelled out. */
  readonly routeName: string | null;
  /** For a rest parameter the number of segments spelled out before it, else null. */
  readonly restSegments: number | null;
}

export interface PathSlots {
  /** Key of the paths object. */
  readonly path: string;
  /** In the order of `anyMethods`. */
  readonly slots: readonly Slot[];
}

export interface SlotOptions {
  /** Write a rest parameter as `*`, which Azure API Management reads as "anything", and ids as it writes them. */
  readonly starForRest: boolean;
}

interface Draft {
  readonly method: ConcreteMethod;
  readonly route: RouteModel;
  readonly pattern: RoutePattern;
  /** Segments spelled out before the rest. */
  readonly extra: number;
}

const METHOD_RANK = new Map(anyMethods.map((method, index) => [method, index]));

/** All operations, paths in code-unit order, methods in the order of `anyMethods`. */
export function assignSlots(
  routes: readonly RouteModel[],
  options: SlotOptions,
  warn: Warn,
): readonly PathSlots[] {
  const parsed: { readonly route: RouteModel; readonly pattern: RoutePattern }[] = [];
  for (const route of routes) {
    const pattern = parseRoutePattern(route.path);
    if (pattern.ok) parsed.push({ route, pattern: pattern.value });
    else warn("route.path_invalid", `A route was left out: ${pattern.error.message}`);
  }
  const isRest = (pattern: RoutePattern): boolean => pattern.segments.at(-1)?.kind === "rest";
  const shapes = new Map<string, Map<ConcreteMethod, Draft>>();
  const covered = new Set<string>();
  // The router's preference: a method by name before ANY, one segment before the rest of the path.
  for (const [rest, any] of [
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ] as const) {
    for (const { route, pattern } of parsed) {
      if (isRest(pattern) !== rest || (route.method === "ANY") !== any) continue;
      for (const method of route.method === "ANY" ? (route.methods ?? anyMethods) : [route.method]) {
        const key = `${method} ${normalizedKey(pattern)}`;
        if (covered.has(key)) {
          if (!any)
            warn("route.duplicate", `${method} ${pattern.text} is there twice; the first one is shown.`);
          continue;
        }
        covered.add(key);
        place(shapes, { method, route, pattern, extra: 0 }, options);
      }
    }
  }
  const ordered = [...shapes].sort(([a], [b]) => (a < b ? -1 : 1));
  const paths = ordered.map(([, byMethod]) => nameParameters([...byMethod.values()], options));
  return withUniqueIds(paths, options, warn);
}

function place(shapes: Map<string, Map<ConcreteMethod, Draft>>, draft: Draft, options: SlotOptions): void {
  for (let extra = 0; ; extra++) {
    const shape = shapeOf(draft.pattern, extra, options);
    let byMethod = shapes.get(shape);
    if (byMethod === undefined) {
      byMethod = new Map();
      shapes.set(shape, byMethod);
    }
    if (!byMethod.has(draft.method)) {
      byMethod.set(draft.method, { ...draft, extra });
      return;
    }
  }
}

function shapeOf(pattern: RoutePattern, extra: number, options: SlotOptions): string {
  return `/${pattern.segments
    .map((segment) => {
      if (segment.kind === "static") return segment.text;
      if (segment.kind === "parameter") return "{}";
      if (segment.kind === "mixed") return segment.literals.join("{}");
      return options.starForRest ? "*" : `${"{}/".repeat(extra)}{}`;
    })
    .join("/")}`;
}

/** The names of a path are those of its first operation. */
function nameParameters(drafts: readonly Draft[], options: SlotOptions): PathSlots {
  const sorted = [...drafts].sort(
    (a, b) => (METHOD_RANK.get(a.method) ?? 0) - (METHOD_RANK.get(b.method) ?? 0),
  );
  const lists = sorted.map((draft) => routeParameters(draft, options));
  const names = documentNames(lists[0] ?? []);
  const slots = sorted.map(
    (draft, index): Slot => ({
      method: draft.method,
      route: draft.route,
      pattern: draft.pattern,
      operationId: draft.route.operationId,
      parameters: (lists[index] ?? []).map((parameter, at) => ({ ...parameter, name: names[at] as string })),
    }),
  );
  const first = sorted[0] as Draft;
  let at = 0;
  const segments = first.pattern.segments.map((segment: RouteSegment): string => {
    if (segment.kind === "static") return segment.text;
    if (segment.kind === "parameter") return `{${names[at++]}}`;
    if (segment.kind === "mixed")
      return segment.literals.map((text, k) => (k === 0 ? text : `{${names[at++]}}${text}`)).join("");
    if (options.starForRest) return "*";
    return names
      .slice(at)
      .map((name) => `{${name}}`)
      .join("/");
  });
  return { path: `/${segments.join("/")}`, slots };
}

type UnnamedParameter = Omit<SlotParameter, "name">;

function routeParameters(draft: Draft, options: SlotOptions): readonly UnnamedParameter[] {
  const list: UnnamedParameter[] = [];
  for (const segment of draft.pattern.segments) {
    if (segment.kind === "static") continue;
    if (segment.kind === "parameter") {
      list.push({ routeName: segment.name, restSegments: null });
    } else if (segment.kind === "mixed") {
      for (const routeName of segment.names) list.push({ routeName, restSegments: null });
    } else if (!options.starForRest) {
      for (let n = 0; n < draft.extra; n++) list.push({ routeName: null, restSegments: null });
      list.push({ routeName: segment.name, restSegments: draft.extra });
    }
  }
  return list;
}

/** Unique without regard to case, which is how both core and Azure compare them. */
function documentNames(parameters: readonly UnnamedParameter[]): readonly string[] {
  const taken = new Set(parameters.map((parameter) => parameter.routeName?.toLowerCase()));
  let number = 0;
  return parameters.map(({ routeName }) => {
    if (routeName !== null) return routeName;
    let name: string;
    do name = `segment${++number}`;
    while (taken.has(name));
    return name;
  });
}

/** Stored ids are unique already; whatever they are, the document's are. For Azure they are brought into its normal form. */
function withUniqueIds(paths: readonly PathSlots[], options: SlotOptions, warn: Warn): readonly PathSlots[] {
  const taken = new Set<string>();
  const chosen = new Map<RouteModel, string>();
  for (const { path, slots } of paths) {
    for (const { route, method } of slots) {
      if (chosen.has(route)) continue;
      const isStored = isOperationId(route.operationId);
      const stored =
        !options.starForRest && isStored ? route.operationId : azureOperationId(route.operationId);
      const wanted = stored || normalizeOperationId(`${method} ${path}`) || "op";
      const room = options.starForRest ? 68 : OPERATION_ID_CHARS_MAX;
      let id = route.method === "ANY" ? cut(wanted, room) : wanted;
      for (let n = 1; operationIdsOf(route.method, id).some((one) => taken.has(one)); n++)
        id = `${cut(wanted, 60)}-${n}`;
      if (options.starForRest ? !isStored : id !== route.operationId) {
        warn(
          "operation_id.changed",
          `The operation id of ${route.method} ${path} is not usable; ${id} is shown.`,
        );
      }
      for (const one of operationIdsOf(route.method, id)) taken.add(one);
      chosen.set(route, id);
    }
  }
  return paths.map(({ path, slots }) => ({
    path,
    slots: slots.map((slot) => {
      const id = chosen.get(slot.route) as string;
      return { ...slot, operationId: slot.route.method === "ANY" ? anyOperationId(id, slot.method) : id };
    }),
  }));
}

function cut(id: string, charsMax: number): string {
  return id.slice(0, charsMax).replace(/(?<!-)-+$/, "");
}
