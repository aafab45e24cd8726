/** An example of a media type, parameter or header of a document: its own, else a sample of its schema. The same every time. */
import {
  cleanJson,
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type MutableJsonObject,
  member,
  put,
} from "./json.js";
import { patternSample } from "./pattern-sample.js";

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

/** What stands here is data, whatever it looks like. */
const data = new Set(["example", "examples", "default", "const", "enum"]);

/** The document with an example for each text that has a pattern and no example: the sampler does not look at it. */
export function withPatternExamples(document: JsonObject): JsonObject {
  const visit = (value: Json): Json => {
    if (isArray(value)) return value.map(visit);
    if (!isObject(value)) return value;
    const out: MutableJsonObject = {};
    for (const [key, item] of Object.entries(value)) put(out, key, data.has(key) ? item : visit(item));
    const { type, pattern, minLength } = value;
    const isText = type === "string" || (isArray(type) && type.includes("string"));
    if (!isText || typeof pattern !== "string") return out;
    if ([...data].some((key) => value[key] !== undefined)) return out;
    const sample = patternSample(pattern, typeof minLength === "number" ? minLength : 0);
    if (sample !== null) out.example = sample;
    return out;
  };
  return visit(document) as JsonObject;
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
