/** A document as text: the same document gives the same bytes, and both formats say the same. */
import { Document, isScalar, Scalar, visit } from "yaml";
import type { JsonObject } from "./json.js";

export type DocumentFormat = "json" | "yaml";

/**
 * Text that YAML 1.1 readers refuse or take for something else, unless it stands in double quotes: the keys `=` and `<<`,
 * tabs, and what is not printable (YAML 1.2 §5.1) or breaks a line in YAML 1.1 only (NEL, LS, PS).
 */
const NEEDS_QUOTES = /^(?:=|<<)$|[\t\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/;
const NEEDS_ESCAPE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** Two-space JSON with a final newline, or YAML 1.2 that YAML 1.1 readers understand too. */
export function emit(document: JsonObject, format: DocumentFormat): string {
  if (format === "json") return `${JSON.stringify(document, null, 2)}\n`;
  const yaml = new Document(document, {
    version: "1.2",
    // Quotes `on`, `yes` and `1:20`, which YAML 1.1 takes for something else than text.
    compat: "yaml-1.1",
    // No anchors: two equal parts are two parts, and an alias would depend on object identity.
    aliasDuplicateObjects: false,
  });
  visit(yaml, {
    Scalar(_key, node) {
      if (isScalar(node) && typeof node.value === "string" && NEEDS_QUOTES.test(node.value))
        node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  // What has to be escaped stands in double quotes only.
  return yaml.toString({ lineWidth: 0 }).replace(NEEDS_ESCAPE, escapeInQuotes);
}

function escapeInQuotes(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
