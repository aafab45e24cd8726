/**
 * References to shared examples in the places of literals. A literal is never a reference, and yet GitHub's document has them.
 * They are resolved: in a document of ours they would lead nowhere, and validators that resolve all references refuse that.
 */
import { isObject, type Json, pointerTokens } from "./json.js";
import { decodeFragment } from "./schema-identifiers.js";

/** Where the value stands that a literal refers to, as `#/components/examples/<name>` or with `/value`; null: it refers to none. */
export function sharedExampleAt(literal: Json | undefined): readonly string[] | null {
  if (!isObject(literal) || Object.keys(literal).length !== 1) return null;
  const { $ref } = literal;
  if (typeof $ref !== "string" || !$ref.startsWith("#/components/examples/")) return null;
  const tokens = pointerTokens(decodeFragment($ref.slice(1)));
  if (tokens === null) return null;
  if (tokens.length === 3) return [...tokens, "value"];
  return tokens[3] === "value" ? tokens : null;
}
