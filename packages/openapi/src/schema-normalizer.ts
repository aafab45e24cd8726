/**
 * One schema in normal form: dialect 2020-12, keywords in the order of `schema-keywords.ts`, older spellings read. Total:
 * whatever it is given, it gives a valid schema that accepts at least what the given one accepts, and notes what it left
 * out. Where references lead is for the caller to decide.
 */
import { readDiscriminator, whyDiscriminatorIsLeftOut } from "./discriminator.js";
import {
  cleanJson,
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type MutableJsonObject,
  member,
  pointerOf,
  put,
  truncate,
  wellFormed,
} from "./json.js";
import { distinct, isNumber, regexFault, strings, types, withoutExtensions } from "./keyword-values.js";
import { modernize, olderSpellings } from "./older-spellings.js";
import type { JsonSchema } from "./read-model.js";
import {
  isOfType,
  type Keyword,
  type KeywordName,
  keywordNames,
  keywords,
  structuralKeywords,
} from "./schema-keywords.js";

import type { SchemaNote, SchemaNoteCode } from "./schema-note.js";
import { inUnicodeMode } from "./unicode-pattern.js";

export type SchemaDialect = "2020-12" | "openapi-3.0";

export interface NormalizerOptions {
  /** OpenAPI 3.0's dialect ignores what stands beside a `$ref`. */
  readonly dialect: SchemaDialect;
  /** The reference in normal form, or null when it leads nowhere; with the place of the reference itself. */
  readonly refer: (ref: string, tokens: readonly string[]) => string | null;
  /** Whether the reference leads to a schema. Default: all do. */
  readonly leads?: (ref: string) => boolean;
  readonly note: (note: SchemaNote) => void;
  /** What an example that is nothing but a reference leads to, as tools read it; undefined: nothing. */
  readonly example?: (literal: Json) => Json | undefined;
  /** Why a pattern cannot be checked, or null. Such a pattern is left out, and noted. Default: all can. */
  readonly patternFault?: (pattern: string) => string | null;
  /** Subschemas in all; beyond them anything is accepted, and noted. Default: no limit. */
  readonly nodesMax?: number;
}

/** Levels of nesting: beyond them anything is accepted, and noted. */
const DEPTH_MAX = 64;

export class SchemaNormalizer {
  readonly #options: NormalizerOptions;
  /** Schemas that something was left out of: they accept more than those that were given. */
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
      return this.#anything();
    }
    if (depth > DEPTH_MAX || this.#nodesLeft-- <= 0) {
      this.#add(
        "schema.too_large",
        tokens,
        "The schema is too large or too deep; anything is accepted here.",
      );
      return this.#anything();
    }
    const out: MutableJsonObject = {};
    const refKey = refKeywords.find((key) => member(value, key) !== undefined);
    const ref = refKey === undefined ? undefined : member(value, refKey);
    if (refKey !== undefined && typeof ref === "string") {
      const named = this.#options.refer(ref, [...tokens, refKey]);
      if (named !== null) out.$ref = named;
      else this.loosened.add(out);
      if (this.#options.dialect === "openapi-3.0") {
        for (const key of Object.keys(value)) if (key !== "$ref") this.#ignored(key, tokens);
        return out;
      }
    }
    const whyIgnored = whyNullableIsIgnored(value);
    if (whyIgnored !== null)
      this.#add(
        "schema.nullable_ignored",
        [...tokens, "nullable"],
        `\`nullable\` says nothing ${whyIgnored} (OpenAPI 3.0.3): null is not accepted.`,
      );
    const given = modernize(this.#withExample(value));
    const why = whyDiscriminatorIsLeftOut(member(value, "discriminator"), this.#options.leads);
    if (why !== null)
      this.#add(
        "schema.discriminator_ignored",
        [...tokens, "discriminator"],
        `${why}: the discriminator is left out, and any of the schemas may fit.`,
      );
    // Other schemas may fit beside the one that the discriminator would have selected.
    const isLoosened =
      why !== null && member(given, "oneOf") !== undefined && member(given, "anyOf") === undefined;
    if (isLoosened) this.loosened.add(out);
    for (const name of keywordNames) {
      if (name === "$ref" || (why !== null && name === "discriminator") || (isLoosened && name === "oneOf"))
        continue;
      const key = isLoosened && name === "anyOf" ? "oneOf" : name;
      const raw = member(given, key);
      if (raw === undefined) continue;
      const read = this.#keyword(name, raw, [...tokens, key], depth);
      if (read === undefined) {
        this.#add("schema.keyword_invalid", [...tokens, key], `The value of "${key}" is not valid for it.`);
        if (!annotations.has(name)) this.loosened.add(out);
      } else {
        const usable = name === "pattern" ? this.#usablePattern(read as string, [...tokens, name]) : read;
        if (usable === undefined) this.loosened.add(out);
        else put(out, name, usable);
      }
    }
    for (const key of Object.keys(value)) {
      if (!Object.hasOwn(keywords, key) && !structuralKeywords.has(key) && !olderSpellings.has(key)) {
        this.#dropped(key, tokens);
      }
    }
    return this.#settle(out, tokens);
  }

  #withExample(schema: JsonObject): JsonObject {
    const example = member(schema, "example");
    const value = example === undefined ? undefined : this.#options.example?.(example);
    return value === undefined ? schema : { ...schema, example: value };
  }

  #keyword(name: KeywordName, raw: Json, tokens: readonly string[], depth: number): Json | undefined {
    switch (keywords[name].shape) {
      case "string":
      case "regex":
        return typeof raw === "string" ? wellFormed(raw) : undefined;
      case "boolean":
        return typeof raw === "boolean" ? raw : undefined;
      case "number":
        return isNumber(raw) ? raw : undefined;
      case "positive":
        return isNumber(raw) && raw > 0 ? raw : undefined;
      case "count":
        return isNumber(raw) && Number.isSafeInteger(raw) && raw >= 0 ? raw : undefined;
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
          if (read === undefined) return undefined;
          if (read.length > 0) put(map, wellFormed(key), read);
        }
        return map;
      }
      case "type":
        return types(raw);
      case "object":
        return isObject(raw) ? cleanJson(withoutExtensions(raw)) : undefined;
      case "discriminator":
        return readDiscriminator(raw, (ref, key) => this.#options.refer(ref, [...tokens, "mapping", key]));
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
          const at = [...tokens, key];
          // Instead of an unusable pattern one for every name, which additionalProperties then says nothing of.
          const usable = name === "patternProperties" ? this.#usablePattern(key, at) : key;
          if (usable === undefined) put(map, ".*", this.#anything());
          else put(map, wellFormed(usable), toSchemaObject(this.#schema(item, at, depth + 1)));
        }
        return map;
      }
    }
  }

  /** Instead of a schema that is left out. */
  #anything(): JsonObject {
    const out = {};
    this.loosened.add(out);
    return out;
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
      if (out.const !== undefined && !isOfType(out.const, list)) this.#unsatisfiable("const", list, tokens);
    }
    const allowed = member(out, "enum");
    // The schema of OpenAPI 3.0 wants one value at least.
    if (isArray(allowed) && allowed.length === 0) {
      this.#add("schema.unsatisfiable", [...tokens, "enum"], 'No value fits: "enum" is empty.');
      return { not: {} };
    }
    if (isArray(allowed) && list !== null) {
      const possible = allowed.filter((value) => isOfType(value, list));
      if (possible.length === 0) this.#unsatisfiable("enum", list, tokens);
      else if (possible.length < allowed.length) {
        this.#add(
          "schema.keyword_ignored",
          [...tokens, "enum"],
          "Values of another type than the schema's are never accepted.",
        );
        out.enum = possible;
      }
    }
    // Empty, they say nothing; the schema of OpenAPI 3.0 wants one required name at least.
    for (const name of ["examples", "required", "dependentRequired"] as const) {
      const given = member(out, name);
      if (given !== undefined && Object.keys(given as JsonObject).length === 0) delete out[name];
    }
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

  /** The schema stays as it is, with all that it says to readers: which of the two is meant cannot be told. */
  #unsatisfiable(name: "enum" | "const", types: readonly string[], tokens: readonly string[]): void {
    this.#add(
      "schema.unsatisfiable",
      [...tokens, name],
      `No value fits: the type is ${types.join(" or ")}, and "${name}" has no value of it.`,
    );
  }

  /** Undefined: requests cannot be checked against it. */
  #usablePattern(given: string, tokens: readonly string[]): string | undefined {
    const inMode = regexFault(given);
    const pattern = inMode === null ? given : (inUnicodeMode(given) ?? given);
    const fault = (pattern === given ? inMode : null) ?? this.#options.patternFault?.(pattern) ?? null;
    const shown = JSON.stringify(shortened(given));
    if (fault !== null)
      this.#add(
        "schema.pattern_dropped",
        tokens,
        `The pattern ${shown} is left out: requests cannot be checked against it (${fault}).`,
      );
    else if (pattern !== given)
      this.#add(
        "schema.pattern_respelled",
        tokens,
        `The pattern ${shown} is written as ${JSON.stringify(shortened(pattern))}, which means the same in Unicode mode.`,
      );
    return fault === null ? pattern : undefined;
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

/** Keywords that refuse no value: without them a schema accepts what it accepted. */
const annotations: ReadonlySet<KeywordName> = new Set<KeywordName>([
  "title",
  "description",
  "default",
  "examples",
  "deprecated",
  "readOnly",
  "writeOnly",
  "externalDocs",
  "xml",
  "discriminator",
  "contentEncoding",
  "contentMediaType",
]);

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

/** Null: it is not there, or has an effect. */
function whyNullableIsIgnored(schema: JsonObject): string | null {
  if (member(schema, "nullable") !== true) return null;
  if (member(schema, "type") === undefined) return "without a `type` beside it";
  const allowed = member(schema, "enum");
  return isArray(allowed) && !allowed.includes(null) ? "beside an `enum` without null" : null;
}

/** Some patterns have many thousand characters. */
const SHOWN_PATTERN_CHARS_MAX = 200;

function shortened(pattern: string): string {
  return pattern.length <= SHOWN_PATTERN_CHARS_MAX
    ? pattern
    : `${truncate(pattern, SHOWN_PATTERN_CHARS_MAX)}…`;
}

const refKeywords = ["$ref", "$dynamicRef", "$recursiveRef"] as const;
