/** Tags of operations that have none of their own: grouped by the first segment of their path, if that is no parameter. */
import { decodePath } from "./decode-path.js";
import { type JsonObject, truncate } from "./json.js";

const TAG_CHARS_MAX = 80;

export const UNTITLED = "Untitled API";

export function tagOf(path: string, title: string): string {
  const first = path.split("/")[1] ?? "";
  const tag = first === "" || first.includes("{") || first === "*" ? title : decodePath(first);
  return truncate(tag, TAG_CHARS_MAX).trim() || UNTITLED;
}

export function tagObject(name: string): JsonObject {
  return { name, description: `Operations of ${name}.` };
}
