/**
 * JSON values and the few operations on them that the generators share. Knows nothing of OpenAPI.
 * Copies never let a key named `__proto__` reach an object's prototype.
 */

import { fromPointerToken, pointerToken } from "@latchkey/core";

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

/** An object while it is being built. */
export interface MutableJsonObject {
  [key: string]: Json;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isArray(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}

/** Own member or undefined; never what a prototype says. */
export function member(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Sets an own member, `__proto__` included. */
export function put(object: MutableJsonObject, key: string, value: Json): void {
  if (key === "__proto__") {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    object[key] = value;
  }
}

export function equalJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (isArray(a) && isArray(b)) {
    return a.length === b.length && a.every((item, index) => equalJson(item, b[index]));
  }
  if (isObject(a) && isObject(b)) {
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && equalJson(member(a, key), member(b, key)))
    );
  }
  return false;
}

/** Deeper than any document people write; keeps recursion off the end of the stack. */
export const JSON_DEPTH_MAX = 128;

/**
 * A copy that any JSON or YAML writer takes: well-formed text, no -0, no NaN, nothing but JSON.
 * What is nested deeper than JSON_DEPTH_MAX, or is no JSON, becomes null.
 */
export function cleanJson(value: unknown, depth = 0): Json {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") return wellFormed(value);
  if (typeof value === "number") return Number.isFinite(value) ? value + 0 || 0 : null;
  if (depth >= JSON_DEPTH_MAX || typeof value !== "object") return null;
  if (Array.isArray(value)) return value.map((item) => cleanJson(item, depth + 1));
  const copy: MutableJsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    if (item !== undefined) put(copy, wellFormed(key), cleanJson(item, depth + 1));
  }
  return copy;
}

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Text that survives UTF-8: a lone surrogate becomes U+FFFD. */
export function wellFormed(text: string): string {
  return text.replace(LONE_SURROGATE, "\ufffd");
}

/** Cuts to at most `charsMax` UTF-16 code units without splitting a surrogate pair. */
export function truncate(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text;
  const last = text.charCodeAt(charsMax - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? charsMax - 1 : charsMax);
}

/** A JSON pointer from its tokens; the empty list is the whole document. */
export function pointerOf(tokens: readonly (string | number)[]): string {
  return tokens.map((token) => `/${pointerToken(String(token))}`).join("");
}

/** The tokens of a JSON pointer, or null when it is none. */
export function pointerTokens(pointer: string): readonly string[] | null {
  if (pointer === "") return [];
  if (!pointer.startsWith("/") || /~(?![01])/.test(pointer)) return null;
  return pointer.slice(1).split("/").map(fromPointerToken);
}

/** What a pointer's tokens lead to, or undefined. */
export function valueAt(root: Json, tokens: readonly string[]): Json | undefined {
  let value: Json | undefined = root;
  for (const token of tokens) {
    if (isArray(value)) value = /^(0|[1-9]\d*)$/.test(token) ? value[Number(token)] : undefined;
    else if (isObject(value)) value = member(value, token);
    else return undefined;
  }
  return value;
}

/** An example of a body as it is kept: JSON types as a value, everything else (and what is no JSON) as text. */
export function exampleValue(contentType: string, text: string): Json {
  if (!/[/+]json$/.test(contentType)) return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

export function objectOf(entries: readonly (readonly [string, Json])[]): JsonObject {
  const out: MutableJsonObject = {};
  for (const [key, value] of entries) put(out, key, value);
  return out;
}
