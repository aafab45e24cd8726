/**
 * Whether requests can be held to a JSON Schema of a form, checked before it is saved. Remembers what it has seen, since forms are
 * saved whole and mostly unchanged.
 */
import { schemaFault } from "@latchkey/validation";
import type { Problems } from "../errors/user-error.js";
import type { FieldPath } from "./form.js";

/** Texts that are remembered; at most some megabytes. */
const KNOWN_MAX = 2_000;
const KNOWN_CHARS_MAX = 4_096;

const known = new Map<string, string | null>();

export function checkSchemaFault(problems: Problems, field: FieldPath, schema: unknown): void {
  const fault = faultOf(schema);
  if (fault !== null) problems.add("INVALID", field, `Requests cannot be held to this schema: ${fault}.`);
}

function faultOf(schema: unknown): string | null {
  const text = JSON.stringify(schema);
  const before = known.get(text);
  if (before !== undefined) return before;
  const fault = schemaFault(schema);
  if (text.length > KNOWN_CHARS_MAX) return fault;
  if (known.size >= KNOWN_MAX) known.clear();
  known.set(text, fault);
  return fault;
}
