/**
 * A Postman collection (v2.1), made by openapi-to-postmanv2 from the 3.0 document. The key is a variable
 * to fill in. The same model gives the same collection: ids, which the library draws, are derived instead.
 */
import { createHash } from "node:crypto";
import { exampleOfMedia, type SampleSide, withPatternExamples } from "./example-of-media.js";
import { describedResponses } from "./gateway-response.js";
import {
  cleanJson,
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type MutableJsonObject,
  objectOf,
  pointerTokens,
  put,
  valueAt,
} from "./json.js";
import { essenceOf } from "./media-range.js";
import { type ApiModel, keyHeaderOf } from "./read-model.js";
import { toOpenApi } from "./to-openapi.js";

/** Name of the collection variable that holds the key. */
export const POSTMAN_KEY_VARIABLE = "apiKey";

const options = {
  requestNameSource: "Fallback" as const,
  folderStrategy: "Tags" as const,
  parametersResolution: "Example" as const,
  includeAuthInfoInExample: false,
  optimizeConversion: false,
  stackLimit: 20,
};

/** Throws when the library refuses the document, which is a bug of ours. */
export async function toPostman(model: ApiModel): Promise<JsonObject> {
  const converter = await import("openapi-to-postmanv2");
  const document = await withExamples(
    withPatternExamples(
      withoutProblems(toOpenApi({ ...model, webhook: false }, { version: "3.1", shareParts: false })),
    ),
  );
  const collection = await new Promise<unknown>((resolve, reject) => {
    // The library changes what it is given.
    converter.default.convertV2(
      { type: "json", data: structuredClone(document) },
      options,
      (error, result) => {
        const output = result?.output?.[0]?.data;
        if (error !== null || output === undefined) {
          reject(new Error(`openapi-to-postmanv2 refused the document: ${result?.reason ?? String(error)}`));
        } else {
          resolve(output);
        }
      },
    );
  });
  // Through text: the library's own objects say only so what is in them.
  const plain = JSON.parse(JSON.stringify(collection)) as JsonObject;
  return {
    ...(withStableIds(cleanJson(plain), [model.title]) as JsonObject),
    auth: {
      type: "apikey",
      apikey: [
        { key: "key", value: keyHeaderOf(model), type: "string" },
        { key: "value", value: `{{${POSTMAN_KEY_VARIABLE}}}`, type: "string" },
        { key: "in", value: "header", type: "string" },
      ],
    },
    variable: [
      ...(isArray(plain.variable) ? plain.variable : []),
      { key: POSTMAN_KEY_VARIABLE, value: "", type: "secret" },
    ],
  };
}

/** Examples everywhere: where there is none, the library draws one at random at each export. */
async function withExamples(document: JsonObject): Promise<JsonObject> {
  const visit = async (value: Json, side: SampleSide): Promise<Json> => {
    if (isArray(value)) return Promise.all(value.map((item) => visit(item, side)));
    if (!isObject(value)) return value;
    const out: MutableJsonObject = {};
    for (const [key, item] of Object.entries(value)) {
      // Schemas and examples hold no media types and parameters of their own.
      if (key === "examples" && value.schema !== undefined) continue;
      const isValue = key === "schema" || key === "example";
      const read = isValue ? item : await visit(item, key === "responses" ? "response" : side);
      put(out, key, formTypes.has(essenceOf(key)) ? asFormSchema(read, key, document) : read);
    }
    if (value.schema === undefined) return out;
    const example = await exampleOfMedia(value, document, undefined, side);
    if (example !== undefined) put(out, "example", example);
    return out;
  };
  return { ...document, paths: await visit(document.paths as Json, "request") };
}

const MULTIPART = "multipart/form-data";
const formTypes: ReadonlySet<string> = new Set(["application/x-www-form-urlencoded", MULTIPART]);

/** The library reads the example of a form from its schema only, and draws one at random where that has none. */
function asFormSchema(media: Json, type: string, document: JsonObject): Json {
  if (!isObject(media) || !isObject(media.example)) return media;
  const { $ref: _ref, examples: _examples, ...schema } = targetOf(media.schema ?? {}, document);
  const fields = Object.entries(media.example).map(([name, value]): [string, Json] => [
    name,
    // The library writes an object of a part as "[object Object]".
    essenceOf(type) === MULTIPART && isObject(value) ? JSON.stringify(value) : value,
  ]);
  return { ...media, schema: { ...schema, example: objectOf(fields) } };
}

/** Where references lead; an empty schema where that is nowhere. */
function targetOf(schema: Json, document: JsonObject): JsonObject {
  let target: Json | undefined = schema;
  for (let hops = 0; hops < REFS_MAX && isObject(target) && typeof target.$ref === "string"; hops++)
    target = valueAt(document, pointerTokens(target.$ref.slice(1)) ?? []);
  return isObject(target) ? target : {};
}

/** References in a row. */
const REFS_MAX = 16;

/** The gateway's own responses as saved examples of every request would be most of the collection. */
function withoutProblems(document: JsonObject): JsonObject {
  const paths: MutableJsonObject = {};
  for (const [path, item] of Object.entries(document.paths as JsonObject)) {
    const operations: MutableJsonObject = {};
    for (const [method, operation] of Object.entries(item as JsonObject)) {
      const { responses } = operation as { readonly responses: JsonObject };
      operations[method] = { ...(operation as JsonObject), responses: describedResponses(responses) };
    }
    put(paths, path, operations);
  }
  return { ...document, paths };
}

function withStableIds(value: Json, path: readonly string[]): Json {
  if (isArray(value)) return value.map((item, index) => withStableIds(item, [...path, String(index)]));
  if (!isObject(value)) return value;
  const out: MutableJsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    const isId = (key === "id" || key === "_postman_id") && typeof item === "string" && UUID.test(item);
    put(out, key, isId ? uuidOf([...path, key]) : withStableIds(item, [...path, key]));
  }
  return out;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** RFC 9562 §5.8: a UUID of our own making (version 8). */
function uuidOf(path: readonly string[]): string {
  const hex = createHash("sha256").update(JSON.stringify(path), "utf8").digest("hex");
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}
