/** A document as text: the same document gives the same bytes, and both formats say the same. */
import { stringify } from "yaml";
import type { JsonObject } from "./json.js";

export type DocumentFormat = "json" | "yaml";

/** Two-space JSON with a final newline, or YAML 1.2 that YAML 1.1 readers understand too. */
export function emit(document: JsonObject, format: DocumentFormat): string {
  if (format === "json") return `${JSON.stringify(document, null, 2)}\n`;
  return stringify(document, {
    version: "1.2",
    // Quotes `on`, `yes` and `1:20`, which YAML 1.1 takes for something else than text.
    compat: "yaml-1.1",
    // No anchors: two equal parts are two parts, and an alias would depend on object identity.
    aliasDuplicateObjects: false,
    lineWidth: 0,
  });
}
