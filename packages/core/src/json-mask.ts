/**
 * Paths into JSON whose values are masked: a subset of JSONPath (RFC 9535) of names, `[*]`, `.*` and descendants, as in
 * `$.customer.email`, `$.orders[*].card` and `$..password`. No filters, indexes or slices: what they leave out would show.
 */
import { err, ok, type Result } from "./result.js";

export const MASK_PATHS_MAX = 50;
const PATH_CHARS_MAX = 200;
/** Rests of paths within one member. A path of many steps behind `..` has one for each at every depth of a client's body. */
const PATHS_WITHIN_MAX = 2 * MASK_PATHS_MAX;

/** What stands in place of a masked value. */
export const MASKED = "•••";

/** A step of a path, and so the rest of the path from it on. */
export interface MaskPath {
  /** Null: every member and element. */
  readonly name: string | null;
  /** At any depth. */
  readonly isDescendant: boolean;
  /** Null: what this step leads to is masked. */
  readonly next: MaskPath | null;
}

const STEP = /(\.\.|\.)([\p{L}\p{N}_$-]+|\*)|(\.\.)?\[(?:(\*)|'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\]/uy;

export function parseMaskPath(text: string): Result<MaskPath, string> {
  if (text.length > PATH_CHARS_MAX) return err(`a path has at most ${PATH_CHARS_MAX} characters`);
  if (!text.startsWith("$")) return err("a path begins with $, as in $.customer.email");
  const steps: Omit<MaskPath, "next">[] = [];
  STEP.lastIndex = 1;
  while (STEP.lastIndex < text.length) {
    const at = STEP.lastIndex;
    const found = STEP.exec(text);
    if (found === null)
      return err(`column ${at + 1}: expected .name, ['name'], [*] or ..name, as in $.orders[*].card`);
    const [, dots, plain, deep, star, single, double] = found;
    const name = plain ?? (star === undefined ? (single ?? double ?? "").replace(/\\(.)/g, "$1") : "*");
    const isAll = plain === "*" || star === "*";
    steps.push({ name: isAll ? null : name, isDescendant: dots === ".." || deep === ".." });
  }
  // Several would take time that grows with the depth of a client's body to their power.
  if (steps.filter(({ isDescendant }) => isDescendant).length > 1) return err("a path has .. at most once");
  const first = steps.reduceRight<MaskPath | null>((next, step) => ({ ...step, next }), null);
  return first === null ? err("a path names what is masked, as in $.customer.email") : ok(first);
}

/**
 * The value with everything that a path leads to masked. Changes `value`. Reads each member once, whatever the paths are; a
 * member that more rests of paths lead into than `PATHS_WITHIN_MAX` is masked as a whole.
 * @param onMasked gets each member before it is masked
 */
export function maskJson(
  value: unknown,
  paths: readonly MaskPath[],
  onMasked: (member: unknown) => void = () => undefined,
): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (!Array.isArray(value)) {
    for (const name of Object.keys(value)) maskMember(value, name, stepsTo(paths, name), onMasked);
    return value;
  }
  const steps = stepsTo(paths, null);
  if (steps.isMasked || steps.within.length > 0)
    for (const index of value.keys()) maskMember(value, String(index), steps, onMasked);
  return value;
}

interface Steps {
  /** A path leads to the member. */
  readonly isMasked: boolean;
  /** What is left of the paths within it. */
  readonly within: readonly MaskPath[];
}

function maskMember(
  container: object,
  key: string,
  { isMasked, within }: Steps,
  onMasked: (member: unknown) => void,
): void {
  const member = (container as Record<string, unknown>)[key];
  if (isMasked || (typeof member === "object" && within.length > PATHS_WITHIN_MAX)) {
    onMasked(member);
    hide(container, key);
  } else if (within.length > 0) maskJson(member, within, onMasked);
}

/** @param name of a member; null: an element */
function stepsTo(paths: readonly MaskPath[], name: string | null): Steps {
  return {
    isMasked: paths.some((path) => path.next === null && leadsTo(path, name)),
    within: pathsWithin(paths, name),
  };
}

/** @param name of a member; null: an element */
function leadsTo(path: MaskPath, name: string | null): boolean {
  return path.name === null || path.name === name;
}

/** What is left of the paths within a member or an element. No two are the same: a path has `..` at most once. */
function pathsWithin(paths: readonly MaskPath[], name: string | null): readonly MaskPath[] {
  const within: MaskPath[] = [];
  for (const path of paths) {
    if (path.next !== null && leadsTo(path, name)) within.push(path.next);
    if (path.isDescendant) within.push(path);
  }
  return within;
}

/** Own properties only: `__proto__` of JSON is one. */
function hide(container: object, key: string): void {
  Object.defineProperty(container, key, {
    value: MASKED,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}
