/**
 * The JSON Schemas that a few fields can express: a type with format, allowed values or bounds. Whatever says more is
 * not read at all, so that it is never written back with less in it.
 */
import { isJsonObject, type JsonObject } from "./json.js";

export const simpleTypes = ["string", "integer", "number", "boolean"] as const;

export type SimpleType = (typeof simpleTypes)[number];

export interface SimpleSchema {
  /** Null: any value, and nothing else is said. */
  readonly type: SimpleType | null;
  readonly format?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/** What may be said of each type, by keyword. */
const keywordsOf: Readonly<Record<SimpleType, readonly (keyof SimpleSchema)[]>> = {
  string: ["type", "format", "enum"],
  integer: ["type", "format", "minimum", "maximum"],
  number: ["type", "format", "minimum", "maximum"],
  boolean: ["type"],
};

const formatsOf: Readonly<Record<SimpleType, readonly string[]>> = {
  string: ["date", "date-time", "time", "uuid", "email", "uri", "ipv4", "ipv6"],
  integer: ["int32", "int64"],
  number: ["float", "double"],
  boolean: [],
};

/** A format that stands there already is offered too, whoever knows it. */
export function formatsFor(type: SimpleType, format: string | undefined): readonly string[] {
  const known = formatsOf[type];
  return format === undefined || known.includes(format) ? known : [...known, format];
}

/** Null: the schema says more than the fields can. */
export function readSimpleSchema(schema: unknown): SimpleSchema | null {
  if (schema === undefined) return { type: null };
  if (!isJsonObject(schema)) return null;
  const { type } = schema;
  if (type === undefined) return Object.keys(schema).length === 0 ? { type: null } : null;
  if (!isSimpleType(type)) return null;
  const isKnown = Object.entries(schema).every(
    ([keyword, value]) => (keywordsOf[type] as readonly string[]).includes(keyword) && isFit(keyword, value),
  );
  return isKnown ? { ...schema, type } : null;
}

/** Keywords stay in their order; those that do not go with the type are left out. Undefined: any value. */
export function writeSimpleSchema(
  before: SimpleSchema,
  change: { readonly [K in keyof SimpleSchema]?: SimpleSchema[K] | undefined },
): JsonObject | undefined {
  const after = { ...before, ...change };
  const { type } = after;
  if (type === null || type === undefined) return undefined;
  const isKept = (keyword: string, value: unknown) =>
    value !== undefined &&
    (keywordsOf[type] as readonly string[]).includes(keyword) &&
    // A format belongs to the type it was chosen for.
    (keyword !== "format" || type === before.type);
  return Object.fromEntries(Object.entries(after).filter((each) => isKept(...each)));
}

function isSimpleType(value: unknown): value is SimpleType {
  return (simpleTypes as readonly unknown[]).includes(value);
}

function isFit(keyword: string, value: unknown): boolean {
  switch (keyword) {
    case "enum":
      return Array.isArray(value) && value.length > 0 && value.every(isPlainText);
    case "minimum":
    case "maximum":
      return typeof value === "number" && fromNumberText(String(value)) === value;
    default:
      return typeof value === "string" && value !== "";
  }
}

/** Survives being written between commas. */
function isPlainText(value: unknown): boolean {
  return typeof value === "string" && value !== "" && value === value.trim() && !value.includes(",");
}

/** Undefined: no number, or none that people write without an exponent. */
export function fromNumberText(text: string): number | undefined {
  return /^-?\d+(\.\d*)?$/.test(text) ? Number(text) : undefined;
}

export function toValuesText(values: readonly string[] | undefined): string {
  return (values ?? []).join(", ");
}

/** Undefined: any value is allowed. Values given twice are left for the server to name. */
export function fromValuesText(text: string): readonly string[] | undefined {
  const values = text
    .split(",")
    .map((value) => value.trim())
    .filter((value) => value !== "");
  return values.length === 0 ? undefined : values;
}
