/**
 * A Postman collection (v2.1), made by openapi-to-postmanv2 from the 3.0 document. The key is a variable
 * to fill in. The same model gives the same collection: ids, which the library draws, are derived instead.
 */
import { createHash } from "node:crypto";
import { describedResponses } from "./gateway-response.js";
import {
  cleanJson,
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type MutableJsonObject,
  put,
} from "./json.js";
import { withExamples } from "./postman-examples.js";
import { placeForms } from "./postman-forms.js";
import { type ApiModel, keyHeaderOf } from "./read-model.js";
import { withSampleHints } from "./sample-hints.js";
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
    withSampleHints(
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
    ...(withStableIds(placeForms(cleanJson(plain)), [model.title]) as JsonObject),
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

/** The gateway's own responses as saved examples of every request would be most of the collection. */
function withoutProblems(document: JsonObject): JsonObject {
  const paths: MutableJsonObject = {};
  for (const [path, item] of Object.entries(document.paths as JsonObject)) {
    const operations: MutableJsonObject = {};
    for (const [method, operation] of Object.entries(item as JsonObject)) {
      const { responses } = operation as { readonly responses: JsonObject };
      operations[method] = {
        ...(operation as JsonObject),
        responses: describedResponses(document, responses),
      };
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
