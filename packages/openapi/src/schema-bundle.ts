/**
 * A JSON Schema in normal form: dialect 2020-12, keywords in one order, every reference either `#` or
 * `#/$defs/<name>`, no definition that nothing refers to. Total: whatever it is given, it gives a valid
 * schema that accepts at least what the given one accepts, and notes what it had to leave out.
 * Never follows a reference out of the document it was given.
 */
import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type MutableJsonObject,
  member,
  objectOf,
  pointerOf,
  pointerTokens,
  put,
  valueAt,
} from "./json.js";
import type { JsonSchema } from "./read-model.js";
import { decodeFragment, SchemaIdentifiers } from "./schema-identifiers.js";
import { type Keyword, type KeywordName, keywords, structuralKeywords } from "./schema-keywords.js";
import { type SchemaDialect, SchemaNormalizer } from "./schema-normalizer.js";
import type { SchemaNote, SchemaNoteCode } from "./schema-note.js";

export interface SchemaBundle {
  readonly root: JsonSchema;
  /** Names have the form of OpenAPI component keys. */
  readonly defs: ReadonlyMap<string, JsonSchema>;
}

export interface SchemaSource {
  /** What references are resolved against. */
  readonly document: Json;
  /** Where the schema stands in it. */
  readonly tokens: readonly string[];
  /** OpenAPI 3.0's dialect ignores what stands beside a `$ref`. */
  readonly dialect: SchemaDialect;
  /** Told the place of every schema that becomes part of the bundle. */
  readonly onRead?: (tokens: readonly string[]) => void;
}

/** Subschemas of one bundle: beyond them anything is accepted, and noted. */
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
  readonly #identifiers: SchemaIdentifiers;
  #rootTokens: readonly string[];
  readonly #normalizer: SchemaNormalizer;

  constructor(source: SchemaSource, note: (note: SchemaNote) => void) {
    this.#source = source;
    this.#note = note;
    this.#rootTokens = source.tokens;
    this.#identifiers = new SchemaIdentifiers(source.document);
    this.#normalizer = new SchemaNormalizer({
      dialect: source.dialect,
      refer: (ref, tokens) => this.#refer(ref, tokens),
      note,
      nodesMax: NODES_MAX,
    });
  }

  bundle(): SchemaBundle {
    let value: Json = valueAt(this.#source.document, this.#rootTokens) ?? true;
    const seen = new Set<string>();
    // A schema that only points elsewhere is that other schema.
    while (isObject(value) && typeof member(value, "$ref") === "string" && this.#onlyRef(value)) {
      const target = this.#resolve(member(value, "$ref") as string, [...this.#rootTokens, "$ref"]);
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
    const root = this.#normalizer.normalize(value, this.#rootTokens);
    const defs = new Map<string, JsonSchema>();
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      this.#source.onRead?.(next.tokens);
      defs.set(next.name, this.#normalizer.normalize(next.value, next.tokens));
    }
    return normalizeBundle({ root, defs });
  }

  #onlyRef(schema: JsonObject): boolean {
    return (
      this.#source.dialect === "openapi-3.0" ||
      Object.keys(schema).every((key) => key === "$ref" || structuralKeywords.has(key))
    );
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
    const pointer = ref.startsWith("#") ? pointerTokens(decodeFragment(ref.slice(1))) : null;
    const to = pointer ?? this.#identifiers.find(ref, tokens);
    const value = to === null ? undefined : valueAt(this.#source.document, to);
    if (to === null || value === undefined || !(isObject(value) || typeof value === "boolean")) {
      if (ref.startsWith("#"))
        this.#add("schema.ref_unresolved", tokens, "The reference leads to no schema.");
      else this.#add("schema.ref_remote", tokens, "References to other documents are never fetched.");
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

  #add(code: SchemaNoteCode, tokens: readonly string[], message: string): void {
    this.#note({ code, pointer: pointerOf(tokens), message });
  }
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

function withoutCycles({ root, defs }: SchemaBundle): { root: JsonSchema; defs: Map<string, JsonSchema> } {
  const schemas = new Map<string, JsonSchema>([["#", root]]);
  for (const [name, def] of defs) schemas.set(`#/$defs/${name}`, def);
  breakCycles(schemas);
  const found = schemas.get("#") as JsonSchema;
  schemas.delete("#");
  return {
    root: found,
    defs: new Map([...schemas].map(([ref, schema]) => [ref.slice("#/$defs/".length), schema])),
  };
}

/** Schemas, by reference, that refer to themselves at the top, at any distance, say nothing by that. */
export function breakCycles(schemas: Map<string, JsonSchema>): void {
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
}

/** The definition that a reference in normal form names; null for `#`. */
export function defName(ref: string): string | null {
  return ref.startsWith("#/$defs/") ? ref.slice("#/$defs/".length) : null;
}

/** A copy with every reference of a normal-form schema (2020-12 or 3.0) rewritten, those of discriminators included. */
export function mapRefs(schema: JsonSchema, rename: (ref: string) => string): JsonSchema {
  if (typeof schema === "boolean") return schema;
  const out: MutableJsonObject = {};
  for (const [key, value] of Object.entries(schema)) {
    const shape = Object.hasOwn(keywords, key) ? keywords[key as KeywordName].shape : "json";
    if (key === "$ref" && typeof value === "string") out.$ref = rename(value);
    else if (shape === "discriminator" && isObject(value)) out.discriminator = mapMapping(value, rename);
    else
      put(
        out,
        key,
        mapSubschemas(shape, value, (sub) => mapRefs(sub, rename)),
      );
  }
  return out;
}

function mapMapping(discriminator: JsonObject, rename: (ref: string) => string): JsonObject {
  const { mapping } = discriminator;
  if (!isObject(mapping)) return discriminator;
  const renamed = Object.entries(mapping).map(([key, ref]) => [key, rename(ref as string)] as const);
  return { ...discriminator, mapping: objectOf(renamed) };
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

/** Every reference of a normal-form schema; those of discriminators unless told otherwise. */
export function refsOf(schema: JsonSchema, options?: { readonly discriminators: false }): readonly string[] {
  const refs: string[] = [];
  const visit = (one: JsonSchema): JsonSchema => {
    if (typeof one === "boolean") return one;
    for (const [key, value] of Object.entries(one)) {
      const shape = Object.hasOwn(keywords, key) ? keywords[key as KeywordName].shape : "json";
      if (key === "$ref" && typeof value === "string") refs.push(value);
      else if (shape !== "discriminator") mapSubschemas(shape, value, visit);
      else if (options?.discriminators !== false && isObject(value) && isObject(value.mapping))
        refs.push(...(Object.values(value.mapping) as readonly string[]));
    }
    return one;
  };
  visit(schema);
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
    const found = refsOf(schemaOf(ref) ?? true, { discriminators: false }).some(visit);
    open.delete(ref);
    done.add(ref);
    return found;
  };
  return visit("#");
}
