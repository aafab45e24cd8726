/**
 * From a path template with its parameters to a route pattern. Understands the ways in which other tools
 * say "the rest of the path"; says so when a template is more than a pattern can express.
 */
import {
  err,
  ok,
  parseRoutePattern,
  type Result,
  type RoutePattern,
  routePatternLimits,
} from "@latchkey/core";

export interface TemplateParameter {
  /** Name in the template. */
  readonly name: string;
  /** Segments spelled out before the rest of the path, which this stands for; null for one segment. */
  readonly restSegments: number | null;
  /** Name in the route, when the document gives another one. */
  readonly routeName: string | null;
}

export interface ImportedPath {
  readonly pattern: RoutePattern;
  /** Name in the template → name in the route; without the segments that were only spelled out. */
  readonly names: ReadonlyMap<string, string>;
  /** Names that had to be changed. */
  readonly renamed: readonly string[];
  /** True when the pattern is not the template's text with a rest marked. */
  readonly respelled: boolean;
}

/** The name of a rest of the path that comes without one. */
const DEFAULT_REST_NAME = "rest";

export function importPath(
  template: string,
  describe: (name: string) => TemplateParameter | null,
  starName: string | null,
): Result<ImportedPath, string> {
  if (!template.startsWith("/")) return err("A path starts with a slash.");
  const segments = template.slice(1).split("/");
  const names = new Map<string, string>();
  const renamed: string[] = [];
  const taken = new Set<string>();
  const parts: string[] = [];
  const nameOf = (given: string, bare: string): string => {
    const routeName = describe(given)?.routeName ?? null;
    const wanted = routeName ?? legalName(bare);
    const name = uniqueName(wanted, taken);
    if (name !== (routeName === null ? bare : wanted)) renamed.push(given);
    names.set(given, name);
    return name;
  };
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    if (segment === "*" && isLast) {
      parts.push(`{${uniqueName(starName ?? DEFAULT_REST_NAME, taken)}*}`);
      continue;
    }
    const parsed = parseTemplateSegment(segment);
    if (parsed === null) {
      const part = mixedPart(segment, nameOf);
      if (!part.ok) return part;
      parts.push(part.value);
      continue;
    }
    const known = describe(parsed.name);
    const restSegments = isLast ? (known?.restSegments ?? (parsed.rest ? 0 : null)) : null;
    if (restSegments !== null && restSegments > 0) {
      // They were spelled out to keep two paths apart; the pattern has them in the rest.
      const spelled = parts.splice(Math.max(0, parts.length - restSegments));
      const spelledNames = spelled.map((part) => part.slice(1, -1));
      if (spelled.length < restSegments || spelled.some((part) => !/^\{[^{}]+\}$/.test(part))) {
        return err("x-latchkey-rest-segments of the last parameter does not fit the path.");
      }
      for (const [key, value] of names) if (spelledNames.includes(value)) names.delete(key);
      for (const spelledName of spelledNames) taken.delete(spelledName.toLowerCase());
    }
    const name = nameOf(parsed.name, parsed.bare);
    parts.push(restSegments === null ? `{${name}}` : `{${name}*}`);
  }
  const text = `/${parts.join("/")}`;
  const pattern = parseRoutePattern(text);
  if (!pattern.ok) return err(pattern.error.message);
  return ok({ pattern: pattern.value, names, renamed, respelled: pattern.value.text !== text });
}

interface TemplateSegment {
  /** As in the document's parameter. */
  readonly name: string;
  /** Without the marks of a rest. */
  readonly bare: string;
  readonly rest: boolean;
}

/** `{name}`, or a rest in the spelling of other tools: `{name*}`, `{name+}`, `{+name}`, `{*name}`, `{**name}`. */
function parseTemplateSegment(segment: string): TemplateSegment | null {
  const match = /^\{([^{}]+)\}$/.exec(segment);
  const name = match?.[1];
  if (name === undefined) return null;
  const bare = name.replace(/^(?:\+|\*{1,2})|[+*]$/g, "");
  // Some tools leave a regular expression in the template: `{id:[0-9]+}` is one segment, `{path:.*}` the rest.
  const isRest = bare !== name && (!name.includes(":") || /:\.[*+]$/.test(name));
  return { name, bare, rest: isRest };
}

/** RFC 6570 §2.2: an operator in front of a name, which makes it more or something else than text of the segment. */
const OPERATOR = /^[+#./;?&=,!@|*]/;

/** A segment without parameters, or with text around them: `{id}.json`. */
function mixedPart(
  segment: string,
  nameOf: (template: string, bare: string) => string,
): Result<string, string> {
  let isUsable = true;
  const part = segment.replace(/\{([^{}]+)\}/g, (_, name: string) => {
    if (OPERATOR.test(name) || /[*+]$/.test(name)) isUsable = false;
    return `{${nameOf(name, name)}}`;
  });
  return isUsable
    ? ok(part)
    : err("A parameter with other text in its segment takes text of that segment only; this one takes more.");
}

function legalName(name: string): string {
  const legal = name
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .replace(/[^A-Za-z0-9_-]+/g, "_")
    .replace(/^[^A-Za-z]+/, "")
    .slice(0, routePatternLimits.parameterNameCharsMax);
  return legal === "" ? "parameter" : legal;
}

function uniqueName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let n = 2; taken.has(name.toLowerCase()); n++) {
    name = `${wanted.slice(0, routePatternLimits.parameterNameCharsMax - 4)}-${n}`;
  }
  taken.add(name.toLowerCase());
  return name;
}
