/**
 * Schemas from which something was left out accept more. Below `not`, `if` and `oneOf`, and for what `contains` counts,
 * that could refuse more, so there the keyword is loosened too.
 */
import { isArray, type Json, type JsonObject, type MutableJsonObject, member, put } from "./json.js";
import type { JsonSchema } from "./read-model.js";
import { mapSubschemas, refsOf } from "./schema-bundle.js";
import { type KeywordName, keywords } from "./schema-keywords.js";
import { refTo } from "./schema-library.js";

export class LooseSchemas {
  readonly #loosened: WeakSet<object>;
  readonly #onChange: (pointer: string) => void;
  /** References that lead to a schema that accepts more. */
  readonly #refs = new Set<string>();

  /** @param loosened schemas that something was left out of */
  constructor(
    schemas: ReadonlyMap<string, JsonSchema>,
    loosened: WeakSet<object>,
    onChange: (pointer: string) => void,
  ) {
    this.#loosened = loosened;
    this.#onChange = onChange;
    const uses = [...schemas].map(([name, schema]) => ({ ref: refTo(name), schema }));
    let size: number;
    do {
      size = this.#refs.size;
      for (const { ref, schema } of uses)
        if (!this.#refs.has(ref) && this.#isLoose(schema)) this.#refs.add(ref);
    } while (this.#refs.size > size);
  }

  schema(schema: JsonSchema, pointer: string): JsonSchema {
    return this.#isLoose(schema) ? this.#loosen(schema, pointer) : schema;
  }

  #isLoose(schema: JsonSchema): boolean {
    return this.#holdsLoosened(schema) || refsOf(schema).some((ref) => this.#refs.has(ref));
  }

  #holdsLoosened(schema: JsonSchema): boolean {
    if (typeof schema === "boolean") return false;
    if (this.#loosened.has(schema)) return true;
    let found = false;
    for (const [key, value] of Object.entries(schema)) {
      mapSubschemas(shapeOf(key), value, (sub) => {
        found ||= this.#holdsLoosened(sub);
        return sub;
      });
    }
    return found;
  }

  #loosen(schema: JsonSchema, pointer: string): JsonSchema {
    if (typeof schema === "boolean") return schema;
    const out: MutableJsonObject = {};
    const also: Json[] = [];
    const change = (sub: JsonSchema): JsonSchema => this.schema(sub, pointer);
    for (const [key, value] of Object.entries(schema)) {
      if (!this.#refusesMore(key, value, schema)) {
        put(out, key, mapSubschemas(shapeOf(key), value, change));
        continue;
      }
      this.#onChange(pointer);
      if (key !== "oneOf" || !isArray(value)) continue;
      const anyOf = value.map((branch) => change(branch as JsonSchema));
      if (member(schema, "anyOf") === undefined) out.anyOf = anyOf;
      else also.push({ anyOf });
    }
    if (also.length > 0) out.allOf = [...(isArray(out.allOf) ? out.allOf : []), ...also];
    return out;
  }

  #refusesMore(key: string, value: Json, schema: JsonObject): boolean {
    switch (key) {
      case "not":
        return this.#isLoose(value as JsonSchema);
      case "oneOf":
        return isArray(value) && value.some((branch) => this.#isLoose(branch as JsonSchema));
      case "if":
      case "then":
      case "else":
        return this.#isLoose((member(schema, "if") ?? true) as JsonSchema);
      case "maxContains":
        return this.#isLoose((member(schema, "contains") ?? true) as JsonSchema);
      case "unevaluatedProperties":
      case "unevaluatedItems":
        // A dropped `if` evaluates nothing any more.
        return this.#isLoose((member(schema, "if") ?? true) as JsonSchema);
      default:
        return false;
    }
  }
}

function shapeOf(key: string): (typeof keywords)[KeywordName]["shape"] {
  return Object.hasOwn(keywords, key) ? keywords[key as KeywordName].shape : "json";
}
