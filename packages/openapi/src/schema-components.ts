/**
 * Puts schemas under `components.schemas` and hands out references: importers drop inline schemas. Equal
 * schemas of one integration share a component; names follow the integration's name, so that generated
 * clients have readable types, and depend on nothing but the order of the document.
 */

import type { Json, JsonObject } from "./json.js";
import type { Warn } from "./lint-warning.js";
import type { JsonSchema } from "./read-model.js";
import { downgradeBundle } from "./schema-30.js";
import {
  bundleSchema,
  defName,
  isRecursive,
  mapRefs,
  type SchemaBundle,
  toSchemaObject,
} from "./schema-bundle.js";

export type SpecVersion = "3.0" | "3.1";

/** The component for content of which nothing is known. */
export const ANY_BODY_NAME = "AnyBody";
export const anyBodySchema: JsonObject = {
  title: "Any body",
  description: "Whatever the integration takes or gives; the gateway passes it on unchanged.",
};

export class SchemaComponents {
  readonly #version: SpecVersion;
  readonly #warn: Warn;
  readonly #components = new Map<string, JsonSchema>();
  /** Integration name, side and schema text → component name. */
  readonly #known = new Map<string, string>();
  readonly #groups = new Set<string>();

  constructor(version: SpecVersion, warn: Warn) {
    this.#version = version;
    this.#warn = warn;
  }

  /** A reference to a component with this schema, or to the one for any body. */
  reference(
    schema: JsonSchema | undefined,
    side: "Request" | "Response",
    names: readonly string[],
  ): JsonObject {
    if (schema === undefined) {
      this.#components.set(ANY_BODY_NAME, anyBodySchema);
      return ref(ANY_BODY_NAME);
    }
    const known = JSON.stringify([names[0], side, schema]);
    let name = this.#known.get(known);
    if (name === undefined) {
      const { bundle, tell } = this.#prepare(schema);
      // The same schema may be spelled in many ways; only the form it is shown in counts.
      const shown = JSON.stringify([names[0], side, bundle.root, [...bundle.defs].sort(byName)]);
      name = this.#known.get(shown) ?? this.#add(bundle, side, names);
      this.#known.set(shown, name);
      this.#known.set(known, name);
      tell(name);
    }
    return ref(name);
  }

  /** For a parameter: the schema itself, without references (a parameter's schema is small). */
  inline(schema: JsonSchema | undefined, tokens: readonly (string | number)[]): Json {
    if (schema === undefined) return { type: "string" };
    const { bundle } = this.#prepare(schema);
    if (bundle.defs.size > 0 || isRecursive(bundle)) {
      this.#warn("schema.incomplete", "A parameter's schema with references is shown as any string.", tokens);
      return { type: "string" };
    }
    return toSchemaObject(bundle.root);
  }

  /** In code-unit order. */
  toJson(extra: readonly (readonly [string, JsonObject])[]): JsonObject {
    return Object.fromEntries([...this.#components, ...extra].sort(byName)) as JsonObject;
  }

  #prepare(schema: JsonSchema): {
    readonly bundle: SchemaBundle;
    readonly tell: (component: string) => void;
  } {
    const warnings: (readonly ["schema.loosened" | "schema.incomplete", string])[] = [];
    let bundle = bundleSchema({ document: schema, tokens: [], dialect: "2020-12" }, (note) => {
      const at = note.pointer === "" ? "the schema" : note.pointer;
      warnings.push(["schema.incomplete", `At ${at}: ${note.message}`]);
    });
    if (this.#version === "3.0") {
      const loosened = new Set<string>();
      bundle = downgradeBundle(bundle, (keyword) => loosened.add(keyword));
      for (const keyword of loosened) {
        warnings.push([
          "schema.loosened",
          `OpenAPI 3.0 cannot say "${keyword}"; the schema shown accepts more. 3.1 shows all of it.`,
        ]);
      }
    }
    return {
      bundle,
      tell: (component) => {
        const tokens = ["components", "schemas", component];
        for (const [code, message] of warnings) this.#warn(code, message, tokens);
        if (isRecursive(bundle)) {
          this.#warn("schema.recursive", "The schema refers to itself, which Azure refuses.", tokens);
        }
      },
    };
  }

  #add(bundle: SchemaBundle, side: string, names: readonly string[]): string {
    const words = names.map(pascalCase).find((word) => word !== "") ?? "Body";
    let group = words;
    for (let n = 2; this.#groups.has(`${group}.${side}`); n++) group = `${words}${n}`;
    const name = `${group}.${side}`;
    this.#groups.add(name);
    const rename = (to: string): string => {
      const def = defName(to);
      return `#/components/schemas/${def === null ? name : `${name}.${def}`}`;
    };
    this.#components.set(name, toSchemaObject(mapRefs(bundle.root, rename)));
    for (const [def, schema] of bundle.defs)
      this.#components.set(`${name}.${def}`, toSchemaObject(mapRefs(schema, rename)));
    return name;
  }
}

function ref(name: string): JsonObject {
  return { $ref: `#/components/schemas/${name}` };
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `Create order #2` is `CreateOrder2`; empty when nothing of it is ASCII. */
function pascalCase(text: string): string {
  const words = text
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== "");
  return words
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("")
    .slice(0, 60);
}
