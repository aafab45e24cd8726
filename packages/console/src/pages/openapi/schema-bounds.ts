/** What a schema says of a value beside its type, as short texts: `≥ 3`, `pattern ^a`, `read-only`. Of nested schemas nothing. */
import type { Schema } from "./openapi-types.js";

export function boundsOf(schema: Schema): readonly string[] {
  const bounds: string[] = [];
  const add = (label: string, value: unknown): void => {
    if (value !== undefined)
      bounds.push(`${label} ${typeof value === "string" ? value : JSON.stringify(value)}`);
  };
  if (schema.enum !== undefined) bounds.push(schema.enum.map((value) => JSON.stringify(value)).join(" | "));
  add("=", schema.const);
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  // A boolean beside the bound in OpenAPI 3.0.
  add(exclusiveMinimum === true ? ">" : "≥", minimum);
  add(exclusiveMaximum === true ? "<" : "≤", maximum);
  if (typeof exclusiveMinimum === "number") add(">", exclusiveMinimum);
  if (typeof exclusiveMaximum === "number") add("<", exclusiveMaximum);
  add("length ≥", schema.minLength);
  add("length ≤", schema.maxLength);
  add("items ≥", schema.minItems);
  add("items ≤", schema.maxItems);
  add("pattern", schema.pattern);
  add("default", schema.default);
  if (schema.readOnly === true) bounds.push("read-only");
  if (schema.writeOnly === true) bounds.push("write-only");
  return bounds;
}
