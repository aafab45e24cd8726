/**
 * The schemas of a document by `$id`, `$anchor` and `$dynamicAnchor` (JSON Schema 2020-12, sections 8.2.1 and 8.2.2). An
 * identifier that two schemas have leads nowhere. Fetches nothing.
 */
import { parseUrl } from "@latchkey/core";
import { isObject, type Json, member, pointerTokens, valueAt } from "./json.js";

type Tokens = readonly string[];

/** Of a document whose address nobody knows. */
const DOCUMENT_URI = "http://document.invalid/";

export class SchemaIdentifiers {
  readonly #document: Json;
  /** By URI, with `#` and the anchor for an anchor; null: several. */
  #places: Map<string, Tokens | null> | null = null;

  constructor(document: Json) {
    this.#document = document;
  }

  /** Where a reference leads that is no pointer into the document; null: to no schema of it. @param tokens of the reference */
  find(ref: string, tokens: Tokens): Tokens | null {
    const uri = resolved(ref, this.#baseOf(tokens));
    if (uri === null) return null;
    // Most documents have no such reference, and some have millions of values.
    this.#places ??= placesOf(this.#document);
    const place = this.#places.get(uri.endsWith("#") ? uri.slice(0, -1) : uri);
    if (place !== undefined) return place;
    const [resource = "", fragment = ""] = uri.split("#");
    const root = this.#places.get(resource);
    const within = pointerTokens(decodeFragment(fragment));
    return root === null || root === undefined || within === null ? null : [...root, ...within];
  }

  /** The URI that references at a place are relative to. */
  #baseOf(tokens: Tokens): string {
    let base = idOf(this.#document, DOCUMENT_URI) ?? DOCUMENT_URI;
    let at: Json | undefined = this.#document;
    for (const token of tokens) {
      at = at === undefined ? undefined : valueAt(at, [token]);
      if (at !== undefined) base = idOf(at, base) ?? base;
    }
    return base;
  }
}

export function decodeFragment(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}

function placesOf(document: Json): Map<string, Tokens | null> {
  const places = new Map<string, Tokens | null>();
  const tokens: string[] = [];
  const add = (uri: string): void => {
    places.set(uri, places.has(uri) ? null : [...tokens]);
  };
  const visit = (value: Json, outer: string): void => {
    if (typeof value !== "object" || value === null) return;
    const id = idOf(value, outer);
    if (id !== null) add(id);
    const base = id ?? outer;
    for (const anchor of anchorsOf(value)) add(`${base}#${anchor}`);
    for (const [key, item] of Object.entries(value)) {
      tokens.push(key);
      visit(item, base);
      tokens.pop();
    }
  };
  visit(document, DOCUMENT_URI);
  return places;
}

/** One name that is both kinds of anchor is one anchor. */
function anchorsOf(schema: Json): ReadonlySet<string> {
  const names = isObject(schema) ? [member(schema, "$anchor"), member(schema, "$dynamicAnchor")] : [];
  return new Set(names.filter((name) => typeof name === "string"));
}

/** Without an empty fragment. */
function idOf(schema: Json, base: string): string | null {
  const id = isObject(schema) ? member(schema, "$id") : undefined;
  const uri = typeof id === "string" ? resolved(id, base) : null;
  return uri === null ? null : (uri.split("#")[0] ?? null);
}

function resolved(ref: string, base: string): string | null {
  // Nothing is relative to a URI such as `urn:example:order`, but its fragments are.
  if (ref.startsWith("#")) return base + ref;
  return parseUrl(ref, base)?.href ?? null;
}
