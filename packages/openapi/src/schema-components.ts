/**
 * The schemas of a document: those that the Api shares, under their names, and those of integrations, which get a name
 * from the operation that shows them first. Names depend on nothing but the order of the document.
 */
import { equalJson, type Json, type JsonObject, type MutableJsonObject, pointerTokens, put } from "./json.js";
import type { Warn } from "./lint-warning.js";
import { mapOperationSchemas } from "./operation-schemas.js";
import type { ApiModel, JsonSchema, OperationModel } from "./read-model.js";
import type { Side } from "./route-operation.js";
import { Downgrader, lossyRefs } from "./schema-30.js";
import { bundleSchema, defName, mapRefs, refsOf } from "./schema-bundle.js";
import { namesInCycles } from "./schema-cycles.js";
import { refTo, SchemaLibrary, sharedName } from "./schema-library.js";
import { toSchemaObject } from "./schema-normalizer.js";

export type SpecVersion = "3.0" | "3.1";

/** The component for content of which nothing is known. */
export const ANY_BODY_NAME = "AnyBody";
export const anyBodySchema: JsonObject = {
  title: "Any body",
  description: "Whatever the integration takes or gives; the gateway passes it on unchanged.",
};

/** Collects the schemas of integrations beside the Api's own, all in 2020-12. */
export class SchemaNames {
  readonly #schemas: MutableJsonObject = {};
  readonly #warn: Warn;
  /** Integration name, side and schema text → component name. */
  readonly #known = new Map<string, string>();

  constructor(model: ApiModel, warn: Warn) {
    this.#warn = warn;
    for (const [name, schema] of Object.entries(model.schemas ?? {})) put(this.#schemas, name, schema);
  }

  get schemas(): JsonObject {
    return this.#schemas;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#schemas, name);
  }

  /** A reference to a component with this schema of an integration, or to the one for any content. */
  reference(
    schema: JsonSchema | undefined,
    side: Side,
    integration: string,
    operationId: string,
  ): JsonObject {
    if (schema === undefined) return { $ref: refTo(this.#anyBody()) };
    const known = JSON.stringify([integration, side, schema]);
    let name = this.#known.get(known);
    if (name === undefined) {
      name = this.#add(schema, side, operationId);
      this.#known.set(known, name);
    }
    return { $ref: refTo(name) };
  }

  #anyBody(): string {
    let name = ANY_BODY_NAME;
    for (let n = 2; this.has(name) && !isAnyBody(this.#schemas[name]); n++) name = `${ANY_BODY_NAME}-${n}`;
    put(this.#schemas, name, anyBodySchema);
    return name;
  }

  #add(schema: JsonSchema, side: Side, operationId: string): string {
    const group = pascalCase(operationId) || "Body";
    let name = `${group}.${side}`;
    for (let n = 2; this.has(name); n++) name = `${group}${n}.${side}`;
    const bundle = bundleSchema({ document: schema, tokens: [], dialect: "2020-12" }, (note) => {
      if (note.code === "schema.keyword_ignored") return;
      const at = note.pointer === "" ? "the schema" : note.pointer;
      this.#warn("schema.incomplete", `At ${at}: ${note.message}`, ["components", "schemas", name]);
    });
    const rename = (to: string): string => {
      const def = defName(to);
      return refTo(def === null ? name : `${name}.${def}`);
    };
    put(this.#schemas, name, toSchemaObject(mapRefs(bundle.root, rename)));
    for (const [def, one] of bundle.defs)
      put(this.#schemas, `${name}.${def}`, toSchemaObject(mapRefs(one, rename)));
    return name;
  }
}

/** The schemas in the dialect of a version of OpenAPI. */
export class SchemaComponents {
  readonly #version: SpecVersion;
  readonly #warn: Warn;
  readonly #library: SchemaLibrary;
  #lossy: ReadonlySet<string> = new Set();

  constructor(schemas: JsonObject, version: SpecVersion, warn: Warn) {
    this.#version = version;
    this.#warn = warn;
    this.#library = new SchemaLibrary(
      { document: { components: { schemas } }, dialect: "2020-12" },
      (note) => {
        if (note.code !== "schema.keyword_ignored")
          warn("schema.incomplete", note.message, pointerTokens(note.pointer) ?? []);
      },
    );
  }

  /** The operation with its schemas in normal form. All of them are read before any is written. */
  read(operation: OperationModel, tokens: readonly (string | number)[]): OperationModel {
    return mapOperationSchemas(
      operation,
      (schema, at) => toSchemaObject(this.#library.read(schema, at.map(String))),
      tokens,
    );
  }

  /** The operation with its schemas as the version says them. */
  write(operation: OperationModel, tokens: readonly (string | number)[]): OperationModel {
    if (this.#version === "3.1") return operation;
    return mapOperationSchemas(operation, (schema, at) => this.#downgrade(schema, at), tokens);
  }

  /** All shared schemas, in code-unit order. Before any operation is written. */
  components(): ReadonlyMap<string, JsonObject> {
    const schemas = this.#library.schemas();
    const byRef = new Map([...schemas].map(([name, schema]) => [refTo(name), schema]));
    if (this.#version === "3.0") this.#lossy = lossyRefs(byRef);
    this.#warnOfRecursion(schemas);
    const shown = [...schemas].map(([name, schema]): [string, JsonObject] => {
      const object = toSchemaObject(schema);
      return [
        name,
        this.#version === "3.1" ? object : this.#downgrade(object, ["components", "schemas", name]),
      ];
    });
    return new Map(shown);
  }

  #downgrade(schema: JsonSchema, tokens: readonly (string | number)[]): JsonObject {
    const loosened = new Set<string>();
    const shown = new Downgrader(this.#lossy, (keyword) => loosened.add(keyword)).schemaOf(schema);
    for (const keyword of loosened)
      this.#warn(
        "schema.loosened",
        `OpenAPI 3.0 cannot say "${keyword}"; the schema shown accepts more. 3.1 shows all of it.`,
        tokens,
      );
    return shown;
  }

  #warnOfRecursion(schemas: ReadonlyMap<string, JsonSchema>): void {
    const uses = new Map<string, readonly string[]>();
    for (const [name, schema] of schemas)
      uses.set(
        name,
        refsOf(schema, { discriminators: false }).flatMap((ref) => sharedName(ref) ?? []),
      );
    for (const name of namesInCycles(uses))
      this.#warn("schema.recursive", "The schema refers to itself, which Azure refuses.", [
        "components",
        "schemas",
        name,
      ]);
  }
}

function isAnyBody(schema: Json | undefined): boolean {
  return equalJson(schema, anyBodySchema);
}

/** `create-order-2` is `CreateOrder2`; empty when nothing of it is ASCII. */
function pascalCase(text: string): string {
  const words = text.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  return words
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("")
    .slice(0, 60);
}
