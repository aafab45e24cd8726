/**
 * Operation ids: those of an imported document stay as they are, because generated clients take their names from them.
 * Others are made in the normal form of Azure API Management: lower-case letters, digits and single dashes, at most 76
 * characters. Stored with the route, because a re-import there deletes every operation whose id it cannot find again.
 */
import { createHash } from "node:crypto";
import { anyMethods, type ConcreteMethod, type RouteMethod } from "./read-model.js";

/** Of a stored id; the ids that a route for any method is spelled out to are longer. */
export const OPERATION_ID_CHARS_MAX = 150;

/** Azure's limit is 80, of which it keeps four for its own `-1` … `-999`. */
const AZURE_CHARS_MAX = 76;

/** Room for `-options`, the longest suffix that an ANY route's operations get. */
const ANY_SUFFIX_CHARS = 8;

const DIGEST_CHARS = 8;

/** True for an id that is stored as it is: ASCII letters, digits and `._~:/-`. */
export function isOperationId(text: string): boolean {
  return text.length <= OPERATION_ID_CHARS_MAX && /^[A-Za-z0-9._~:/-]+$/.test(text);
}

/** The normal form of any id, words in camel case apart: `listPets` is `list-pets`. */
export function azureOperationId(id: string): string {
  return normalizeOperationId(id.replace(/([a-z0-9])([A-Z])/g, "$1-$2"));
}

/** Brings any text into the normal form; empty when nothing of it remains. */
export function normalizeOperationId(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")
    .slice(0, AZURE_CHARS_MAX)
    .replace(/(?<!-)-+$/, "");
}

/**
 * An id for a new route.
 *
 * @param path the route's pattern in canonical spelling
 * @param taken every id in use in the Api: the union of `operationIdsOf` over its routes
 */
export function makeOperationId(method: RouteMethod, path: string, taken: ReadonlySet<string>): string {
  const readable = decodeLossily(path);
  let base = normalizeOperationId(`${method} ${readable}`);
  // Letters outside ASCII leave nothing behind: a digest keeps /注文 and /顧客 apart, whatever else is taken.
  const kept = readable.normalize("NFKD").replace(/\p{Mark}/gu, "");
  const room = AZURE_CHARS_MAX - (method === "ANY" ? ANY_SUFFIX_CHARS : 0);
  if (/[^\p{ASCII}]/u.test(kept)) base = `${cut(base, room - DIGEST_CHARS - 1)}-${digest(path)}`;
  for (let n = 0; ; n++) {
    const suffix = n === 0 ? "" : `-${n}`;
    const candidate = cut(base, room - suffix.length) + suffix;
    if (operationIdsOf(method, candidate).every((id) => !taken.has(id))) return candidate;
  }
}

/** Every id that a route with this stored id occupies: itself, and for `ANY` one a method. */
export function operationIdsOf(method: RouteMethod, operationId: string): readonly string[] {
  if (method !== "ANY") return [operationId];
  return [operationId, ...anyMethods.map((m) => anyOperationId(operationId, m))];
}

/** The id of one of the operations that an ANY route is spelled out to. */
export function anyOperationId(operationId: string, method: ConcreteMethod): string {
  return `${operationId}-${method.toLowerCase()}`;
}

function cut(text: string, charsMax: number): string {
  return text.slice(0, charsMax).replace(/(?<!-)-+$/, "");
}

function digest(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex").slice(0, DIGEST_CHARS);
}

function decodeLossily(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
