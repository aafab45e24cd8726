/**
 * What Azure API Management wants of schemas: none inline in contents, names that differ in more than case, and none that
 * reaches itself. A cycle is cut where it closes; there anything is accepted.
 */
import { isObject, type Json, type JsonObject, type MutableJsonObject, put } from "./json.js";
import type { Warn } from "./lint-warning.js";
import { mapOperationSchemas } from "./operation-schemas.js";
import type { JsonSchema, OperationModel } from "./read-model.js";
import { mapRefs, mapSubschemas, refsOf } from "./schema-bundle.js";
import { type KeywordName, keywords } from "./schema-keywords.js";
import { refTo, sharedName } from "./schema-library.js";

type Schemas = ReadonlyMap<string, JsonObject>;

/** The whole document (3.0) as Azure takes it. */
export function withAzureSchemas(document: JsonObject, warn: Warn): JsonObject {
  const components = document.components as JsonObject;
  const schemas = new Map(
    Object.entries((components.schemas ?? {}) as { readonly [name: string]: JsonObject }),
  );
  const paths = withSharedContents(document.paths as JsonObject, schemas);
  const renamed = azureNames([...schemas.keys()].sort());
  const named = new Map<string, JsonObject>();
  for (const [name, schema] of schemas) named.set(renamed.get(name) ?? name, renameRefs(schema, renamed));
  const shown = [...withoutCycles(named, warn)].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...document,
    paths: renamed.size === 0 ? paths : renameInPaths(paths, renamed),
    components: {
      ...(shown.length === 0 ? {} : { schemas: Object.fromEntries(shown) }),
      ...withoutSchemas(components),
    },
  };
}

function withoutSchemas({ schemas: _schemas, ...rest }: JsonObject): JsonObject {
  return rest;
}

/** Schemas that stand inline in contents, under components; equal ones of an operation once. */
function withSharedContents(paths: JsonObject, schemas: Map<string, JsonObject>): JsonObject {
  const known = new Map<string, string>();
  return mapContents(paths, (schema, place) => {
    const keys = Object.keys(schema);
    if (keys.length === 0 || (keys.length === 1 && schema.$ref !== undefined)) return schema;
    const text = `${place} ${JSON.stringify(schema)}`;
    let name = known.get(text);
    if (name === undefined) {
      name = place;
      for (let n = 2; schemas.has(name); n++) name = `${place}-${n}`;
      known.set(text, name);
      schemas.set(name, schema);
    }
    return { $ref: refTo(name) };
  });
}

type ChangeContent = (schema: JsonObject, place: string) => JsonObject;

/** @param change gets each schema of a content with a name for it: `list-orders.Response200` */
function mapContents(paths: JsonObject, change: ChangeContent): JsonObject {
  const visit = (value: Json, place: string): Json => {
    if (Array.isArray(value)) return (value as readonly Json[]).map((item) => visit(item, place));
    if (!isObject(value)) return value;
    const out: MutableJsonObject = {};
    for (const [key, item] of Object.entries(value)) {
      if (key === "content" && isObject(item)) out.content = contentOf(item, place);
      else if (key === "requestBody") out[key] = visit(item, `${place}.Request`);
      else if (key === "responses" && isObject(item)) out[key] = responsesOf(item, place);
      else put(out, key, key === "schema" || key === "example" ? item : visit(item, place));
    }
    return out;
  };
  const contentOf = (content: JsonObject, place: string): JsonObject => {
    const out: MutableJsonObject = {};
    for (const [type, media] of Object.entries(content)) {
      const { schema, ...rest } = media as JsonObject;
      put(out, type, isObject(schema) ? { schema: change(schema, place), ...rest } : (media as JsonObject));
    }
    return out;
  };
  const responsesOf = (responses: JsonObject, place: string): JsonObject => {
    const out: MutableJsonObject = {};
    for (const [status, response] of Object.entries(responses))
      out[status] = visit(response, `${place}.Response${status}`);
    return out;
  };
  const out: MutableJsonObject = {};
  for (const [path, item] of Object.entries(paths)) {
    const operations: MutableJsonObject = {};
    for (const [method, operation] of Object.entries(item as JsonObject))
      operations[method] = visit(operation, String((operation as JsonObject).operationId));
    put(out, path, operations);
  }
  return out;
}

/** Names that differ in case only get a number; old name → new name, only for those that change. */
function azureNames(names: Iterable<string>): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  const renamed = new Map<string, string>();
  for (const name of names) {
    let unique = name;
    for (let n = 2; taken.has(unique.toLowerCase()); n++) unique = `${name}-${n}`;
    taken.add(unique.toLowerCase());
    if (unique !== name) renamed.set(name, unique);
  }
  return renamed;
}

function renameRefs(schema: JsonObject, renamed: ReadonlyMap<string, string>): JsonObject {
  if (renamed.size === 0) return schema;
  return mapRefs(schema, (ref) => {
    const name = sharedName(ref);
    return refTo(name === null ? ref : (renamed.get(name) ?? name));
  }) as JsonObject;
}

function renameInPaths(paths: JsonObject, renamed: ReadonlyMap<string, string>): JsonObject {
  const rename = (schema: JsonSchema): JsonSchema =>
    isObject(schema) ? renameRefs(schema, renamed) : schema;
  const out: MutableJsonObject = {};
  for (const [path, item] of Object.entries(paths)) {
    const operations: MutableJsonObject = {};
    for (const [method, operation] of Object.entries(item as JsonObject))
      operations[method] = mapOperationSchemas(operation as OperationModel, rename) as unknown as Json;
    put(out, path, operations);
  }
  return out;
}

/** The schemas without the references that close a cycle. */
function withoutCycles(schemas: Schemas, warn: Warn): Schemas {
  const cut = new Set<string>();
  const done = new Set<string>();
  const open: string[] = [];
  const visit = (name: string): void => {
    if (done.has(name)) return;
    open.push(name);
    for (const to of namesIn(schemas.get(name) ?? {})) {
      if (open.includes(to)) cut.add(`${name} ${to}`);
      else visit(to);
    }
    open.pop();
    done.add(name);
  };
  for (const name of schemas.keys()) visit(name);
  if (cut.size === 0) return schemas;
  const shown = new Map<string, JsonObject>();
  for (const [name, schema] of schemas) {
    const closes = (to: string): boolean => cut.has(`${name} ${to}`);
    const hasCut = namesIn(schema).some(closes);
    shown.set(name, hasCut ? (withoutRefs(schema, closes) as JsonObject) : schema);
    if (hasCut)
      warn(
        "schema.cycle_cut",
        "The schema refers to itself, which Azure refuses; anything is accepted where it does.",
        ["components", "schemas", name],
      );
  }
  return shown;
}

function namesIn(schema: JsonObject): readonly string[] {
  return refsOf(schema, { discriminators: false }).flatMap((ref) => sharedName(ref) ?? []);
}

function withoutRefs(schema: JsonSchema, closes: (name: string) => boolean): JsonSchema {
  if (!isObject(schema)) return schema;
  const name = typeof schema.$ref === "string" ? sharedName(schema.$ref) : null;
  if (name !== null && closes(name)) return {};
  const out: MutableJsonObject = {};
  for (const [key, value] of Object.entries(schema)) {
    const shape = Object.hasOwn(keywords, key) ? keywords[key as KeywordName].shape : "json";
    put(
      out,
      key,
      mapSubschemas(shape, value, (part) => withoutRefs(part, closes)),
    );
  }
  return out;
}
