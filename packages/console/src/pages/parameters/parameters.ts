/**
 * A route's parameters as GraphQL has them, read and changed in place: what a change does not name keeps its value and
 * its order, be it known here or not. Pure.
 */
import { isJsonObject, type JsonObject, ownMember } from "./json.js";
import { readSimpleSchema } from "./simple-schema.js";

/** In the form of the API: `{"path": {"id": {…}}, "query": [{"name": "page", …}]}`. */
export type Parameters = JsonObject;

export interface PathParameter {
  readonly name: string;
  /** Empty when nothing is said of it. */
  readonly entry: JsonObject;
  /** False: declared, but the route's path does not have it (any more). */
  readonly isInPath: boolean;
}

/** A member that is undefined, an empty description and `required: false` are taken out. */
export interface EntryFields {
  readonly name?: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: JsonObject | undefined;
}

export type ParametersChange =
  | {
      readonly kind: "setPath";
      readonly name: string;
      readonly fields: Omit<EntryFields, "name" | "required">;
    }
  | { readonly kind: "removePath"; readonly name: string }
  | { readonly kind: "addQuery" }
  | { readonly kind: "setQuery"; readonly index: number; readonly fields: EntryFields }
  | { readonly kind: "removeQuery"; readonly index: number };

/** `/orders/{id}/files/{rest*}` → `id`, `rest`: the names by which parameters are declared. */
export function pathNames(path: string): readonly string[] {
  const names = [...path.matchAll(/\{([^{}/*]+)\*?\}/g)].map((match) => match[1] ?? "");
  return [...new Set(names)];
}

/** Those of the path in its order, then those that are declared without being in it. */
export function pathParameters(parameters: Parameters | null, path: string): readonly PathParameter[] {
  const declared = declaredPath(parameters);
  const inPath = pathNames(path);
  const others = Object.keys(declared).filter((name) => !inPath.includes(name));
  return [...inPath, ...others].map((name) => ({
    name,
    entry: asObject(ownMember(declared, name)),
    isInPath: inPath.includes(name),
  }));
}

export function queryParameters(parameters: Parameters | null): readonly JsonObject[] {
  return Array.isArray(parameters?.query) ? parameters.query.map(asObject) : [];
}

/** What the fields of a parameter cannot show: it is kept, and shown as JSON. Null: nothing. */
export function beyondFields(place: "path" | "query", entry: JsonObject): JsonObject | null {
  const shown = place === "path" ? ["description"] : ["name", "required", "description"];
  const isSimple = readSimpleSchema(entry.schema) !== null;
  const rest = Object.entries(entry).filter(
    ([member]) => !shown.includes(member) && !(member === "schema" && isSimple),
  );
  return rest.length === 0 ? null : Object.fromEntries(rest);
}

export function declaredCount(parameters: Parameters | null): number {
  return Object.keys(declaredPath(parameters)).length + queryParameters(parameters).length;
}

/** Null when nothing is declared any more. */
export function changeParameters(parameters: Parameters | null, change: ParametersChange): Parameters | null {
  const path = declaredPath(parameters);
  const query = queryParameters(parameters);
  switch (change.kind) {
    case "setPath": {
      const entry = withFields(asObject(ownMember(path, change.name)), change.fields);
      const isSaid = Object.keys(entry).length > 0;
      return withPath(parameters, isSaid ? { ...path, [change.name]: entry } : without(path, change.name));
    }
    case "removePath":
      return withPath(parameters, without(path, change.name));
    case "addQuery":
      return withQuery(parameters, [...query, { name: "", schema: { type: "string" } }]);
    case "setQuery":
      return withQuery(
        parameters,
        query.map((entry, index) => (index === change.index ? withFields(entry, change.fields) : entry)),
      );
    case "removeQuery":
      return withQuery(
        parameters,
        query.filter((_, index) => index !== change.index),
      );
  }
}

function declaredPath(parameters: Parameters | null): JsonObject {
  return asObject(parameters?.path);
}

function withPath(parameters: Parameters | null, path: JsonObject): Parameters | null {
  return cleaned({ ...parameters, path: Object.keys(path).length === 0 ? undefined : path });
}

function withQuery(parameters: Parameters | null, query: readonly JsonObject[]): Parameters | null {
  return cleaned({ ...parameters, query: query.length === 0 ? undefined : query });
}

function cleaned(parameters: JsonObject): Parameters | null {
  const said = Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined));
  return Object.keys(said).length === 0 ? null : said;
}

function withFields(entry: JsonObject, fields: EntryFields): JsonObject {
  const isSaid = (name: string, value: unknown) =>
    !Object.hasOwn(fields, name) ||
    !(
      value === undefined ||
      (name === "description" && value === "") ||
      (name === "required" && value === false)
    );
  return Object.fromEntries(Object.entries({ ...entry, ...fields }).filter((each) => isSaid(...each)));
}

function without(object: JsonObject, name: string): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([each]) => each !== name));
}

function asObject(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}
