/** An example of a media type, parameter or header of a document: its own, else a sample of its schema. The same every time. */
import { cleanJson, isObject, type Json, type JsonObject, member } from "./json.js";

export type SampleSide = "request" | "response";

/**
 * @param document what references of the schema lead into
 * @param name of the example that is wanted, where there are several
 */
export async function exampleOfMedia(
  media: JsonObject,
  document: JsonObject,
  name?: string,
  side: SampleSide = "response",
): Promise<Json | undefined> {
  const examples = member(media, "examples");
  if (isObject(examples)) {
    const wanted = name === undefined ? undefined : member(examples, name);
    for (const example of [wanted, ...Object.values(examples)]) {
      const value = isObject(example) ? member(example, "value") : undefined;
      if (value !== undefined) return value;
    }
  }
  const own = member(media, "example");
  if (own !== undefined) return own;
  const schema = member(media, "schema");
  if (!isObject(schema) || saysNothing(schema, document)) return undefined;
  const { sample } = await import("openapi-sampler");
  const options = side === "request" ? { skipReadOnly: true } : { skipWriteOnly: true };
  return cleanJson(sample(schema as never, { quiet: true, ...options }, document) ?? null);
}

/** A schema without keywords that say what a value looks like, as the one for any content. */
function saysNothing(schema: JsonObject, document: JsonObject): boolean {
  const { $ref } = schema;
  if (typeof $ref !== "string")
    return Object.keys(schema).every((key) => key === "title" || key === "description");
  const { schemas = {} } = (document.components ?? {}) as { readonly schemas?: JsonObject };
  const target = member(schemas, $ref.split("/").at(-1) ?? "");
  return isObject(target) && target.$ref === undefined && saysNothing(target, document);
}
