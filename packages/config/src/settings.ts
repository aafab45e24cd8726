/** Walks a zod object schema to its leaves: each leaf is one setting with a dotted name and an environment variable. */
import type { z } from "zod";

export type LeafType = "string" | "number" | "boolean" | "enum" | "list" | "json";

export interface Setting {
  /** Dotted name as in the file: `limits.headerBytesMax`. */
  readonly name: string;
  readonly path: readonly string[];
  /** `PREFIX_LIMITS_HEADER_BYTES_MAX`, or a standard's name from `.meta({ variable })`. */
  readonly variable: string;
  /** Name and variable of older releases, from `.meta({ formerName })`; a source that has them gets an error with the new name. */
  readonly former: { readonly name: string; readonly variable: string } | null;
  readonly type: LeafType;
  readonly description: string;
  /** Undefined when the setting is required or optional without a default. */
  readonly defaultValue: unknown;
  readonly required: boolean;
  /** Marked with `.meta({ secret: true })`: never printed, and may come from a file through `<variable>_FILE`. */
  readonly secret: boolean;
  /** What is right, in words: `one of uws, node`. */
  readonly expected: string;
}

interface Unwrapped {
  readonly inner: z.core.$ZodType;
  readonly defaultValue: unknown;
  readonly optional: boolean;
  readonly meta: Readonly<Record<string, unknown>>;
}

/** Every setting of a schema, in the order of the schema. */
export function settingsOf(schema: z.ZodObject, prefix: string): Setting[] {
  const settings: Setting[] = [];
  walk(schema, [], prefix, settings);
  return settings;
}

/** `headerBytesMax` → `HEADER_BYTES_MAX`. */
function screaming(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/-/g, "_")
    .toUpperCase();
}

function variableOf(prefix: string, path: readonly string[]): string {
  return [prefix, ...path.map(screaming)].join("_");
}

function formerOf(name: unknown, prefix: string): Setting["former"] {
  return typeof name === "string" ? { name, variable: variableOf(prefix, name.split(".")) } : null;
}

function walk(schema: z.core.$ZodType, path: readonly string[], prefix: string, out: Setting[]): void {
  const unwrapped = unwrap(schema);
  const def = unwrapped.inner._zod.def;
  if (def.type === "object" && unwrapped.meta.json !== true) {
    const shape = (unwrapped.inner as z.ZodObject).shape;
    for (const [name, child] of Object.entries(shape))
      walk(child as z.core.$ZodType, [...path, name], prefix, out);
    return;
  }
  const type = leafType(def.type);
  out.push({
    name: path.join("."),
    path,
    variable:
      typeof unwrapped.meta.variable === "string" ? unwrapped.meta.variable : variableOf(prefix, path),
    former: formerOf(unwrapped.meta.formerName, prefix),
    type,
    description: typeof unwrapped.meta.description === "string" ? unwrapped.meta.description : "",
    defaultValue: unwrapped.defaultValue,
    required: !unwrapped.optional,
    secret: unwrapped.meta.secret === true,
    expected: expectedOf(unwrapped, type),
  });
}

function unwrap(schema: z.core.$ZodType): Unwrapped {
  let inner = schema;
  let defaultValue: unknown;
  let optional = false;
  let meta: Record<string, unknown> = {};
  for (;;) {
    meta = { ...((inner as z.ZodType).meta?.() ?? {}), ...meta };
    const def = inner._zod.def as z.core.$ZodTypeDef & {
      innerType?: z.core.$ZodType;
      in?: z.core.$ZodType;
      defaultValue?: unknown;
    };
    if (def.type === "default" || def.type === "prefault") {
      defaultValue ??= def.defaultValue;
      optional = true;
    } else if (def.type === "optional" || def.type === "nullable") {
      optional = true;
    } else if (def.type === "pipe" && def.in !== undefined) {
      inner = def.in;
      continue;
    }
    if (def.innerType === undefined) return { inner, defaultValue, optional, meta };
    inner = def.innerType;
  }
}

function leafType(zodType: string): LeafType {
  switch (zodType) {
    case "number":
    case "int":
      return "number";
    case "boolean":
      return "boolean";
    case "enum":
      return "enum";
    case "array":
      return "list";
    case "string":
      return "string";
    default:
      return "json";
  }
}

function expectedOf(unwrapped: Unwrapped, type: LeafType): string {
  if (typeof unwrapped.meta.expected === "string") return unwrapped.meta.expected;
  switch (type) {
    case "enum":
      return `one of ${Object.values((unwrapped.inner as z.ZodEnum).def.entries).join(", ")}`;
    case "number":
      return numberRange(unwrapped.inner as z.ZodNumber);
    case "boolean":
      return "true or false";
    case "list":
      return "a list, separated by commas";
    case "string":
      return "text";
    case "json":
      return "a JSON value";
  }
}

function numberRange(schema: z.ZodNumber): string {
  const kind = schema.format === "safeint" || schema.isInt ? "a whole number" : "a number";
  const min = schema.minValue;
  const max = schema.maxValue;
  const hasMin = min !== null && Number.isFinite(min) && min > Number.MIN_SAFE_INTEGER;
  const hasMax = max !== null && Number.isFinite(max) && max < Number.MAX_SAFE_INTEGER;
  if (hasMin && hasMax) return `${kind} from ${min} to ${max}`;
  if (hasMin) return `${kind}, ${min} or more`;
  if (hasMax) return `${kind}, ${max} or less`;
  return kind;
}
