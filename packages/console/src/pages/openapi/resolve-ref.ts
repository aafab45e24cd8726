/** Follows local `$ref`s. A reference that leads out of the document is never fetched: it stays as it is. */
import { pointerName } from "../operation/json.js";
import type { Reference } from "./openapi-types.js";

const HOPS_MAX = 20;

export function resolveRef<T extends Reference>(document: unknown, value: T): T {
  let current = value;
  for (let hop = 0; hop < HOPS_MAX && current.$ref !== undefined; hop++) {
    const found = lookUp(document, current.$ref);
    if (found === undefined) return current;
    current = found as T;
  }
  return current;
}

/** `#/components/schemas/Order` → `Order` */
export function refName(ref: string): string {
  return pointerName(ref.slice(ref.lastIndexOf("/") + 1));
}

function lookUp(document: unknown, ref: string): unknown {
  if (!ref.startsWith("#/")) return undefined;
  let current: unknown = document;
  for (const part of ref.slice(2).split("/").map(pointerName)) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, part)) return undefined;
    current = (current as Record<string, unknown>)[part];
  }
  return current;
}
