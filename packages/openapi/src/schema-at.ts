/** Where references of a document's schemas lead. */
import { isObject, type Json, type JsonObject, pointerTokens, valueAt } from "./json.js";

/** An empty schema where that is nowhere. */
export function schemaAt(schema: Json | undefined, document: JsonObject): JsonObject {
  let target = schema;
  for (let hops = 0; hops < REFS_MAX && isObject(target) && typeof target.$ref === "string"; hops++)
    target = valueAt(document, pointerTokens(target.$ref.slice(1)) ?? []);
  return isObject(target) && target.$ref === undefined ? target : {};
}

/** References in a row. */
const REFS_MAX = 16;
