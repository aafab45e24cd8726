/**
 * A JSON Schema in normal form: dialect 2020-12, keywords in one order, every reference either `#` or
 * `#/$defs/<name>`, no definition that nothing refers to. Total: whatever it is given, it gives a valid
 * schema that accepts at least what the given one accepts, and notes what it had to leave out.
 * Never follows a reference out of the document it was given.
 */
import {
  cleanJson,
  equalJson,
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type MutableJsonObject,
  member,
  pointerOf,
  pointerTokens,
  put,
  valueAt,
  wellFormed,
} from "./json.js";
import type { JsonSchema } from "./read-model.js";
import {
  instanceTypes,
  isOfType,
  type Keyword,
  type KeywordName,
  keywordNames,
  keywords,
  structuralKeywords,
} from "./schema-keywords.js";

export interface SchemaBundle {
  readonly root: JsonSchema;
  /** Names have the form of OpenAPI component keys. */
  readonly defs: ReadonlyMap<string, JsonSchema>;
}

export type SchemaNoteCode =
  | "schema.keyword_dropped"
  | "schema.keyword_invalid"
  | "schema.ref_remote"
  | "schema.ref_unresolved"
  | "schema.too_large"
  | "schema.loosened";

export interface SchemaNote {
  readonly code: SchemaNoteCode;
  /** RFC 6901, into the document that the schema was read from. */
  readonly pointer: string;
  readonly message: string;
}

export interface SchemaSource {
  /** What references are resolved against. */
  readonly document: Json;
  /** Where the schema stands in it. */
  readonly tokens: readonly string[];
  /** OpenAPI 3.0's dialect ignores what stands beside a `$ref`. */
  readonly dialect: "2020-12" | "openapi-3.0";
  /** Told the place of every schema that becomes part of the bundle. */
  readonly onRead?: (tokens: readonly string[]) => void;
}

/** Levels of nesting and subschemas of one bundle: beyond them anything is accepted, and noted. */
const DEPTH_MAX = 64;
const NODES_MAX = 20_000;

export function bundleSchema(source: SchemaSource, note: (note: SchemaNote) => void): SchemaBundle {
  return new Bundler(source, note).bundle();
}

class Bundler {
  readonly #source: SchemaSource;
  readonly #note: (note: SchemaNote) => void;
  readonly #names = new Map<string, string>();
  readonly #taken = new Set<string>();
  readonly #queue: { readonly name: string; readonly tokens: readonly string[]; readonly value: Json }[] = [];
  readonly #anchors: ReadonlyMap<string, readonly string[]>;
  #rootTokens: readonly string[];
  #nodesLeft = NODES_MAX;

  constructor(source: SchemaSource, note: (note: SchemaNote) => void) {
    this.#source = source;
    this.#note = note;
    this.#rootTokens = source.tokens;
    // Anchors are a matter of stand-alone schemas; in an OpenAPI document nobody looks for them.
    this.#anchors = source.tokens.length === 0 ? anchorsOf(source.document) : new Map();
  }

  bundle(): SchemaBundle {
    let value: Json = valueAt(this.#source.document, this.#rootTokens) ?? true;
    const seen = new Set<string>();
    // A schema that only points elsewhere is that other schema.
    while (isObject(value) && typeof member(value, "$ref") === "string" && this.#onlyRef(value)) {
      const target = this.#resolve(member(value, "$ref") as string, this.#rootTokens);
      if (target === null) {
        value = true;
        break;
      }
      const pointer = pointerOf(target.tokens);
      if (seen.has(pointer)) {
        value = true;
        break;
      }
      seen.add(pointer);
      this.#source.onRead?.(this.#rootTokens);
      this.#rootTokens = target.tokens;
      value = target.value;
    }
    this.#source.onRead?.(this.#rootTokens);
    const root = this.#schema(value, this.#rootTokens, 0);
    const defs = new Map<string, JsonSchema>();
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      this.#source.onRead?.(next.tokens);
      defs.set(next.name, this.#schema(next.value, next.tokens, 0));
    }
    return normalizeBundle({ root, defs });
  }

  #onlyRef(schema: JsonObject): boolean {
    return (
      this.#source.dialect === "openapi-3.0" ||
      Object.keys(schema).every((key) => key === "$ref" || structuralKeywords.has(key))
    );
  }

  #schema(value: Json, tokens: readonly string[], depth: number): JsonSchema {
    if (typeof value === "boolean") return value;
    if (!isObject(value)) {
      this.#add("schema.keyword_invalid", tokens, "This is no schema; anything is accepted instead.");
      return true;
    }
    if (depth > DEPTH_MAX || this.#nodesLeft-- <= 0) {
      this.#add(
        "schema.too_large",
        tokens,
        "The schema is too large or too deep; anything is accepted here.",
      );
      return true;
    }
    const out: MutableJsonObject = {};
    const ref = member(value, "$ref") ?? member(value, "$dynamicRef") ?? member(value, "$recursiveRef");
    if (typeof ref === "string") {
      const named = this.#refer(ref, tokens);
      if (named !== null) out.$ref = named;
      if (this.#source.dialect === "openapi-3.0") {
        for (const key of Object.keys(value)) if (key !== "$ref") this.#dropped(key, tokens);
        return named === null ? true : out;
      }
    }
    const given = modernize(value);
    for (const name of keywordNames) {
      if (name === "$ref") continue;
      const raw = member(given, name);
      if (raw === undefined) continue;
      const read = this.#keyword(name, raw, [...tokens, name], depth);
      if (read === undefined) {
        this.#add("schema.keyword_invalid", [...tokens, name], `The value of "${name}" is not valid for it.`);
      } else {
        put(out, name, read);
      }
    }
    for (const key of Object.keys(value)) {
      if (!Object.hasOwn(keywords, key) && !structuralKeywords.has(key) && !readElsewhere.has(key)) {
        this.#dropped(key, tokens);
      }
    }
    return settle(out);
  }

  #keyword(name: KeywordName, raw: Json, tokens: readonly string[], depth: number): Json | undefined {
    switch (keywords[name].shape) {
      case "string":
        return typeof raw === "string" ? wellFormed(raw) : undefined;
      case "boolean":
        return typeof raw === "boolean" ? raw : undefined;
      case "number":
        return isNumber(raw) ? raw : undefined;
      case "positive":
        return isNumber(raw) && raw > 0 ? raw : undefined;
      case "count":
        return isNumber(raw) && Number.isSafeInteger(raw) && raw >= 0 ? raw : undefined;
      case "regex":
        return typeof raw === "string" && isRegex(raw) ? wellFormed(raw) : undefined;
      case "json":
        return cleanJson(raw);
      case "json-array":
        return isArray(raw) ? distinct(raw.map((item) => cleanJson(item))) : undefined;
      case "strings":
        return strings(raw);
      case "strings-map": {
        if (!isObject(raw)) return undefined;
        const map: MutableJsonObject = {};
        for (const [key, item] of Object.entries(raw)) {
          const read = strings(item);
          if (read !== undefined) put(map, wellFormed(key), read);
        }
        return Object.keys(map).length === 0 ? undefined : map;
      }
      case "type":
        return types(raw);
      case "schema": {
        const read = this.#schema(raw, tokens, depth + 1);
        return booleanKeywords.has(name) ? read : toSchemaObject(read);
      }
      case "schemas":
        return isArray(raw) && raw.length > 0
          ? raw.map((item, index) =>
              toSchemaObject(this.#schema(item, [...tokens, String(index)], depth + 1)),
            )
          : undefined;
      case "schema-map": {
        if (!isObject(raw)) return undefined;
        const map: MutableJsonObject = {};
        for (const [key, item] of Object.entries(raw)) {
          put(map, wellFormed(key), toSchemaObject(this.#schema(item, [...tokens, key], depth + 1)));
        }
        return map;
      }
    }
  }

  /** The reference in normal form, or null when it leads nowhere. */
  #refer(ref: string, tokens: readonly string[]): string | null {
    const target = this.#resolve(ref, tokens);
    if (target === null) return null;
    const pointer = pointerOf(target.tokens);
    if (pointer === pointerOf(this.#rootTokens)) return "#";
    let name = this.#names.get(pointer);
    if (name === undefined) {
      name = this.#nameFor(target.tokens);
      this.#names.set(pointer, name);
      this.#queue.push({ name, ...target });
    }
    return `#/$defs/${name}`;
  }

  #resolve(
    ref: string,
    tokens: readonly string[],
  ): { readonly tokens: readonly string[]; readonly value: Json } | null {
    if (!ref.startsWith("#")) {
      this.#add("schema.ref_remote", [...tokens, "$ref"], "References to other documents are never fetched.");
      return null;
    }
    const to = pointerTokens(decodeFragment(ref.slice(1))) ?? this.#anchors.get(ref.slice(1));
    const value = to === undefined ? undefined : valueAt(this.#source.document, to);
    if (to === undefined || value === undefined || !(isObject(value) || typeof value === "boolean")) {
      this.#add("schema.ref_unresolved", [...tokens, "$ref"], "The reference leads to no schema.");
      return null;
    }
    return { tokens: to, value };
  }

  /** `#/components/schemas/Order.Request.Line` is `Line` to `Order.Request`, so exporting names it alike again. */
  #nameFor(tokens: readonly string[]): string {
    const last = tokens.at(-1) ?? "root";
    const isNamed = ["schemas", "$defs", "definitions"].includes(tokens.at(-2) ?? "");
    let wanted = isNamed || tokens.length < 2 ? last : `${tokens.at(-2)}-${last}`;
    const prefix = `${this.#rootTokens.at(-1) ?? ""}.`;
    if (this.#rootTokens.length > 1 && wanted.startsWith(prefix)) wanted = wanted.slice(prefix.length);
    wanted = wanted.replace(/[^A-Za-z0-9._-]+/g, "_").slice(0, 80) || "schema";
    let name = wanted;
    for (let n = 2; this.#taken.has(name); n++) name = `${wanted}-${n}`;
    this.#taken.add(name);
    return name;
  }

  #dropped(key: string, tokens: readonly string[]): void {
    this.#add(
      "schema.keyword_dropped",
      [...tokens, key],
      `"${wellFormed(key)}" is no keyword of JSON Schema.`,
    );
  }

  #add(code: SchemaNoteCode, tokens: readonly string[], message: string): void {
    this.#note({ code, pointer: pointerOf(tokens), message });
  }
}

/** Keywords whose boolean value tools know; elsewhere they want an object, which says the same. */
const booleanKeywords: ReadonlySet<KeywordName> = new Set<KeywordName>([
  "items",
  "additionalProperties",
  "unevaluatedItems",
  "unevaluatedProperties",
]);

/** A boolean schema as an object. */
export function toSchemaObject(schema: JsonSchema): JsonObject {
  return typeof schema !== "boolean" ? schema : schema ? {} : { not: {} };
}

/** Older spellings that `modernize` reads. */
const readElsewhere: ReadonlySet<string> = new Set([
  "nullable",
  "example",
  "additionalItems",
  "dependencies",
  "$dynamicRef",
  "$recursiveRef",
]);

/** OpenAPI 3.0 and drafts 4 to 7 in the words of 2020-12. One level only. */
function modernize(schema: JsonObject): JsonObject {
  const out: MutableJsonObject = {};
  for (const [key, value] of Object.entries(schema)) put(out, key, value);
  const given = member(schema, "type");
  if (member(schema, "nullable") === true && given !== undefined) {
    const list = isArray(given) ? given : [given];
    if (!list.includes("null")) out.type = [...list, "null"];
  }
  for (const [exclusive, inclusive] of [
    ["exclusiveMinimum", "minimum"],
    ["exclusiveMaximum", "maximum"],
  ] as const) {
    const flag = member(schema, exclusive);
    if (typeof flag !== "boolean") continue;
    delete out[exclusive];
    const limit = member(schema, inclusive);
    if (flag && limit !== undefined) {
      out[exclusive] = limit;
      delete out[inclusive];
    }
  }
  const example = member(schema, "example");
  if (example !== undefined && member(schema, "examples") === undefined) out.examples = [example];
  const items = member(schema, "items");
  if (isArray(items)) {
    delete out.items;
    if (items.length > 0) out.prefixItems = items;
    const rest = member(schema, "additionalItems");
    if (rest !== undefined) out.items = rest;
  }
  const dependencies = member(schema, "dependencies");
  if (isObject(dependencies)) {
    const all = Object.entries(dependencies);
    const required = all.filter(([, value]) => isArray(value));
    const schemas = all.filter(([, value]) => !isArray(value));
    if (required.length > 0) out.dependentRequired ??= objectOf(required);
    if (schemas.length > 0) out.dependentSchemas ??= objectOf(schemas);
  }
  return out;
}

/** Takes out what cannot matter or cannot be: keywords for other types, values of other types. */
function settle(out: MutableJsonObject): JsonSchema {
  const type = member(out, "type");
  const list = type === undefined ? null : isArray(type) ? (type as readonly string[]) : [type as string];
  if (list !== null) {
    for (const name of Object.keys(out) as KeywordName[]) {
      const { appliesTo }: Keyword = keywords[name];
      if (appliesTo !== undefined && !appliesTo.some((t) => list.includes(t))) delete out[name];
    }
    if (out.const !== undefined && !isOfType(out.const, list)) return { not: {} };
  }
  const allowed = member(out, "enum");
  if (isArray(allowed)) {
    const possible = list === null ? allowed : allowed.filter((value) => isOfType(value, list));
    if (possible.length === 0) return { not: {} };
    out.enum = possible;
  }
  if (isArray(out.examples) && out.examples.length === 0) delete out.examples;
  if (out.readOnly === true && out.writeOnly === true) delete out.writeOnly;
  if (out.contains === undefined) {
    delete out.minContains;
    delete out.maxContains;
  }
  if (out.if === undefined) {
    delete out.then;
    delete out.else;
  } else if (out.then === undefined && out.else === undefined) {
    delete out.if;
  }
  return out;
}

/**
 * Brings a bundle to its one form: a root that is only a reference becomes what it refers to, and
 * definitions out of reach are left out.
 */
export function normalizeBundle(bundle: SchemaBundle): SchemaBundle {
  let { root, defs } = withoutCycles(bundle);
  for (let name = aliasOf(root); name !== undefined; name = aliasOf(root)) {
    const target = name === null ? undefined : defs.get(name);
    if (name === null || target === undefined) {
      root = {};
      break;
    }
    const alias = `#/$defs/${name}`;
    const rename = (to: string): string => (to === alias ? "#" : to);
    defs.delete(name);
    defs = new Map([...defs].map(([key, def]) => [key, mapRefs(def, rename)]));
    root = mapRefs(target, rename);
  }
  const reached = new Map<string, JsonSchema>();
  const visit = (schema: JsonSchema): void => {
    for (const ref of refsOf(schema)) {
      const name = defName(ref);
      const def = name === null ? undefined : defs.get(name);
      if (name === null || def === undefined || reached.has(name)) continue;
      reached.set(name, def);
      visit(def);
    }
  };
  visit(root);
  return { root, defs: reached };
}

/** The definition (null: the root) that a schema is only a reference to; undefined when it says more. */
function aliasOf(schema: JsonSchema): string | null | undefined {
  const ref = isObject(schema) && Object.keys(schema).length === 1 ? member(schema, "$ref") : undefined;
  return typeof ref === "string" ? defName(ref) : undefined;
}

/** Schemas that refer to themselves at the top, at any distance, say nothing by that. */
function withoutCycles({ root, defs }: SchemaBundle): { root: JsonSchema; defs: Map<string, JsonSchema> } {
  const schemas = new Map<string, JsonSchema>([["#", root]]);
  for (const [name, def] of defs) schemas.set(`#/$defs/${name}`, def);
  for (const start of schemas.keys()) {
    const seen = new Set<string>();
    let at: string | undefined = start;
    while (at !== undefined && !seen.has(at)) {
      seen.add(at);
      const schema: JsonSchema = schemas.get(at) ?? {};
      const ref: Json | undefined = isObject(schema) ? member(schema, "$ref") : undefined;
      at = typeof ref === "string" ? ref : undefined;
    }
    if (at === undefined) continue;
    const { $ref: _dropped, ...rest } = schemas.get(at) as JsonObject;
    schemas.set(at, rest);
  }
  const found = schemas.get("#") as JsonSchema;
  schemas.delete("#");
  return {
    root: found,
    defs: new Map([...schemas].map(([ref, schema]) => [ref.slice("#/$defs/".length), schema])),
  };
}

/** The definition that a reference in normal form names; null for `#`. */
export function defName(ref: string): string | null {
  return ref.startsWith("#/$defs/") ? ref.slice("#/$defs/".length) : null;
}

/** A copy with every reference of a normal-form schema (2020-12 or 3.0) rewritten. */
export function mapRefs(schema: JsonSchema, rename: (ref: string) => string): JsonSchema {
  if (typeof schema === "boolean") return schema;
  const out: MutableJsonObject = {};
  for (const [key, value] of Object.entries(schema)) {
    const shape = Object.hasOwn(keywords, key) ? keywords[key as KeywordName].shape : "json";
    if (key === "$ref" && typeof value === "string") out.$ref = rename(value);
    else
      put(
        out,
        key,
        mapSubschemas(shape, value, (sub) => mapRefs(sub, rename)),
      );
  }
  return out;
}

/** Applies a function to the subschemas that a keyword's value holds. */
export function mapSubschemas(
  shape: Keyword["shape"],
  value: Json,
  change: (schema: JsonSchema) => JsonSchema,
): Json {
  if (shape === "schema") return change(value as JsonSchema);
  if (shape === "schemas" && isArray(value)) return value.map((item) => change(item as JsonSchema));
  if (shape === "schema-map" && isObject(value)) {
    const map: MutableJsonObject = {};
    for (const [key, item] of Object.entries(value)) put(map, key, change(item as JsonSchema));
    return map;
  }
  return value;
}

/** Every reference of a normal-form schema. */
export function refsOf(schema: JsonSchema): readonly string[] {
  const refs: string[] = [];
  mapRefs(schema, (ref) => {
    refs.push(ref);
    return ref;
  });
  return refs;
}

/** A bundle as one self-contained JSON Schema. */
export function bundleToSchema({ root, defs }: SchemaBundle): JsonSchema {
  if (typeof root === "boolean" || defs.size === 0) return root;
  return { ...root, $defs: objectOf([...defs]) };
}

/** True when a definition, or the root, can reach itself. */
export function isRecursive(bundle: SchemaBundle): boolean {
  const schemaOf = (ref: string): JsonSchema | undefined => {
    const name = defName(ref);
    return name === null ? bundle.root : bundle.defs.get(name);
  };
  const done = new Set<string>();
  const open = new Set<string>();
  const visit = (ref: string): boolean => {
    if (open.has(ref)) return true;
    if (done.has(ref)) return false;
    open.add(ref);
    const found = refsOf(schemaOf(ref) ?? true).some(visit);
    open.delete(ref);
    done.add(ref);
    return found;
  };
  return visit("#");
}

function anchorsOf(document: Json): ReadonlyMap<string, readonly string[]> {
  const anchors = new Map<string, readonly string[]>();
  const visit = (value: Json, tokens: readonly string[]): void => {
    if (tokens.length > DEPTH_MAX || anchors.size > 1000) return;
    if (isObject(value)) {
      for (const key of ["$anchor", "$dynamicAnchor"]) {
        const name = member(value, key);
        if (typeof name === "string" && !anchors.has(name)) anchors.set(name, tokens);
      }
      for (const [key, item] of Object.entries(value)) visit(item, [...tokens, key]);
    } else if (isArray(value)) {
      value.forEach((item, index) => {
        visit(item, [...tokens, String(index)]);
      });
    }
  };
  visit(document, []);
  return anchors;
}

function isNumber(value: Json): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function isRegex(text: string): boolean {
  try {
    new RegExp(text, "u");
    return true;
  } catch {
    return false;
  }
}

function strings(raw: Json): readonly string[] | undefined {
  if (!isArray(raw) || raw.length === 0 || !raw.every((item) => typeof item === "string")) return undefined;
  return [...new Set((raw as readonly string[]).map(wellFormed))];
}

function types(raw: Json): Json | undefined {
  const list = [...new Set(isArray(raw) ? raw : [raw])].filter(
    (item): item is string => typeof item === "string" && instanceTypes.has(item),
  );
  if (list.length === 0) return undefined;
  return list.length === 1 ? (list[0] as string) : list;
}

function distinct(values: readonly Json[]): readonly Json[] {
  const kept: Json[] = [];
  const seen = new Set<string>();
  for (const value of values) {
    // The text finds most twins at once; only objects can be equal with keys in another order.
    const text = JSON.stringify(value);
    if (seen.has(text)) continue;
    seen.add(text);
    if (typeof value === "object" && kept.length < 200 && kept.some((other) => equalJson(other, value)))
      continue;
    kept.push(value);
  }
  return kept;
}

function objectOf(entries: readonly (readonly [string, Json])[]): JsonObject {
  const out: MutableJsonObject = {};
  for (const [key, value] of entries) put(out, key, value);
  return out;
}

function decodeFragment(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}
