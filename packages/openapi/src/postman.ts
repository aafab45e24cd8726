/**
 * A Postman collection of an Api: a folder for each tag, a request for each operation, with samples. The key is a variable to
 * fill in. The same model gives the same collection to the byte.
 * Format 2.1.0: https://schema.postman.com/collection/json/v2.1.0/draft-07/docs/index.html
 */
import { createHash } from "node:crypto";
import { isArray, isObject, type JsonObject } from "./json.js";
import { descriptionOf } from "./postman-description.js";
import { type Operation, postmanRequest } from "./postman-request.js";
import { savedResponses } from "./postman-responses.js";
import { type ApiModel, keyHeaderOf } from "./read-model.js";
import { withSampleHints } from "./sample-hints.js";
import { toOpenApi } from "./to-openapi.js";

/** Name of the collection variable that holds the key. */
export const POSTMAN_KEY_VARIABLE = "apiKey";
/** Of the one that holds the bearer token, where the Api demands one. */
const TOKEN_VARIABLE = "bearerToken";
const URL_VARIABLE = "baseUrl";

const SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";

export async function toPostman(model: ApiModel): Promise<JsonObject> {
  const document = withSampleHints(
    toOpenApi({ ...model, webhook: false }, { version: "3.1", shareParts: false }),
  );
  const info = document.info as JsonObject;
  const [server] = document.servers as readonly [{ readonly url: string }];
  const needsToken = model.bearerRequired === true;
  return {
    info: {
      _postman_id: uuidOf([model.title]),
      name: info.title ?? "",
      ...descriptionOf(info.description),
      schema: SCHEMA,
    },
    item: await itemsOf(document, (place) => uuidOf([model.title, ...place]), needsToken),
    auth: {
      type: "apikey",
      apikey: [
        { key: "key", value: keyHeaderOf(model), type: "string" },
        { key: "value", value: `{{${POSTMAN_KEY_VARIABLE}}}`, type: "string" },
        { key: "in", value: "header", type: "string" },
      ],
    },
    variable: [
      // Without a public URL it is to be filled in as well.
      { key: URL_VARIABLE, value: server.url.replace(/\/$/, "") },
      { key: POSTMAN_KEY_VARIABLE, value: "", type: "secret" },
      ...(needsToken ? [{ key: TOKEN_VARIABLE, value: "", type: "secret" }] : []),
    ],
  };
}

/** An operation is in the folder of each of its tags, and beside the folders without any. */
async function itemsOf(
  document: JsonObject,
  idOf: (place: readonly string[]) => string,
  needsToken: boolean,
): Promise<readonly JsonObject[]> {
  const tags = isArray(document.tags) ? document.tags.filter(isObject) : [];
  const folders = new Map<string, JsonObject[]>(tags.map(({ name }) => [String(name), []]));
  const untagged: JsonObject[] = [];
  for (const [path, methods] of Object.entries(document.paths as JsonObject))
    for (const [method, operation] of Object.entries(methods as JsonObject)) {
      if (!isObject(operation)) continue;
      const itemAt = await itemOf({ document, path, method, operation }, needsToken);
      const places = isArray(operation.tags) ? operation.tags.map(String) : [];
      if (places.length === 0) untagged.push(itemAt((part) => idOf([method, path, ...part])));
      for (const tag of new Set(places)) {
        const folder = folders.get(tag) ?? [];
        folders.set(tag, folder);
        folder.push(itemAt((part) => idOf([tag, method, path, ...part])));
      }
    }
  const descriptions = new Map(tags.map(({ name, description }) => [String(name), description]));
  const shown = [...folders].filter(([, items]) => items.length > 0);
  return [
    ...shown.map(([name, items]) => ({ name, ...descriptionOf(descriptions.get(name)), item: items })),
    ...untagged,
  ];
}

/** The item of an operation for each place in the collection, which decides the ids alone. */
async function itemOf(of: Operation, needsToken: boolean) {
  const responses = await savedResponses(of);
  const token = { key: "Authorization", value: `Bearer {{${TOKEN_VARIABLE}}}` };
  const request = await postmanRequest(of, URL_VARIABLE, needsToken ? [token] : []);
  const { description: _description, ...originalRequest } = request;
  const { summary, operationId } = of.operation;
  return (idOf: (part: readonly string[]) => string): JsonObject => ({
    id: idOf([]),
    name: String(summary ?? operationId ?? `${of.method.toUpperCase()} ${of.path}`),
    request,
    // Else Postman sends no body with GET and HEAD.
    ...(request.body !== undefined && { protocolProfileBehavior: { disableBodyPruning: true } }),
    response: responses.map(({ key, response }) => ({
      id: idOf(["response", key]),
      ...response,
      originalRequest,
    })),
  });
}

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
