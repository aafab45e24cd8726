/** Requests for an operation: ones that fit its schemas as far as can be told from them, and ones with one thing wrong. */
import { type DocumentOperation, isJson, type Json } from "./document-operations.js";
import type { Random } from "./random.js";
import { matching, merge, type Parameter, samples, write } from "./request-parts.js";

export interface GeneratedRequest {
  readonly method: string;
  /** Path and query as they go out. */
  readonly target: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string | null;
  /** What was made wrong; null: nothing. */
  readonly mutation: string | null;
}

interface Draft {
  readonly parameters: { readonly given: Parameter; value: unknown; text?: string }[];
  contentType: string | null;
  /** Of the body. */
  schema: unknown;
  body: unknown;
  hasBody: boolean;
  rawBody: string | null;
}

const ABSENT = Symbol("absent");
const DEPTH_MAX = 5;

export class RequestGenerator {
  readonly #operation: DocumentOperation;
  readonly #random: Random;
  readonly #schemas: Json;
  /** Properties that are left out. */
  readonly #flag: "readOnly" | "writeOnly";
  /** Those that are there all the same, for a mutation. Null: they are left out. */
  #flagged: string[] | null = null;

  constructor(operation: DocumentOperation, random: Random, direction: "request" | "response" = "request") {
    this.#operation = operation;
    this.#random = random;
    this.#flag = direction === "request" ? "readOnly" : "writeOnly";
    this.#schemas = (operation.schemas.schemas ?? {}) as Json;
  }

  valid(): GeneratedRequest {
    return this.#written(this.#draft(), null);
  }

  /** Null: nothing about this operation can be made wrong. */
  mutated(): GeneratedRequest | null {
    const draft = this.#draft();
    const mutation = this.#mutate(draft);
    return mutation === null ? null : this.#written(draft, mutation);
  }

  /** A value of a schema of the operation's document. */
  valueOf(schema: unknown): unknown {
    return this.#value(schema, 0);
  }

  /** The value with one thing wrong with it. */
  mutatedValue(value: unknown): { readonly value: unknown; readonly mutation: string } {
    const draft = { body: structuredClone(value) };
    const mutation = this.#mutateBody(draft);
    return { value: draft.body, mutation };
  }

  #draft(): Draft {
    const random = this.#random;
    const { parameters = [], requestBody } = this.#operation.schemas;
    const draft: Draft = {
      parameters: parameters
        .filter((given) => given.required === true || given.in === "path" || random.chance(0.4))
        .filter(
          (given) => !(given.in === "header" && /^(?:accept|content-type|authorization)$/i.test(given.name)),
        )
        .map((given) => ({ given, value: this.#parameterValue(given) })),
      contentType: null,
      schema: null,
      body: undefined,
      hasBody: false,
      rawBody: null,
    };
    const ranges = Object.keys(requestBody?.content ?? {}).filter((range) => readable(range) !== null);
    if (ranges.length > 0 && (requestBody?.required === true || random.chance(0.7))) {
      const range = random.pick(ranges);
      draft.contentType = readable(range);
      draft.schema = requestBody?.content[range]?.schema ?? {};
      draft.body = this.#value(draft.schema, 0);
      draft.hasBody = true;
    }
    return draft;
  }

  #parameterValue(given: Parameter): unknown {
    const [content] = Object.values(given.content ?? {});
    return this.#value(content?.schema ?? given.schema ?? { type: "string" }, 2);
  }

  // Values.

  #resolved(schema: unknown): Json {
    let at = schema;
    for (let i = 0; i < 20 && isJson(at) && typeof at.$ref === "string"; i++) {
      const { $ref, ...rest } = at;
      const name = decodeURIComponent(String($ref).replace("#/components/schemas/", ""));
      const target = this.#schemas[name] ?? {};
      at = isJson(target) && Object.keys(rest).length > 0 ? { ...target, ...rest } : target;
    }
    return isJson(at) ? at : {};
  }

  /** `allOf` merged, one of `oneOf` or `anyOf` taken. */
  #flat(given: unknown, depth: number): Json {
    const schema = this.#resolved(given);
    if (depth > DEPTH_MAX + 4) return schema;
    const { allOf, oneOf, anyOf, ...own } = schema;
    let merged: Json = own;
    if (Array.isArray(allOf)) for (const part of allOf) merged = merge(merged, this.#flat(part, depth + 1));
    for (const branches of [oneOf, anyOf]) {
      if (!Array.isArray(branches) || branches.length === 0) continue;
      const branch = this.#random.pick(branches as unknown[]);
      let flat = this.#flat(branch, depth + 1);
      const { discriminator } = schema;
      if (isJson(discriminator) && isJson(branch) && typeof branch.$ref === "string") {
        const ref = branch.$ref;
        const property = String(discriminator.propertyName);
        const mapping = Object.entries(isJson(discriminator.mapping) ? discriminator.mapping : {});
        const value =
          mapping.find(([, target]) => target === ref || target === ref.split("/").at(-1))?.[0] ??
          ref.split("/").at(-1) ??
          "";
        const before = isJson(flat.properties) ? flat.properties : {};
        const tag = isJson(before[property]) && ("enum" in before[property] || "const" in before[property]);
        flat = merge(flat, {
          required: [property],
          ...(tag && mapping.length === 0 ? {} : { properties: { [property]: { const: value } } }),
        });
      }
      merged = merge(merged, flat);
    }
    return merged;
  }

  #value(given: unknown, depth: number): unknown {
    const random = this.#random;
    if (given === true || given === undefined) return "any";
    const schema = this.#flat(given, depth);
    if ("const" in schema) return schema.const;
    if (Array.isArray(schema.enum) && schema.enum.length > 0) return random.pick(schema.enum as unknown[]);
    switch (this.#typeOf(schema)) {
      case "integer":
        return this.#number(schema, true);
      case "number":
        return this.#number(schema, false);
      case "boolean":
        return random.chance(0.5);
      case "null":
        return null;
      case "array":
        return this.#array(schema, depth);
      case "object":
        return this.#object(schema, depth);
      default:
        return this.#string(schema);
    }
  }

  #typeOf(schema: Json): string {
    const { type } = schema;
    if (Array.isArray(type)) return String(this.#random.pick(type as unknown[]));
    if (typeof type === "string") return type;
    if ("properties" in schema || "additionalProperties" in schema) return "object";
    return "items" in schema ? "array" : "string";
  }

  #number(schema: Json, isInteger: boolean): number {
    const min = Number(
      schema.minimum ?? (typeof schema.exclusiveMinimum === "number" ? schema.exclusiveMinimum + 1 : 0),
    );
    const max = Number(
      schema.maximum ??
        (typeof schema.exclusiveMaximum === "number" ? schema.exclusiveMaximum - 1 : min + 50),
    );
    const step = typeof schema.multipleOf === "number" ? schema.multipleOf : 1;
    const low = Math.ceil(min / step);
    const value =
      (low + this.#random.upTo(Math.max(0, Math.min(1_000, Math.floor(max / step) - low)))) * step;
    return isInteger || step !== 1 || value + 0.5 > max || this.#random.chance(0.5) ? value : value + 0.5;
  }

  #string(schema: Json): string {
    const random = this.#random;
    const min = Number(schema.minLength ?? 0);
    const max = Number(schema.maxLength ?? Math.max(min, 12));
    const sample = samples[String(schema.format)];
    if (sample !== undefined) return sample;
    if (typeof schema.pattern === "string") return matching(schema.pattern, min, max, random);
    const length = Math.max(min, Math.min(max, 1 + random.upTo(9)));
    let text = "";
    while (text.length < length) text += random.pick(["a", "b", "Z", "7", "-", "_", "e", "t"]);
    return text;
  }

  #array(schema: Json, depth: number): unknown[] {
    const min = Number(schema.minItems ?? (depth > DEPTH_MAX ? 0 : 1));
    const max = Number(schema.maxItems ?? min + 2);
    const length = depth > DEPTH_MAX ? min : min + this.#random.upTo(Math.max(0, Math.min(2, max - min)));
    const prefix = Array.isArray(schema.prefixItems) ? (schema.prefixItems as unknown[]) : [];
    const list = Array.from({ length }, (_, i) => this.#value(prefix[i] ?? schema.items, depth + 1));
    if (schema.uniqueItems !== true) return list;
    return [...new Map(list.map((item) => [JSON.stringify(item), item])).values()];
  }

  #object(schema: Json, depth: number): Json {
    const required = Array.isArray(schema.required) ? (schema.required as string[]) : [];
    const properties = isJson(schema.properties) ? schema.properties : {};
    const object: { [name: string]: unknown } = {};
    for (const [name, property] of Object.entries(properties)) {
      const flat = this.#resolved(property);
      const isFlagged = flat[this.#flag] === true;
      if ((isFlagged && this.#flagged === null) || name === "__proto__") continue;
      if (required.includes(name) || (depth < DEPTH_MAX && this.#random.chance(0.5))) {
        object[name] = this.#value(property, depth + 1);
        if (isFlagged) this.#flagged?.push(name);
      }
    }
    for (const name of required) if (!Object.hasOwn(properties, name)) object[name] = "x";
    if (isJson(schema.additionalProperties) && depth < DEPTH_MAX && this.#random.chance(0.5))
      object.extra = this.#value(schema.additionalProperties, depth + 1);
    return object;
  }

  // What is made wrong.

  #mutate(draft: Draft): string | null {
    const random = this.#random;
    const kinds: (() => string | null)[] = [];
    if (draft.hasBody) {
      kinds.push(
        () => this.#mutateBody(draft),
        () => this.#mutateBody(draft),
        () => {
          draft.hasBody = false;
          return "body left out";
        },
      );
      if (draft.contentType === "application/json")
        kinds.push(() => {
          draft.rawBody = `${JSON.stringify(draft.body)},`;
          return "JSON broken";
        });
      kinds.push(() => this.#sendFlagged(draft));
      kinds.push(() => {
        draft.contentType = "application/x-unheard-of";
        return "content type unknown";
      });
    }
    for (const parameter of draft.parameters) {
      const { given } = parameter;
      if (given.in !== "path")
        kinds.push(() => {
          parameter.value = ABSENT;
          return `${given.in} parameter ${given.name} left out`;
        });
      kinds.push(() => {
        parameter.text = random.pick(["x!", "0", "-1", "true", "1.5", "99999999999", "null"]);
        return `${given.in} parameter ${given.name} is ${parameter.text}`;
      });
      if (given.in === "query")
        kinds.push(() => {
          parameter.text = "";
          return `query parameter ${given.name} is empty`;
        });
    }
    return kinds.length === 0 ? null : random.pick(kinds)();
  }

  /** Null: the body's schema has no such properties. */
  #sendFlagged(draft: Draft): string | null {
    this.#flagged = [];
    draft.body = this.#value(draft.schema, 0);
    const [first] = this.#flagged;
    this.#flagged = null;
    return first === undefined ? null : `${this.#flag} property ${first} is sent`;
  }

  #mutateBody(draft: Pick<Draft, "body">): string {
    const random = this.#random;
    const places: { readonly of: { [key: string]: unknown }; readonly key: string; readonly path: string }[] =
      [];
    const visit = (value: unknown, path: string): void => {
      if (typeof value !== "object" || value === null) return;
      for (const [key, item] of Object.entries(value)) {
        places.push({ of: value as { [key: string]: unknown }, key, path: `${path}/${key}` });
        visit(item, `${path}/${key}`);
      }
    };
    visit(draft.body, "");
    if (places.length === 0 || random.chance(0.1)) {
      draft.body = random.pick<unknown>([[], "text", 5, null, {}]);
      return `body is ${JSON.stringify(draft.body)}`;
    }
    const { of, key, path } = random.pick(places);
    if (random.chance(0.3) && !Array.isArray(of)) {
      delete of[key];
      return `${path} left out`;
    }
    if (random.chance(0.15) && !Array.isArray(of)) {
      of.unheardOf = 1;
      return `${path} has a neighbor that is not described`;
    }
    of[key] = random.pick<unknown>([null, "text!", 5, -7.5, true, [], {}, ["x"], { x: 1 }, 1e15]);
    return `${path} is ${JSON.stringify(of[key])}`;
  }

  // As it goes out.

  #written(draft: Draft, mutation: string | null): GeneratedRequest {
    const headers: { [name: string]: string } = {};
    const query: string[] = [];
    const cookies: string[] = [];
    let path = this.#operation.path;
    for (const { given, value, text } of draft.parameters) {
      if (value === ABSENT) continue;
      const isEncoded = given.in === "path" || given.in === "query";
      const encode = isEncoded ? encodeURIComponent : given.in === "cookie" ? encodeURIComponent : String;
      const styled =
        text === undefined
          ? write(given, value, encode)
          : given.in === "query"
            ? [`${encodeURIComponent(given.name)}=${encode(text)}`]
            : [encode(text)];
      switch (given.in) {
        case "path":
          path = path.replace(
            `{${given.name}}`,
            styled[0] === undefined || styled[0] === "" ? "x" : styled[0],
          );
          break;
        case "query":
          query.push(...styled);
          break;
        case "header":
          if (styled[0] !== undefined) headers[given.name.toLowerCase()] = styled[0];
          break;
        case "cookie":
          if (styled[0] !== undefined) cookies.push(`${given.name}=${styled[0].replace(/^[^=]*=/, "")}`);
      }
    }
    if (cookies.length > 0) headers.cookie = cookies.join("; ");
    let body: string | null = null;
    if (draft.hasBody && draft.contentType !== null) {
      headers["content-type"] = draft.contentType;
      body = draft.rawBody ?? writeBody(draft.contentType, draft.body);
      if (draft.contentType === "multipart/form-data")
        headers["content-type"] = `multipart/form-data; boundary=${BOUNDARY}`;
    }
    return {
      method: this.#operation.method,
      target: query.length === 0 ? path : `${path}?${query.join("&")}`,
      headers,
      body,
      mutation,
    };
  }
}

const BOUNDARY = "----latchkeycomparison";

/** A content type of the range whose bodies are written here. */
function readable(range: string): string | null {
  const essence = (range.split(";")[0] ?? "").trim().toLowerCase();
  if (essence === "*/*" || essence === "application/*") return "application/json";
  if (essence === "application/json" || essence.endsWith("+json")) return essence.replace("*", "x");
  return essence === "application/x-www-form-urlencoded" || essence === "multipart/form-data"
    ? essence
    : null;
}

function writeBody(type: string, body: unknown): string {
  const entries = isJson(body) ? Object.entries(body) : [];
  const texts = entries.flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map(
      (item) => [name, typeof item === "object" ? JSON.stringify(item) : String(item)] as const,
    ),
  );
  if (type === "application/x-www-form-urlencoded")
    return texts.map(([name, text]) => `${encodeURIComponent(name)}=${encodeURIComponent(text)}`).join("&");
  if (type !== "multipart/form-data") return JSON.stringify(body);
  const parts = texts.map(
    ([name, text]) => `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`,
  );
  return `${parts.join("")}--${BOUNDARY}--\r\n`;
}
