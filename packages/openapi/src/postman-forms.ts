/**
 * The fields of forms in a Postman collection, as the gateway reads them: a list is repeated, an object is JSON. The library
 * writes "[object Object]" for an object, one text for a list of parts, and random values where a form is no object; so it
 * only carries the fields to where they belong.
 */
import { isArray, isObject, type Json, type JsonObject, member, pointerTokens, valueAt } from "./json.js";
import { essenceOf } from "./media-range.js";

const MULTIPART = "multipart/form-data";
const formTypes: ReadonlySet<string> = new Set(["application/x-www-form-urlencoded", MULTIPART]);

export function isForm(mediaType: string): boolean {
  return formTypes.has(essenceOf(mediaType));
}

/** The media type for the library: one property, whose text is the fields. @param media with its example */
export function carryForm(media: JsonObject, mediaType: string, document: JsonObject): JsonObject {
  const example = { fields: JSON.stringify(fieldsOf(media, essenceOf(mediaType) === MULTIPART, document)) };
  return { schema: { type: "object", properties: { fields: { type: "string" } }, example } };
}

/** The collection with the fields of all forms in their places. */
export function placeForms(value: Json): Json {
  if (isArray(value)) return value.map(placeForms);
  if (!isObject(value)) return value;
  const mode = value.mode === "formdata" || value.mode === "urlencoded" ? value.mode : null;
  const carried = mode === null ? undefined : member(value, mode);
  if (mode !== null && isArray(carried)) {
    const [first] = carried;
    return { ...value, [mode]: isObject(first) ? (JSON.parse(String(first.value)) as Json) : [] };
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, placeForms(item)]));
}

/** A scalar as itself, anything else as JSON; null is empty. */
export function valueText(value: Json): string {
  if (value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function fieldsOf(media: JsonObject, isMultipart: boolean, document: JsonObject): readonly Json[] {
  const { example, encoding } = media;
  if (!isObject(example)) return [];
  const schema = schemaAt(media.schema, document);
  const properties = isObject(schema.properties) ? schema.properties : {};
  const required = isArray(schema.required) ? schema.required : [];
  return Object.entries(example).flatMap(([key, given]) => {
    const property = schemaAt(member(properties, key), document);
    // Of a text that is JSON, people write what is in it.
    const value = property.type === "string" ? valueText(given) : given;
    const own = isObject(encoding) ? member(encoding, key) : undefined;
    const rules = isObject(own) ? own : {};
    const { description = "" } = property;
    const content = `${required.includes(key) ? "(Required) " : ""}${String(description)}`;
    const about = content === "" ? {} : { description: { content, type: "text/plain" } };
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

const delimiters: { readonly [style: string]: string } = { spaceDelimited: " ", pipeDelimited: "|" };

/** By the Encoding Object of OpenAPI 3.1: without `style` and `explode` an object is JSON. */
export function pairsOf(key: string, value: Json, { style, explode }: JsonObject): readonly JsonObject[] {
  const pair = (name: string, item: Json) => ({ key: name, value: valueText(item) });
  const isStyled = style !== undefined || explode !== undefined;
  const isExploded = typeof explode === "boolean" ? explode : (style ?? "form") === "form";
  const join = (list: readonly Json[]) => [
    pair(key, list.map(valueText).join(delimiters[String(style)] ?? ",")),
  ];
  if (isArray(value)) return isExploded ? value.map((item) => pair(key, item)) : join(value);
  if (!isObject(value) || !isStyled) return [pair(key, value)];
  const members = Object.entries(value);
  if (style === "deepObject")
    return members.flatMap(([name, item]) => pairsOf(`${key}[${name}]`, item, { style }));
  return isExploded ? members.map(([name, item]) => pair(name, item)) : join(members.flat());
}

/** One that a client selects: bytes, or a list of them. */
function isFile(schema: JsonObject, document: JsonObject, depth = 0): boolean {
  const isBytes = schema.format === "binary" || typeof schema.contentMediaType === "string";
  if (isBytes && schema.contentEncoding === undefined) return true;
  const inner = [schema.items, ...["anyOf", "oneOf", "allOf"].flatMap((key) => schema[key] ?? [])];
  return depth < DEPTH_MAX && inner.some((one) => isFile(schemaAt(one, document), document, depth + 1));
}

/** Lists and choices in each other. */
const DEPTH_MAX = 4;

/** Where references lead; an empty schema where that is nowhere. */
export function schemaAt(schema: Json | undefined, document: JsonObject): JsonObject {
  let target = schema;
  for (let hops = 0; hops < REFS_MAX && isObject(target) && typeof target.$ref === "string"; hops++)
    target = valueAt(document, pointerTokens(target.$ref.slice(1)) ?? []);
  return isObject(target) && target.$ref === undefined ? target : {};
}

/** References in a row. */
const REFS_MAX = 16;
