/**
 * What an OpenAPI document means, as facts by semantic path: references resolved, defaults filled in, 3.0 in the words of
 * 3.1. Written without anything of @latchkey/openapi, to judge it by.
 */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

export interface Fact {
  readonly value: string;
  /** Where the document says so. */
  readonly pointer: string;
}

export type Facts = Map<string, Fact>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const token = (key: string | number): string => String(key).replace(/~/g, "~0").replace(/\//g, "~1");

interface At {
  readonly value: Json | undefined;
  readonly pointer: string;
}

export class SemanticView {
  readonly #document: JsonObject;
  readonly #is30: boolean;
  readonly #facts: Facts = new Map();

  constructor(document: JsonObject) {
    this.#document = document;
    this.#is30 = String(document.openapi).startsWith("3.0");
  }

  /** Facts of one operation. */
  operation(path: string, method: string): Facts {
    this.#facts.clear();
    const item = this.#deref(this.#at(["paths", path]));
    const operation = this.#deref(child(item, method));
    for (const key of ["summary", "description", "deprecated"]) this.#say(key, child(operation, key));
    this.#say("tags", child(operation, "tags"));
    this.#say("externalDocs", child(operation, "externalDocs"));
    for (const parameter of this.#parameters(item, operation)) this.#parameter(parameter);
    this.#body(this.#deref(child(operation, "requestBody")));
    const responses = child(operation, "responses");
    for (const status of keysOf(responses)) this.#response(status, this.#deref(child(responses, status)));
    return new Map(this.#facts);
  }

  /** Facts of one shared schema. */
  schema(name: string): Facts {
    this.#facts.clear();
    this.#schema("schema", this.#at(["components", "schemas", name]));
    return new Map(this.#facts);
  }

  #parameters(item: At, operation: At): readonly At[] {
    const byKey = new Map<string, At>();
    for (const owner of [item, operation]) {
      const list = child(owner, "parameters");
      for (const index of keysOf(list)) {
        const parameter = this.#deref(child(list, index));
        if (!isObject(parameter.value)) continue;
        byKey.set(`${parameter.value.in} ${parameter.value.name}`, parameter);
      }
    }
    return [...byKey.values()];
  }

  #parameter(at: At): void {
    const parameter = at.value as JsonObject;
    const place = String(parameter.in);
    const path = `parameters|${place} ${parameter.name}`;
    const style = parameter.style ?? (place === "query" || place === "cookie" ? "form" : "simple");
    this.#put(`${path}|required`, place === "path" || parameter.required === true, at);
    this.#put(`${path}|style`, style, at, "style");
    this.#put(`${path}|explode`, parameter.explode ?? style === "form", at, "explode");
    for (const key of ["description", "deprecated", "allowEmptyValue", "allowReserved"])
      this.#say(`${path}|${key}`, child(at, key));
    this.#value(path, at);
  }

  #value(path: string, at: At): void {
    this.#examples(path, at);
    if (child(at, "schema").value !== undefined) this.#schema(`${path}|schema`, child(at, "schema"));
    this.#content(path, child(at, "content"));
  }

  #body(at: At): void {
    if (!isObject(at.value)) return;
    this.#put("requestBody|required", at.value.required === true, at, "required");
    this.#say("requestBody|description", child(at, "description"));
    this.#content("requestBody", child(at, "content"));
  }

  #response(status: string, at: At): void {
    if (!isObject(at.value) || status.startsWith("x-")) return;
    const path = `responses|${status.toUpperCase() === "DEFAULT" ? status : status.toUpperCase()}`;
    this.#put(path, true, at);
    this.#say(`${path}|description`, child(at, "description"));
    const links = child(at, "links");
    this.#say(`${path}|links`, links);
    const headers = child(at, "headers");
    for (const name of keysOf(headers)) {
      const header = this.#deref(child(headers, name));
      if (!isObject(header.value)) continue;
      const to = `${path}|headers|${name}`;
      this.#put(`${to}|required`, header.value.required === true, header, "required");
      for (const key of ["description", "deprecated"]) this.#say(`${to}|${key}`, child(header, key));
      this.#value(to, header);
    }
    this.#content(path, child(at, "content"));
  }

  #content(path: string, content: At): void {
    for (const type of keysOf(content)) {
      const media = child(content, type);
      const to = `${path}|content|${type}`;
      this.#put(to, true, media);
      this.#examples(to, media);
      if (child(media, "schema").value !== undefined) this.#schema(`${to}|schema`, child(media, "schema"));
      const encoding = child(media, "encoding");
      for (const name of keysOf(encoding)) this.#say(`${to}|encoding|${name}`, child(encoding, name));
    }
  }

  #examples(path: string, at: At): void {
    this.#say(`${path}|example`, child(at, "example"));
    const examples = child(at, "examples");
    for (const name of keysOf(examples)) {
      const example = this.#deref(child(examples, name));
      for (const key of ["summary", "description", "value", "externalValue"])
        this.#say(`${path}|examples|${name}|${key}`, child(example, key));
    }
  }

  #schema(path: string, at: At): void {
    const { value } = at;
    this.#put(path, isObject(value) || (value === false ? "nothing" : "anything"), at);
    if (!isObject(value)) return;
    if (typeof value.$ref === "string") {
      this.#put(`${path}|$ref`, value.$ref.split("/").at(-1) ?? "", at, "$ref");
      if (this.#is30) {
        for (const key of keysOf(at)) if (key !== "$ref") this.#say(`${path}|${key}`, child(at, key));
        return;
      }
    }
    for (const key of keysOf(at)) {
      const to = `${path}|${key}`;
      const one = child(at, key);
      if (key === "$ref") continue;
      if (schemaMaps.has(key))
        for (const name of keysOf(one)) this.#schema(`${to}|${name}`, child(one, name));
      else if (schemaLists.has(key))
        for (const index of keysOf(one)) this.#schema(`${to}|${index}`, child(one, index));
      else if (schemas.has(key)) {
        if (typeof one.value === "boolean") this.#put(to, one.value ? "anything" : "nothing", one);
        else this.#schema(to, one);
      } else this.#keyword(path, key, one, value);
    }
  }

  #keyword(path: string, key: string, at: At, schema: JsonObject): void {
    const put = (value: Json, name = key): void => this.#put(`${path}|${name}`, value, at);
    if (key === "type") {
      const types = [...new Set([schema.type].flat())].map(String);
      // Beside an enum without null it says nothing.
      const admitsNull = !Array.isArray(schema.enum) || schema.enum.includes(null);
      if (schema.nullable === true && admitsNull && !types.includes("null")) types.push("null");
      put(types.sort());
    } else if (key === "nullable") {
      // It says something beside a type only.
      if (schema.type === undefined && at.value === true) put(true);
    } else if (key === "required" || key === "enum") {
      if (Array.isArray(at.value) && at.value.length > 0)
        put([...new Set(at.value.map((one) => JSON.stringify(one)))].sort());
    } else if (key === "exclusiveMinimum" || key === "exclusiveMaximum") {
      if (typeof at.value !== "boolean") put(at.value as Json);
    } else if (key === "minimum" || key === "maximum") {
      const exclusive = key === "minimum" ? "exclusiveMinimum" : "exclusiveMaximum";
      put(at.value as Json, schema[exclusive] === true ? exclusive : key);
    } else if (key === "example") {
      if (schema.examples === undefined) put([at.value as Json], "examples");
    } else if (key === "discriminator") {
      const { propertyName = null, mapping = {} } = at.value as JsonObject;
      const names = Object.entries(mapping as JsonObject).map(([name, ref]) => [
        name,
        String(ref).split("/").at(-1) ?? "",
      ]);
      put([propertyName, names.sort()]);
    } else this.#say(`${path}|${key}`, at);
  }

  /** A fact, unless it says no more than its absence. */
  #say(path: string, at: At): void {
    const { value } = at;
    if (value === undefined || value === false || value === "" || path.split("|").at(-1)?.startsWith("x-")) {
      if (value !== undefined && path.split("|").at(-1)?.startsWith("x-")) this.#put(path, value, at);
      return;
    }
    if (Array.isArray(value) && value.length === 0) return;
    if (isObject(value) && Object.keys(value).length === 0) return;
    this.#put(path, value, at);
  }

  #put(path: string, value: Json, at: At, key?: string): void {
    const pointer =
      key !== undefined && isObject(at.value) && key in at.value ? `${at.pointer}/${token(key)}` : at.pointer;
    this.#facts.set(path, { value: canonical(value), pointer });
  }

  #at(tokens: readonly string[]): At {
    let at: At = { value: this.#document, pointer: "" };
    for (const one of tokens) at = child(at, one);
    return at;
  }

  #deref(at: At): At {
    let found = at;
    for (let hops = 0; hops < 16; hops++) {
      const ref = isObject(found.value) ? found.value.$ref : undefined;
      if (typeof ref !== "string" || !ref.startsWith("#/")) return found;
      found = this.#at(
        ref
          .slice(2)
          .split("/")
          .map((one) => decodeURIComponent(one).replace(/~1/g, "/").replace(/~0/g, "~")),
      );
    }
    return found;
  }
}

const schemaMaps = new Set(["properties", "patternProperties", "dependentSchemas", "$defs"]);
const schemaLists = new Set(["allOf", "anyOf", "oneOf", "prefixItems"]);
const schemas = new Set([
  "items",
  "not",
  "if",
  "then",
  "else",
  "contains",
  "additionalProperties",
  "propertyNames",
  "unevaluatedProperties",
  "unevaluatedItems",
]);

function child({ value, pointer }: At, key: string | number): At {
  const inner = isObject(value)
    ? Object.hasOwn(value, String(key))
      ? value[String(key)]
      : undefined
    : Array.isArray(value)
      ? (value as readonly Json[])[Number(key)]
      : undefined;
  return { value: inner, pointer: `${pointer}/${token(key)}` };
}

function keysOf({ value }: At): readonly string[] {
  return isObject(value) || Array.isArray(value) ? Object.keys(value as object) : [];
}

/** JSON with members in one order. */
function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(canonical).join()}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key] as Json)}`);
  return `{${members.join()}}`;
}
