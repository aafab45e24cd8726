/**
 * A schema as requests, or responses, are held to it, with all that it refers to: a copy for the compiler. Reads what
 * OpenAPI adds to JSON Schema (`readOnly` and `writeOnly` beside `required`, `discriminator`), and leaves out what checks
 * nothing. Never changes what it is given.
 */
import { pointerToken } from "@latchkey/core";
import {
  decodedToken,
  inPlaceKeywords,
  isObject,
  type JsonObject,
  repeatedKeywords,
  repeatedMapKeywords,
  schemaKeywords,
  schemaListKeywords,
  schemaMapKeywords,
  setMember,
  targetOf,
} from "./schema-keywords.js";

/** `readOnly` properties are not demanded of requests, `writeOnly` ones not of responses (OpenAPI 3.0.3, Schema Object). */
export type Direction = "request" | "response";

/** Keywords that no instance is held to. */
const annotations: ReadonlySet<string> = new Set([
  "title",
  "description",
  "default",
  "example",
  "examples",
  "deprecated",
  "externalDocs",
  "xml",
  "$comment",
]);

/** Copies of one shared schema that differ in what they demand: far more than documents have. */
const VARIANTS_MAX = 200;

const none: ReadonlySet<string> = new Set();

/** @param schemas what `#/components/schemas/<name>` leads to */
export function schemaView(schema: unknown, schemas: JsonObject | undefined, direction: Direction): unknown {
  return isObject(schema) ? new SchemaView(schema, schemas ?? {}, direction).view : schema;
}

/**
 * Values that a schema and all that it refers to hold, annotations left out; Infinity when they are more than `max`.
 * Costs no more than `max` steps.
 */
export function reachableSize(schema: unknown, schemas: JsonObject | undefined, max: number): number {
  const root = { ...(isObject(schema) ? schema : {}), components: { schemas: schemas ?? {} } };
  const seen = new Set<unknown>();
  const waiting: unknown[] = [schema];
  let size = 0;
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (++size > max) return Number.POSITIVE_INFINITY;
    if (typeof next !== "object" || next === null || seen.has(next)) continue;
    seen.add(next);
    if (Array.isArray(next)) {
      for (let i = 0; i < next.length && i <= max; i++) waiting.push(next[i]);
      continue;
    }
    for (const [key, value] of Object.entries(next)) {
      if (annotations.has(key) && !isObject(value)) continue;
      waiting.push(value);
      if (key !== "$ref") continue;
      const target = targetOf(root, value);
      if (target !== undefined && target !== root) waiting.push(target);
    }
  }
  return size;
}

/** Where a reference leads that names a shared schema as a whole. */
interface SharedName {
  readonly container: "components" | "$defs";
  readonly name: string;
}

class SchemaView {
  readonly view: JsonObject;
  readonly #root: JsonObject;
  readonly #flag: "readOnly" | "writeOnly";
  readonly #components: { [name: string]: unknown } = {};
  readonly #defs: { [name: string]: unknown } = {};
  /** References whose shared schema is copied, to the reference to the copy. */
  readonly #copied = new Map<string, string>();
  #variants = 0;
  readonly #flagged = new WeakMap<JsonObject, ReadonlySet<string>>();

  constructor(schema: JsonObject, schemas: JsonObject, direction: Direction) {
    this.#root = { ...schema, components: { schemas } };
    this.#flag = direction === "request" ? "readOnly" : "writeOnly";
    const view = this.#copy(schema, none) as { [key: string]: unknown };
    delete view.components;
    if (Object.keys(this.#defs).length > 0) view.$defs = { ...(view.$defs as JsonObject), ...this.#defs };
    if (Object.keys(this.#components).length > 0) view.components = { schemas: this.#components };
    this.view = view;
  }

  /** @param exempt properties of the instance that are not demanded, by what the schemas around this one say */
  #copy(schema: unknown, exempt: ReadonlySet<string>): unknown {
    if (!isObject(schema)) return schema;
    const own = this.#flaggedNames(schema, new Set());
    this.#flagged.set(schema, own);
    const names = own.size === 0 ? exempt : new Set([...exempt, ...own]);
    const selection = this.#selection(schema);
    const out: { [key: string]: unknown } = {};
    for (const [key, value] of Object.entries(schema)) {
      if (annotations.has(key) || key === "discriminator") continue;
      if (key === selection?.keyword) continue;
      if (key === "$ref" || key === "$dynamicRef") out[key] = this.#reference(value, names);
      else if (key === "required" && Array.isArray(value))
        out[key] = names.size === 0 ? value : value.filter((name) => !names.has(name as string));
      else setMember(out, key, this.#copyKeyword(key, value, inPlaceKeywords.has(key) ? names : none));
    }
    if (selection === null) return out;
    const cases = selection.cases.map((schema) => this.#copy(schema, names));
    return { ...out, allOf: [...(Array.isArray(out.allOf) ? out.allOf : []), ...cases] };
  }

  #copyKeyword(key: string, value: unknown, exempt: ReadonlySet<string>): unknown {
    if (repeatedKeywords.has(key) || schemaKeywords.has(key) || schemaListKeywords.has(key))
      return Array.isArray(value) ? value.map((item) => this.#copy(item, exempt)) : this.#copy(value, exempt);
    if (!(schemaMapKeywords.has(key) || repeatedMapKeywords.has(key)) || !isObject(value)) return value;
    const map: { [key: string]: unknown } = {};
    for (const [name, item] of Object.entries(value)) setMember(map, name, this.#copy(item, exempt));
    return map;
  }

  /** Takes along what the reference leads to. */
  #reference(ref: unknown, exempt: ReadonlySet<string>): unknown {
    if (typeof ref !== "string") return ref;
    const shared = sharedNameOf(ref);
    if (shared === null) {
      // Into a shared schema, or into this one.
      const [, container, middle, name] = /^#\/(components)\/(schemas)\/([^/]+)/.exec(ref) ?? [];
      if (container !== undefined && middle !== undefined && name !== undefined)
        this.#reference(`#/components/schemas/${name}`, none);
      return ref;
    }
    const target = targetOf(this.#root, ref);
    if (target === undefined) return ref;
    const wanted = exempt.size === 0 ? [] : this.#demandedOf(target, exempt);
    const key = wanted.length === 0 || this.#variants >= VARIANTS_MAX ? ref : `${ref} ${wanted.join()}`;
    const known = this.#copied.get(key);
    if (known !== undefined) return known;
    if (key === ref) {
      this.#copied.set(key, ref);
      // `$defs` of the root are copied with it.
      if (shared.container === "components")
        setMember(this.#components, shared.name, this.#copy(target, none));
      return ref;
    }
    const name = this.#freeName(shared.name);
    const copy = `#/${shared.container === "$defs" ? "$defs" : "components/schemas"}/${encodeURIComponent(name)}`;
    this.#copied.set(key, copy);
    setMember(
      shared.container === "$defs" ? this.#defs : this.#components,
      name,
      this.#copy(target, new Set(wanted)),
    );
    return copy;
  }

  #freeName(name: string): string {
    for (;;) {
      const free = `${name}.${++this.#variants}`;
      const taken = ["components/schemas", "$defs"].some(
        (container) => targetOf(this.#root, `#/${container}/${encodeURIComponent(free)}`) !== undefined,
      );
      if (!taken) return free;
    }
  }

  /** Those of the names that a schema demands of the instance itself, sorted. */
  #demandedOf(schema: unknown, names: ReadonlySet<string>): string[] {
    const found = new Set<string>();
    const waiting = [schema];
    const seen = new Set<unknown>();
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (!isObject(next) || seen.has(next)) continue;
      seen.add(next);
      if (Array.isArray(next.required))
        for (const name of next.required as unknown[])
          if (typeof name === "string" && names.has(name)) found.add(name);
      waiting.push(targetOf(this.#root, next.$ref) ?? null);
      for (const key of inPlaceKeywords) {
        const value = next[key];
        if (Array.isArray(value)) waiting.push(...(value as unknown[]));
        else if (key === "dependentSchemas" && isObject(value)) waiting.push(...Object.values(value));
        else waiting.push(value ?? null);
      }
    }
    return [...found].sort();
  }

  /** Properties that the schema, or one that it refers to or is made of, gives the flag. */
  #flaggedNames(schema: unknown, seen: Set<unknown>): ReadonlySet<string> {
    const names = new Set<string>();
    if (!isObject(schema) || seen.has(schema)) return names;
    const known = this.#flagged.get(schema);
    if (known !== undefined) return known;
    seen.add(schema);
    if (isObject(schema.properties))
      for (const [name, property] of Object.entries(schema.properties))
        if (this.#hasFlag(property, new Set())) names.add(name);
    const parts = [targetOf(this.#root, schema.$ref), ...(Array.isArray(schema.allOf) ? schema.allOf : [])];
    for (const part of parts as unknown[]) for (const name of this.#flaggedNames(part, seen)) names.add(name);
    return names;
  }

  #hasFlag(schema: unknown, seen: Set<unknown>): boolean {
    if (!isObject(schema) || seen.has(schema)) return false;
    seen.add(schema);
    if (schema[this.#flag] === true) return true;
    const parts = [targetOf(this.#root, schema.$ref), ...(Array.isArray(schema.allOf) ? schema.allOf : [])];
    return (parts as unknown[]).some((part) => this.#hasFlag(part, seen));
  }

  /**
   * What stands for `oneOf` or `anyOf` where a discriminator says which of its schemas is meant. Null where it does not:
   * a schema among them that has no name, or one value for two of them.
   */
  #selection(schema: JsonObject): { keyword: "oneOf" | "anyOf"; cases: JsonObject[] } | null {
    const { discriminator } = schema;
    if (!isObject(discriminator) || typeof discriminator.propertyName !== "string") return null;
    const property = discriminator.propertyName;
    const keyword = Array.isArray(schema.oneOf) ? "oneOf" : "anyOf";
    const branches = schema[keyword];
    if (!Array.isArray(branches) || branches.length === 0) return null;
    const values = new Set<string>();
    const cases: JsonObject[] = [];
    for (const branch of branches as unknown[]) {
      if (!isObject(branch) || typeof branch.$ref !== "string" || !isBareReference(branch)) return null;
      const own = this.#valuesOf(branch.$ref, property, discriminator.mapping);
      if (own === null || own.some((value) => values.has(value))) return null;
      for (const value of own) values.add(value);
      cases.push({
        if: { type: "object", required: [property], properties: memberOf(property, { enum: own }) },
        // biome-ignore lint/suspicious/noThenProperty: the keyword's name
        then: { $ref: branch.$ref },
      });
    }
    const any = {
      type: "object",
      required: [property],
      properties: memberOf(property, { enum: [...values] }),
    };
    return { keyword, cases: [any, ...cases] };
  }

  /** Values of the discriminator that mean a shared schema: those mapped to it, else those it takes, else its name. */
  #valuesOf(ref: string, property: string, mapping: unknown): string[] | null {
    const shared = sharedNameOf(ref);
    if (shared === null) return null;
    const mapped = Object.entries(isObject(mapping) ? mapping : {})
      .filter(([, target]) => target === ref || target === shared.name)
      .map(([value]) => value);
    if (mapped.length > 0) return mapped;
    const taken = this.#textsOf(targetOf(this.#root, ref), property, new Set());
    return taken ?? [shared.name];
  }

  /** The texts that a schema names for a property, by `const` or `enum`. */
  #textsOf(schema: unknown, property: string, seen: Set<unknown>): string[] | null {
    if (!isObject(schema) || seen.has(schema)) return null;
    seen.add(schema);
    const own = isObject(schema.properties) ? schema.properties[property] : undefined;
    if (isObject(own)) {
      const list: unknown[] = Array.isArray(own.enum) ? own.enum : "const" in own ? [own.const] : [];
      if (list.length > 0 && list.every((item) => typeof item === "string")) return list as string[];
    }
    const parts = [targetOf(this.#root, schema.$ref), ...(Array.isArray(schema.allOf) ? schema.allOf : [])];
    for (const part of parts as unknown[]) {
      const found = this.#textsOf(part, property, seen);
      if (found !== null) return found;
    }
    return null;
  }
}

function memberOf(name: string, value: unknown): JsonObject {
  const object: { [key: string]: unknown } = {};
  setMember(object, name, value);
  return object;
}

function isBareReference(schema: JsonObject): boolean {
  return Object.keys(schema).every((key) => key === "$ref" || annotations.has(key));
}

function sharedNameOf(ref: string): SharedName | null {
  const [, container, name] = /^#\/(components\/schemas|\$defs)\/([^/]+)$/.exec(ref) ?? [];
  if (container === undefined || name === undefined) return null;
  return { container: container === "$defs" ? "$defs" : "components", name: decodedToken(name) };
}

/** Names of properties that a schema holds, as tokens of a pointer. */
export function namesIn(schema: unknown): Set<string> {
  const names = new Set<string>();
  const waiting: unknown[] = [schema];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next !== "object" || next === null) continue;
    for (const [key, value] of Object.entries(next)) {
      if (key === "properties" && isObject(value))
        for (const name of Object.keys(value)) names.add(pointerToken(name));
      if (key === "required" && Array.isArray(value))
        for (const name of value as unknown[]) names.add(pointerToken(String(name)));
      waiting.push(value);
    }
  }
  return names;
}

/**
 * Names of shared schemas that a value refers to itself, anywhere in it and by discriminators; a name may come more than
 * once.
 */
export function sharedReferencesIn(value: unknown): readonly string[] {
  const names: string[] = [];
  const add = (ref: unknown): void => {
    const [, token] = typeof ref === "string" ? (/^#\/components\/schemas\/([^/]+)/.exec(ref) ?? []) : [];
    if (token !== undefined) names.push(decodedToken(token));
  };
  const waiting: unknown[] = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next !== "object" || next === null) continue;
    for (const [key, item] of Object.entries(next)) {
      if (key === "$ref" || key === "$dynamicRef") add(item);
      else if (key === "discriminator" && isObject(item) && isObject(item.mapping))
        for (const ref of Object.values(item.mapping)) add(ref);
      else waiting.push(item);
    }
  }
  return names;
}
