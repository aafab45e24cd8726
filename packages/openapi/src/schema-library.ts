/**
 * The shared schemas of a document in normal form, under the names that they have there: every reference that a schema
 * of the document makes becomes `#/components/schemas/<name>`. What is referred to elsewhere gets a name. Follows no
 * reference out of the document.
 */
import { isObject, type Json, pointerOf, pointerTokens, valueAt } from "./json.js";
import type { JsonSchema } from "./read-model.js";
import { breakCycles } from "./schema-bundle.js";
import { decodeFragment, SchemaIdentifiers } from "./schema-identifiers.js";
import { type SchemaDialect, SchemaNormalizer } from "./schema-normalizer.js";
import type { SchemaNote } from "./schema-note.js";
import { sharedExampleAt } from "./shared-example.js";

export interface LibrarySource {
  /** What references are resolved against. */
  readonly document: Json;
  readonly dialect: SchemaDialect;
  /** Names under `components.schemas` that are left out. */
  readonly without?: ReadonlySet<string>;
  /** Called with the place of every schema that is read. */
  readonly onRead?: (tokens: readonly string[]) => void;
  /** Why a pattern cannot be checked, or null. Such a pattern is left out. Default: all can. */
  readonly patternFault?: (pattern: string) => string | null;
}

interface Target {
  readonly tokens: readonly string[];
  readonly value: Json;
  readonly key: string;
}

const PREFIX = "#/components/schemas/";
const NAME_CHARS_MAX = 120;

/** The name that a reference in a schema of the model leads to; null when it is another reference. */
export function sharedName(ref: string): string | null {
  return ref.startsWith(PREFIX) ? ref.slice(PREFIX.length) : null;
}

export function refTo(name: string): string {
  return PREFIX + name;
}

export class SchemaLibrary {
  readonly #source: LibrarySource;
  readonly #note: (note: SchemaNote) => void;
  readonly #normalizer: SchemaNormalizer;
  readonly #identifiers: SchemaIdentifiers;
  /** Pointer of a schema, or place in an inline one → its name. */
  readonly #names = new Map<string, string>();
  readonly #places = new Map<string, string>();
  readonly #taken = new Set<string>();
  readonly #queue: {
    readonly name: string;
    readonly tokens: readonly string[];
    readonly value: Json;
    readonly local: { readonly tokens: readonly string[]; readonly value: Json };
  }[] = [];
  readonly #schemas = new Map<string, JsonSchema>();
  /** The inline schema that is being read: `#/$defs/…` of it are its own. */
  #local: { readonly tokens: readonly string[]; readonly value: Json } | null = null;

  constructor(source: LibrarySource, note: (note: SchemaNote) => void) {
    this.#source = source;
    this.#note = note;
    this.#identifiers = new SchemaIdentifiers(source.document);
    this.#normalizer = new SchemaNormalizer({
      dialect: source.dialect,
      refer: (ref, tokens) => this.#refer(ref, tokens),
      leads: (ref) => this.#targetOf(ref) !== null,
      example: (literal) => {
        const at = sharedExampleAt(literal);
        return at === null ? undefined : valueAt(this.#source.document, at);
      },
      note,
      ...(source.patternFault === undefined ? {} : { patternFault: source.patternFault }),
    });
    const schemas = valueAt(source.document, ["components", "schemas"]);
    if (!isObject(schemas)) return;
    for (const [key, value] of Object.entries(schemas)) {
      if (source.without?.has(key) !== true) this.#name(["components", "schemas", key], value);
    }
    this.#drain();
  }

  /** Schemas that accept more than in the document, because a pattern was left out. */
  get loosened(): WeakSet<object> {
    return this.#normalizer.loosened;
  }

  /** A schema that stands at these tokens, with the definitions that it brings along. */
  read(value: Json, tokens: readonly string[]): JsonSchema {
    this.#source.onRead?.(tokens);
    this.#local = { tokens, value };
    const schema = this.#normalizer.normalize(value, tokens);
    this.#local = null;
    this.#drain();
    return schema;
  }

  /** By name, in code-unit order; none of them only refers to itself. */
  schemas(): Map<string, JsonSchema> {
    const byRef = new Map([...this.#schemas].map(([name, schema]) => [refTo(name), schema]));
    breakCycles(byRef);
    const entries = [...byRef].map(([ref, schema]) => [sharedName(ref) as string, schema] as const);
    return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Where each of them was read. */
  pointers(): ReadonlyMap<string, string> {
    return this.#places;
  }

  #drain(): void {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      this.#source.onRead?.(next.tokens);
      this.#local = next.local;
      this.#schemas.set(next.name, this.#normalizer.normalize(next.value, next.tokens));
    }
    this.#local = null;
  }

  #refer(ref: string, tokens: readonly string[]): string | null {
    const target = this.#targetOf(ref) ?? this.#identified(ref, tokens);
    if (target === null) {
      if (ref.startsWith("#"))
        this.#add("schema.ref_unresolved", tokens, "The reference leads to no schema.");
      else this.#add("schema.ref_remote", tokens, "References to other documents are never fetched.");
      return null;
    }
    const known = this.#names.get(target.key);
    return refTo(known ?? this.#name(target.tokens, target.value, target.key));
  }

  #targetOf(ref: string): Target | null {
    const to = ref.startsWith("#") ? pointerTokens(decodeFragment(ref.slice(1))) : null;
    return to === null ? null : this.#find(to);
  }

  /** What `$id` and anchors lead to, which OpenAPI 3.0 does not have. */
  #identified(ref: string, tokens: readonly string[]): Target | null {
    const to = this.#source.dialect === "2020-12" ? this.#identifiers.find(ref, tokens) : null;
    return to === null ? null : this.#find(to);
  }

  #find(to: readonly string[]): Target | null {
    const value = to.length === 0 ? undefined : valueAt(this.#source.document, to);
    if (isSchema(value)) return { tokens: to, value, key: pointerOf(to) };
    if (this.#local === null) return null;
    const local = valueAt(this.#local.value, to);
    // Equal schemas in several places share their definitions.
    return isSchema(local)
      ? {
          tokens: [...this.#local.tokens, ...to],
          value: local,
          key: `${pointerOf(to)} of ${JSON.stringify(this.#local.value)}`,
        }
      : null;
  }

  #name(tokens: readonly string[], value: Json, key = pointerOf(tokens)): string {
    const isLocal = key !== pointerOf(tokens);
    const wanted = wantedName(tokens);
    let name = wanted;
    for (let n = 2; this.#taken.has(name); n++) name = `${wanted}-${n}`;
    this.#taken.add(name);
    this.#names.set(key, name);
    this.#places.set(name, pointerOf(tokens));
    this.#queue.push({
      name,
      tokens,
      value,
      local: isLocal && this.#local !== null ? this.#local : { tokens, value },
    });
    if (isShared(tokens) && name !== tokens[2])
      this.#add("schema.renamed", tokens, `The schema is named ${name} here.`);
    return name;
  }

  #add(code: SchemaNote["code"], tokens: readonly string[], message: string): void {
    this.#note({ code, pointer: pointerOf(tokens), message });
  }
}

function isShared(tokens: readonly string[]): boolean {
  return tokens.length === 3 && tokens[0] === "components" && tokens[1] === "schemas";
}

function wantedName(tokens: readonly string[]): string {
  const last = tokens.at(-1) ?? "";
  const isNamed = ["$defs", "definitions"].includes(tokens.at(-2) ?? "");
  const inShared = tokens[0] === "components" && tokens[1] === "schemas";
  const text = inShared
    ? tokens.slice(2).join(".")
    : isNamed || tokens.length < 2
      ? last
      : tokens.slice(-2).join("-");
  return text.replace(/[^A-Za-z0-9._-]+/g, "_").slice(0, NAME_CHARS_MAX) || "schema";
}

function isSchema(value: Json | undefined): value is Json {
  return isObject(value) || typeof value === "boolean";
}
