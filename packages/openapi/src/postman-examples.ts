/**
 * A document of ours with an example for each value: where there is none, the Postman library draws one at random at each
 * export. Examples that the library cannot write (objects in parameters and forms) are texts here.
 */
import { exampleOfMedia, type SampleSide } from "./example-of-media.js";
import { isArray, isObject, type Json, type JsonObject, type MutableJsonObject, put } from "./json.js";
import { isJsonType } from "./media-range.js";
import { carryForm, isForm, pairsOf, schemaAt, valueText } from "./postman-forms.js";

/** @param document whose parts stand in place, not under `components` */
export async function withExamples(document: JsonObject): Promise<JsonObject> {
  const exampled = async (value: JsonObject, side: SampleSide): Promise<JsonObject> => {
    const { examples: _examples, ...rest } = value;
    const example = await exampleOfMedia(value, document, undefined, side);
    return example === undefined ? rest : { ...rest, example };
  };
  const content = (side: SampleSide) => (map: JsonObject) =>
    mapped(map, async (media, type) => {
      const read = await exampled(media, side);
      if (side === "request" && isForm(type)) return carryForm(read, type, document);
      return isJsonType(type) ? withJsonText(read, document) : read;
    });
  /** Of a parameter, or of a header of a response. */
  const parameter = (side: SampleSide) => async (value: JsonObject) => {
    const { content: media, ...rest } = value;
    if (!isObject(media)) return withTexts(await exampled(value, side));
    const { example = null } = await exampled(Object.values(media)[0] as JsonObject, side);
    return { ...rest, schema: { type: "string" }, example: valueText(example) };
  };
  const body = (side: SampleSide) => async (value: JsonObject) => ({
    ...value,
    ...(isObject(value.content) && { content: await content(side)(value.content) }),
    ...(isObject(value.headers) && { headers: await mapped(value.headers, parameter(side)) }),
  });
  const operation = async (value: JsonObject) => ({
    ...value,
    ...(isArray(value.parameters) && {
      parameters: withCookieHeader(
        await Promise.all(value.parameters.filter(isObject).map(parameter("request"))),
      ),
    }),
    ...(isObject(value.requestBody) && { requestBody: await body("request")(value.requestBody) }),
    ...(isObject(value.responses) && { responses: await mapped(value.responses, body("response")) }),
  });
  const paths = await mapped(document.paths as JsonObject, (item) => mapped(item, operation));
  return { ...document, paths };
}

/** Lists and objects in a list or object have no form in a style other than deepObject: they are JSON. */
function withTexts(value: JsonObject): JsonObject {
  const { example, style } = value;
  if (style === "deepObject") return value;
  const text = (item: Json): Json => (typeof item === "object" && item !== null ? valueText(item) : item);
  if (isArray(example)) return { ...value, example: example.map(text) };
  if (!isObject(example)) return value;
  const members: MutableJsonObject = {};
  for (const [name, item] of Object.entries(example)) put(members, name, text(item));
  return { ...value, example: members };
}

/** The library writes a text as it is. Of a schema that is no text, people write the JSON text of the example. */
function withJsonText(media: JsonObject, document: JsonObject): JsonObject {
  const { example, schema } = media;
  if (typeof example !== "string") return media;
  const isText = schemaAt(schema, document).type === "string";
  return !isText && isJsonText(example) ? media : { ...media, example: JSON.stringify(example) };
}

function isJsonText(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The library leaves cookies out. */
function withCookieHeader(parameters: readonly JsonObject[]): readonly JsonObject[] {
  const cookies = parameters.filter((one) => one.in === "cookie");
  if (cookies.length === 0) return parameters;
  const pairs = ({ name, example = "", explode = true }: JsonObject) =>
    pairsOf(String(name), example, { explode }).map(({ key, value }) => `${String(key)}=${String(value)}`);
  const header = {
    name: "Cookie",
    in: "header",
    ...(cookies.some(({ required }) => required === true) && { required: true }),
    schema: { type: "string" },
    example: cookies.flatMap(pairs).join("; "),
  };
  return [...parameters.filter((one) => one.in !== "cookie"), header];
}

async function mapped(
  map: JsonObject,
  change: (value: JsonObject, key: string) => Promise<JsonObject>,
): Promise<JsonObject> {
  const out: MutableJsonObject = {};
  for (const [key, value] of Object.entries(map))
    put(out, key, isObject(value) ? await change(value, key) : value);
  return out;
}
