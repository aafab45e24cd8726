/**
 * A route's operation as GraphQL has it, an Operation Object of OpenAPI, read and changed in place: what a change does
 * not name keeps its value and its order, be it known here or not. Pure.
 */
import { asObject, isJsonObject, type JsonObject } from "./json.js";
import { readSimpleSchema, type SimpleSchema } from "./simple-schema.js";

export type Operation = JsonObject;

/** Where a parameter is that the path pattern does not name. */
export const otherPlaces = ["query", "header", "cookie"] as const;
export type OtherPlace = (typeof otherPlaces)[number];

export interface PathParameter {
  readonly name: string;
  /** Among all parameters; null when it is not declared. */
  readonly index: number | null;
  /** Empty when it is not declared. */
  readonly entry: JsonObject;
  /** False: declared, but the route's path does not have it (any more). */
  readonly isInPath: boolean;
}

export interface OtherParameter {
  /** Among all parameters. */
  readonly index: number;
  readonly entry: JsonObject;
}

/** An empty description and `required: false` are taken out; a schema that is undefined allows any value. */
export interface EntryFields {
  readonly name?: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: JsonObject | undefined;
}

export type OperationChange =
  | { readonly kind: "setSummary"; readonly summary: string }
  | {
      readonly kind: "setPath";
      readonly name: string;
      readonly fields: Omit<EntryFields, "name" | "required">;
    }
  | { readonly kind: "addParameter"; readonly place: OtherPlace }
  | { readonly kind: "setParameter"; readonly index: number; readonly fields: EntryFields }
  | { readonly kind: "removeParameter"; readonly index: number };

/** `/orders/{id}/files/{rest*}` → `id`, `rest`: the names by which parameters are declared. */
export function pathNames(path: string): readonly string[] {
  const names = [...path.matchAll(/\{([^{}/*]+)\*?\}/g)].map((match) => match[1] ?? "");
  return [...new Set(names)];
}

/** Those of the path in its order, then those that are declared without being in it. */
export function pathParameters(operation: Operation | null, path: string): readonly PathParameter[] {
  const declared = parametersOf(operation);
  const inPath = pathNames(path);
  const found = inPath.map((name): PathParameter => {
    const index = declared.findIndex((entry) => entry.in === "path" && entry.name === name);
    const entry = declared[index];
    return { name, index: entry === undefined ? null : index, entry: entry ?? {}, isInPath: true };
  });
  const others = declared.flatMap((entry, index): PathParameter[] => {
    const name = String(entry.name);
    return entry.in === "path" && !inPath.includes(name) ? [{ name, index, entry, isInPath: false }] : [];
  });
  return [...found, ...others];
}

export function otherParameters(operation: Operation | null, place: OtherPlace): readonly OtherParameter[] {
  return parametersOf(operation).flatMap((entry, index) => (entry.in === place ? [{ index, entry }] : []));
}

export function parametersOf(operation: Operation | null): readonly JsonObject[] {
  return Array.isArray(operation?.parameters) ? operation.parameters.map(asObject) : [];
}

export function summaryOf(operation: Operation | null): string {
  return typeof operation?.summary === "string" ? operation.summary : "";
}

/** What fields can show of a parameter's schema; null: it says more. */
export function simpleSchemaOf(entry: JsonObject): SimpleSchema | null {
  return entry.content === undefined ? readSimpleSchema(entry.schema) : null;
}

/** What the fields of a parameter cannot show: it is kept, and shown as JSON. Null: nothing. */
export function beyondFields(entry: JsonObject): JsonObject | null {
  const shown = ["name", "in", "required", "description"];
  const isSimple = simpleSchemaOf(entry) !== null;
  const rest = Object.entries(entry).filter(
    ([member]) => !shown.includes(member) && !(member === "schema" && isSimple),
  );
  return rest.length === 0 ? null : Object.fromEntries(rest);
}

/** Members of the operation that the panel does not show: `description, tags`. */
export function othersOf(operation: Operation | null): readonly string[] {
  const shown = ["summary", "parameters", "requestBody", "responses"];
  return Object.keys(operation ?? {}).filter((member) => !shown.includes(member));
}

/** Null when nothing is said any more. */
export function changeOperation(operation: Operation | null, change: OperationChange): Operation | null {
  const parameters = parametersOf(operation);
  switch (change.kind) {
    case "setSummary":
      return cleaned({ ...operation, summary: change.summary === "" ? undefined : change.summary });
    case "setPath": {
      const index = parameters.findIndex((entry) => entry.in === "path" && entry.name === change.name);
      const before = parameters[index] ?? { name: change.name, in: "path", required: true, schema: {} };
      const after = withFields(before, change.fields);
      if (index < 0) return withParameters(operation, isSaid(after) ? [...parameters, after] : parameters);
      return withParameters(
        operation,
        parameters.flatMap((entry, i) => (i !== index ? [entry] : isSaid(after) ? [after] : [])),
      );
    }
    case "addParameter":
      return withParameters(operation, [
        ...parameters,
        { name: "", in: change.place, schema: { type: "string" } },
      ]);
    case "setParameter":
      return withParameters(
        operation,
        parameters.map((entry, index) => (index === change.index ? withFields(entry, change.fields) : entry)),
      );
    case "removeParameter":
      return withParameters(
        operation,
        parameters.filter((_, index) => index !== change.index),
      );
  }
}

/** Whether more is said of a path parameter than that it is there. */
function isSaid({ name: _name, in: _in, required: _required, schema, ...others }: JsonObject): boolean {
  const isOpen = schema === undefined || (isJsonObject(schema) && Object.keys(schema).length === 0);
  return !isOpen || Object.keys(others).length > 0;
}

function withParameters(operation: Operation | null, parameters: readonly JsonObject[]): Operation | null {
  return cleaned({ ...operation, parameters: parameters.length === 0 ? undefined : parameters });
}

function cleaned(operation: JsonObject): Operation | null {
  const said = Object.fromEntries(Object.entries(operation).filter(([, value]) => value !== undefined));
  return Object.keys(said).length === 0 ? null : said;
}

function withFields(entry: JsonObject, fields: EntryFields): JsonObject {
  const changes = "schema" in fields ? { ...fields, schema: fields.schema ?? {} } : fields;
  const isKept = (name: string, value: unknown) =>
    !Object.hasOwn(fields, name) ||
    !((name === "description" && value === "") || (name === "required" && value === false));
  return Object.fromEntries(Object.entries({ ...entry, ...changes }).filter((each) => isKept(...each)));
}
