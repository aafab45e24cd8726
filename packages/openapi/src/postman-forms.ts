/** The fields of forms in a Postman collection, as the gateway reads them: a list is repeated, an object is JSON. */

import { essenceOf } from "@latchkey/validation";
import { isArray, isObject, type Json, type JsonObject, member } from "./json.js";
import { pairsOf, valueText } from "./parameter-text.js";
import { descriptionOf } from "./postman-description.js";
import { schemaAt } from "./schema-at.js";

const MULTIPART = "multipart/form-data";
const modes: { readonly [type: string]: string } = {
  "application/x-www-form-urlencoded": "urlencoded",
  [MULTIPART]: "formdata",
};

/** The body of a form; null: the media type is none. @param media with its example */
export function formBody(
  media: JsonObject,
  example: Json | undefined,
  mediaType: string,
  document: JsonObject,
): JsonObject | null {
  const essence = essenceOf(mediaType);
  const mode = modes[essence];
  if (mode === undefined) return null;
  const fields = isObject(example) ? fieldsOf(media, example, essence === MULTIPART, document) : [];
  return { mode, [mode]: fields };
}

function fieldsOf(
  media: JsonObject,
  example: JsonObject,
  isMultipart: boolean,
  document: JsonObject,
): readonly Json[] {
  const { encoding } = media;
  const schema = schemaAt(media.schema, document);
  const properties = isObject(schema.properties) ? schema.properties : {};
  const required = isArray(schema.required) ? schema.required : [];
  return Object.entries(example).flatMap(([key, given]) => {
    const property = schemaAt(member(properties, key), document);
    // Of a text that is JSON, people write what is in it.
    const value = property.type === "string" ? valueText(given) : given;
    const own = isObject(encoding) ? member(encoding, key) : undefined;
    const rules = isObject(own) ? own : {};
    const about = descriptionOf(property.description, required.includes(key));
    if (!isMultipart) return pairsOf(key, value, rules).map((pair) => ({ ...pair, ...about }));
    return isFile(property, document)
      ? [{ key, type: "file", src: null, ...about }]
      : partsOf(key, value, rules).map((part) => ({ ...part, ...about }));
  });
}

function partsOf(key: string, value: Json, { contentType }: JsonObject): readonly JsonObject[] {
  return (isArray(value) ? value : [value]).map((item) => {
    const wanted = typeof contentType === "string" && !/[,*]/.test(contentType) ? contentType : undefined;
    const type = wanted ?? (isObject(item) || isArray(item) ? "application/json" : undefined);
    return {
      key,
      value: valueText(item),
      type: "text",
      ...(type === undefined ? {} : { contentType: type }),
    };
  });
}

/** One that a client selects: bytes, or a list of them. */
export function isFile(schema: JsonObject, document: JsonObject, depth = 0): boolean {
  const isBytes = schema.format === "binary" || typeof schema.contentMediaType === "string";
  if (isBytes && schema.contentEncoding === undefined) return true;
  const inner = [schema.items, ...["anyOf", "oneOf", "allOf"].flatMap((key) => schema[key] ?? [])];
  return depth < DEPTH_MAX && inner.some((one) => isFile(schemaAt(one, document), document, depth + 1));
}

/** Lists and choices in each other. */
const DEPTH_MAX = 4;
