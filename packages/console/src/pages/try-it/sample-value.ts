/** A value that a JSON Schema allows in a request, to start a body from: examples and defaults first. Pure; ends at cycles. */
import type { Schema } from "../openapi/openapi-types.js";
import { resolveRef } from "../openapi/resolve-ref.js";

const DEPTH_MAX = 8;
const ITEMS_MAX = 8;
/** Wide schemas that lead to each other would make millions. */
const VALUES_MAX = 500;

const textByFormat: Readonly<Record<string, string>> = {
  date: "2025-01-31",
  "date-time": "2025-01-31T12:00:00Z",
  time: "12:00:00Z",
  email: "name@example.com",
  uuid: "3fa85f64-5717-4562-b3fc-2c963f66afa6",
  uri: "https://example.com",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
};

/** `document` is what references lead into. Undefined: the schema says nothing, or leads back into itself. */
export function sampleValue(document: unknown, schema: Schema): unknown {
  return new Sampler(document).valueOf(schema, 0);
}

class Sampler {
  readonly #document: unknown;
  #valuesLeft = VALUES_MAX;

  constructor(document: unknown) {
    this.#document = document;
  }

  valueOf(given: Schema, depth: number): unknown {
    if (depth > DEPTH_MAX || this.#valuesLeft-- <= 0) return undefined;
    const schema = resolveRef(this.#document, given);
    const [example] = (schema as { readonly examples?: readonly unknown[] }).examples ?? [];
    const said = schema.example ?? example ?? schema.const ?? schema.default ?? schema.enum?.[0];
    if (said !== undefined) return said;
    const [variant] = schema.oneOf ?? schema.anyOf ?? [];
    if (variant !== undefined) return this.valueOf(variant, depth + 1);
    const type = typeof schema.type === "string" ? schema.type : schema.type?.find((each) => each !== "null");
    if (schema.allOf !== undefined || type === "object" || schema.properties !== undefined)
      return this.#objectOf(schema, depth);
    switch (type) {
      case "array":
        return this.#arrayOf(schema, depth);
      case "string":
        return (
          textByFormat[schema.format ?? ""] ??
          "text".padEnd(schema.minLength ?? 0, "t").slice(0, schema.maxLength)
        );
      case "integer":
      case "number":
        return numberOf(schema);
      case "boolean":
        return true;
      default:
        return undefined;
    }
  }

  #arrayOf(
    { prefixItems = [], items, minItems = 0, maxItems = ITEMS_MAX }: Schema,
    depth: number,
  ): readonly unknown[] {
    const first = prefixItems.map((item) => this.valueOf(item, depth + 1) ?? null);
    const item = typeof items === "object" ? this.valueOf(items, depth + 1) : undefined;
    if (item === undefined) return first;
    const count = Math.min(Math.max(minItems, first.length, 1), maxItems, ITEMS_MAX);
    return [...first, ...Array.from({ length: Math.max(0, count - first.length) }, () => item)];
  }

  #objectOf(schema: Schema, depth: number): unknown {
    const parts = (schema.allOf ?? []).map((part) => this.valueOf(part, depth + 1));
    const entries = Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
      // OpenAPI: a request should not have it.
      if (resolveRef(this.#document, property).readOnly === true) return [];
      const value = this.valueOf(property, depth + 1);
      return value === undefined ? [] : [[name, value] as const];
    });
    return Object.assign({}, ...parts, Object.fromEntries(entries));
  }
}

function numberOf({ minimum, maximum, exclusiveMinimum }: Schema): number {
  if (minimum !== undefined) return exclusiveMinimum === true ? minimum + 1 : minimum;
  if (typeof exclusiveMinimum === "number") return exclusiveMinimum + 1;
  return Math.min(1, maximum ?? 1);
}
