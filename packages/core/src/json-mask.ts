/**
 * Paths into JSON whose values are masked: a subset of JSONPath (RFC 9535) of names, `[*]`, `.*` and descendants, as in
 * `$.customer.email`, `$.orders[*].card` and `$..password`. No filters, indexes or slices: what they leave out would show.
 */
import { err, ok, type Result } from "./result.js";

export const MASK_PATHS_MAX = 50;
const PATH_CHARS_MAX = 200;

/** What stands in place of a masked value. */
export const MASKED = "•••";

interface Step {
  /** Null: every member and element. */
  readonly name: string | null;
  /** At any depth. */
  readonly isDescendant: boolean;
}

export type MaskPath = readonly Step[];

const STEP = /(\.\.|\.)([\p{L}\p{N}_$-]+|\*)|(\.\.)?\[(?:(\*)|'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\]/uy;

export function parseMaskPath(text: string): Result<MaskPath, string> {
  if (text.length > PATH_CHARS_MAX) return err(`a path has at most ${PATH_CHARS_MAX} characters`);
  if (!text.startsWith("$")) return err("a path begins with $, as in $.customer.email");
  const steps: Step[] = [];
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
  return steps.length === 0 ? err("a path names what is masked, as in $.customer.email") : ok(steps);
}

/** The value with everything that a path leads to masked. Changes `value`. */
export function maskJson(value: unknown, paths: readonly MaskPath[]): unknown {
  let masked = value;
  for (const path of paths) masked = mask(masked, path, 0);
  return masked;
}

function mask(value: unknown, path: MaskPath, at: number): unknown {
  const step = path[at];
  if (step === undefined) return MASKED;
  if (typeof value !== "object" || value === null) return value;
  const container = value as Record<string, unknown>;
  for (const key of Object.keys(container)) {
    const isNamed = step.name === null || (step.name === key && !Array.isArray(value));
    let member = container[key];
    if (isNamed) member = mask(member, path, at + 1);
    if (step.isDescendant) member = mask(member, path, at);
    // Own properties only: `__proto__` of JSON is one.
    Object.defineProperty(container, key, {
      value: member,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return value;
}
