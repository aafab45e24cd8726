/**
 * One schema in normal form: dialect 2020-12, keywords in the order of `schema-keywords.ts`, older spellings read. Total:
 * whatever it is given, it gives a valid schema that accepts at least what the given one accepts, and notes what it left
 * out. Where references lead is for the caller to decide.
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
  put,
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

export type SchemaDialect = "2020-12" | "openapi-3.0";

export type SchemaNoteCode =
  | "schema.keyword_dropped"
  | "schema.keyword_ignored"
  | "schema.extension_dropped"
  | "schema.sibling_ignored"
  | "schema.nullable_ignored"
  | "schema.keyword_invalid"
  | "schema.pattern_dropped"
  | "schema.ref_remote"
  | "schema.ref_unresolved"
  | "schema.renamed"
  | "schema.too_large"
  | "schema.loosened";

export interface SchemaNote {
  readonly code: SchemaNoteCode;
  /** RFC 6901, into the document that the schema was read from. */
  readonly pointer: string;
  readonly message: string;
}

export interface NormalizerOptions {
  /** OpenAPI 3.0's dialect ignores what stands beside a `$ref`. */
  readonly dialect: SchemaDialect;
  /** The reference in normal form, or null when it leads nowhere; with the place of the reference itself. */
  readonly refer: (ref: string, tokens: readonly string[]) => string | null;
  readonly note: (note: SchemaNote) => void;
  /** What an example that is nothing but a reference leads to, as tools read it; undefined: nothing. */
  readonly example?: (ref: string) => Json | undefined;
  /** Why a pattern cannot be checked, or null. Such a pattern is left out, and noted. Default: all can. */
  readonly patternFault?: (pattern: string) => string | null;
  /** Subschemas in all; beyond them anything is accepted, and noted. Default: no limit. */
  readonly nodesMax?: number;
}

/** Levels of nesting: beyond them anything is accepted, and noted. */
const DEPTH_MAX = 64;

export class SchemaNormalizer {
  readonly #options: NormalizerOptions;
  /** Schemas that a pattern was left out of: they accept more than those that were given. */
  readonly loosened = new WeakSet<object>();
  #nodesLeft: number;

  constructor(options: NormalizerOptions) {
    this.#options = options;
    this.#nodesLeft = options.nodesMax ?? Number.POSITIVE_INFINITY;
  }

  /** @param tokens where the schema stands */
  normalize(value: Json, tokens: readonly string[]): JsonSchema {
    return this.#schema(value, tokens, 0);
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
    const refKey = refKeywords.find((key) => member(value, key) !== undefined);
    const ref = refKey === undefined ? undefined : member(value, refKey);
    if (refKey !== undefined && typeof ref === "string") {
      const named = this.#options.refer(ref, [...tokens, refKey]);
      if (named !== null) out.$ref = named;
      if (this.#options.dialect === "openapi-3.0") {
        for (const key of Object.keys(value)) if (key !== "$ref") this.#ignored(key, tokens);
        return named === null ? true : out;
      }
    }
    if (member(value, "nullable") === true && member(value, "type") === undefined)
      this.#add(
        "schema.nullable_ignored",
        [...tokens, "nullable"],
        "`nullable` says nothing without a `type` beside it (OpenAPI 3.0.3): null is not accepted.",
      );
    const given = modernize(this.#withExample(value));
    for (const name of keywordNames) {
      if (name === "$ref") continue;
      const raw = member(given, name);
      if (raw === undefined) continue;
      const read = this.#keyword(name, raw, [...tokens, name], depth);
      if (read === undefined) {
        this.#add("schema.keyword_invalid", [...tokens, name], `The value of "${name}" is not valid for it.`);
      } else if (name !== "pattern" || !this.#isUnusable(read as string, [...tokens, name])) {
        put(out, name, read);
      } else {
        this.loosened.add(out);
      }
    }
    for (const key of Object.keys(value)) {
      if (!Object.hasOwn(keywords, key) && !structuralKeywords.has(key) && !readElsewhere.has(key)) {
        this.#dropped(key, tokens);
      }
    }
    return this.#settle(out, tokens);
  }

  #withExample(schema: JsonObject): JsonObject {
    const example = member(schema, "example");
    if (!isObject(example) || Object.keys(example).length !== 1) return schema;
    const ref = member(example, "$ref");
    const value = typeof ref === "string" ? this.#options.example?.(ref) : undefined;
    return value === undefined ? schema : { ...schema, example: value };
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
      case "object":
        return isObject(raw) ? cleanJson(withoutExtensions(raw)) : undefined;
      case "discriminator":
        return this.#discriminator(raw, tokens);
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

  /** Takes out what cannot matter or cannot be: keywords for other types, values of other types. */
  #settle(out: MutableJsonObject, tokens: readonly string[]): JsonSchema {
    const ignore = (name: KeywordName, why: string): void => {
      if (out[name] === undefined) return;
      delete out[name];
      this.#add("schema.keyword_ignored", [...tokens, name], `"${name}" says nothing ${why}.`);
    };
    const type = member(out, "type");
    const list = type === undefined ? null : isArray(type) ? (type as readonly string[]) : [type as string];
    if (list !== null) {
      for (const name of Object.keys(out) as KeywordName[]) {
        const { appliesTo }: Keyword = keywords[name];
        if (appliesTo !== undefined && !appliesTo.some((t) => list.includes(t)))
          ignore(name, `of the type ${list.join(" or ")}`);
      }
      if (out.const !== undefined && !isOfType(out.const, list)) return { not: {} };
    }
    const allowed = member(out, "enum");
    if (isArray(allowed)) {
      const possible = list === null ? allowed : allowed.filter((value) => isOfType(value, list));
      if (possible.length < allowed.length)
        this.#add(
          "schema.keyword_ignored",
          [...tokens, "enum"],
          "Values of another type than the schema's are never accepted.",
        );
      if (possible.length === 0) return { not: {} };
      out.enum = possible;
    }
    if (isArray(out.examples) && out.examples.length === 0) delete out.examples;
    if (out.readOnly === true && out.writeOnly === true) ignore("writeOnly", "beside readOnly");
    if (out.contains === undefined) {
      ignore("minContains", "without contains");
      ignore("maxContains", "without contains");
    }
    if (out.if === undefined) {
      ignore("then", "without if");
      ignore("else", "without if");
    } else if (out.then === undefined && out.else === undefined) {
      ignore("if", "without then and else");
    }
    return out;
  }

  #isUnusable(pattern: string, tokens: readonly string[]): boolean {
    const fault = this.#options.patternFault?.(pattern) ?? null;
    if (fault === null) return false;
    this.#add(
      "schema.pattern_dropped",
      tokens,
      `The pattern ${JSON.stringify(pattern)} is left out: requests cannot be checked against it (${fault}).`,
    );
    return true;
  }

  /** Its mapping leads to schemas, by reference or by name. */
  #discriminator(raw: Json, tokens: readonly string[]): Json | undefined {
    if (!isObject(raw) || typeof member(raw, "propertyName") !== "string") return undefined;
    const out: MutableJsonObject = { propertyName: wellFormed(member(raw, "propertyName") as string) };
    const mapping = member(raw, "mapping");
    if (!isObject(mapping)) return out;
    const map: MutableJsonObject = {};
    for (const [key, to] of Object.entries(mapping)) {
      if (typeof to !== "string") continue;
      const ref = /^[A-Za-z0-9._-]+$/.test(to) ? `#/components/schemas/${to}` : to;
      const named = this.#options.refer(ref, [...tokens, "mapping", key]);
      if (named !== null) put(map, wellFormed(key), named);
    }
    if (Object.keys(map).length > 0) out.mapping = map;
    return out;
  }

  #dropped(key: string, tokens: readonly string[]): void {
    if (key.startsWith("x-"))
      this.#add(
        "schema.extension_dropped",
        [...tokens, key],
        `The extension \`${wellFormed(key)}\` is not kept.`,
      );
    else
      this.#add(
        "schema.keyword_dropped",
        [...tokens, key],
        `"${wellFormed(key)}" is no keyword of JSON Schema.`,
      );
  }

  #ignored(key: string, tokens: readonly string[]): void {
    if (key.startsWith("x-")) this.#dropped(key, tokens);
    else
      this.#add(
        "schema.sibling_ignored",
        [...tokens, key],
        "OpenAPI 3.0 ignores what stands beside a `$ref`.",
      );
  }

  #add(code: SchemaNoteCode, tokens: readonly string[], message: string): void {
    this.#options.note({ code, pointer: pointerOf(tokens), message });
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

const refKeywords = ["$ref", "$dynamicRef", "$recursiveRef"] as const;

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

export function objectOf(entries: readonly (readonly [string, Json])[]): JsonObject {
  const out: MutableJsonObject = {};
  for (const [key, value] of entries) put(out, key, value);
  return out;
}

function withoutExtensions(object: JsonObject): JsonObject {
  return objectOf(Object.entries(object).filter(([key]) => !key.startsWith("x-")));
}
