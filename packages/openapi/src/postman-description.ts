/** Text about a part of a collection. */
import type { Json, JsonObject } from "./json.js";

/** The field, or nothing to spread. Markdown, as descriptions in OpenAPI are. */
export function descriptionOf(text: Json | undefined, isRequired = false): JsonObject {
  const content = [isRequired ? "(Required)" : "", typeof text === "string" ? text : ""]
    .filter((part) => part !== "")
    .join(" ");
  return content === "" ? {} : { description: { content, type: "text/markdown" } };
}
