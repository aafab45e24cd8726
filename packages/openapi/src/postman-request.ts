/** The request of an operation in a Postman collection: samples in the place of parameters, and the first body that it takes. */
import { exampleOfMedia } from "./example-of-media.js";
import { describedResponses } from "./gateway-response.js";
import { isArray, isObject, type Json, type JsonObject } from "./json.js";
import { takesRest } from "./latchkey-fields.js";
import { pairsOf, pathText, simpleText, valueText } from "./parameter-text.js";
import { requestBody } from "./postman-body.js";
import { descriptionOf } from "./postman-description.js";
import { preferredType } from "./preferred-type.js";

export interface Operation {
  /** With the parts of its operations in place, not under `components`. */
  readonly document: JsonObject;
  readonly path: string;
  readonly method: string;
  readonly operation: JsonObject;
}

interface Sampled {
  readonly parameter: JsonObject;
  readonly name: string;
  readonly value: Json;
}

/**
 * @param urlVariable holds the URL of the server
 * @param more headers that each request has
 */
export async function postmanRequest(
  { document, path, method, operation }: Operation,
  urlVariable: string,
  more: readonly JsonObject[],
): Promise<JsonObject> {
  const sampled = await samples(operation, document);
  const at = (place: string) => sampled.filter(({ parameter }) => parameter.in === place);
  const { body, contentType } = await requestBody(operation, document);
  const accept = acceptOf(operation, document);
  return {
    method: method.toUpperCase(),
    ...descriptionOf(operation.description),
    url: {
      host: [`{{${urlVariable}}}`],
      ...pathOf(path, at("path")),
      query: at("query").flatMap(queryPairs),
    },
    header: [
      ...at("header").map((one) => ({
        key: one.name,
        value: simpleText(one.value, one.parameter),
        ...about(one),
      })),
      ...cookieHeader(at("cookie")),
      ...more,
      ...(contentType === null ? [] : [{ key: "Content-Type", value: contentType }]),
      ...(accept === null ? [] : [{ key: "Accept", value: accept }]),
    ],
    ...(body !== null && { body }),
  };
}

async function samples(operation: JsonObject, document: JsonObject): Promise<readonly Sampled[]> {
  const parameters = isArray(operation.parameters) ? operation.parameters.filter(isObject) : [];
  return Promise.all(
    parameters.map(async (parameter) => {
      const [media] = isObject(parameter.content) ? Object.values(parameter.content) : [];
      const sample = async (of: JsonObject) =>
        (await exampleOfMedia(of, document, undefined, "request")) ?? "";
      const value = isObject(media) ? valueText(await sample(media)) : await sample(parameter);
      return { parameter, name: String(parameter.name), value };
    }),
  );
}

function about({ parameter }: Sampled): JsonObject {
  return descriptionOf(parameter.description, parameter.required === true);
}

/** Postman knows variables for whole segments. One for a part of a segment stands for all of it. */
function pathOf(path: string, sampled: readonly Sampled[]): JsonObject {
  const variable: JsonObject[] = [];
  const segments = path
    .split("/")
    .slice(1)
    .map((segment) => {
      const names = [...segment.matchAll(/\{([^{}]*)\}/g)].map(([, name = ""]) => name);
      if (names.length === 0) return segment;
      const key = names.join("-");
      const parts = sampled.filter(({ name }) => names.includes(name));
      const [first] = parts;
      const isWhole = segment === `{${key}}`;
      variable.push({
        key,
        value: segment.replace(/\{([^{}]*)\}/g, (_, name: string) =>
          segmentText(parts.find((one) => one.name === name)),
        ),
        ...(isWhole && first !== undefined ? about(first) : descriptionOf(`As in \`${segment}\`.`, true)),
      });
      return `:${key}`;
    });
  return { path: segments, variable };
}

/** Postman encodes what is no URL at all, and leaves what could be a part of one. */
function segmentText(one: Sampled | undefined): string {
  if (one === undefined) return "";
  const text = pathText(one.name, one.value, one.parameter);
  return text.replace(takesRest(one.parameter) ? /[%?#]/g : /[%?#/]/g, encodeURIComponent);
}

function queryPairs(one: Sampled): readonly JsonObject[] {
  const { style = "form", explode } = one.parameter;
  const rules = explode === undefined ? { style } : { style, explode };
  const pairs = pairsOf(one.name, one.value, rules).map(({ key, value }) => ({
    key: String(key),
    value: String(value).replace(/[%+&#]/g, encodeURIComponent),
    ...about(one),
  }));
  // Of an empty list there is nothing to send.
  return pairs.length > 0 ? pairs : [{ key: one.name, value: "", disabled: true, ...about(one) }];
}

/** Postman keeps cookies outside collections. */
function cookieHeader(cookies: readonly Sampled[]): readonly JsonObject[] {
  if (cookies.length === 0) return [];
  const pairs = cookies.flatMap(({ name, value, parameter: { explode = true } }) =>
    pairsOf(name, value, { explode }),
  );
  return [
    {
      key: "Cookie",
      value: pairs.map(({ key, value }) => `${String(key)}=${String(value)}`).join("; "),
      ...descriptionOf(
        undefined,
        cookies.some(({ parameter }) => parameter.required === true),
      ),
    },
  ];
}

/** The media type of the first response that has one, successes first. */
function acceptOf(operation: JsonObject, document: JsonObject): string | null {
  const responses = describedResponses(document, isObject(operation.responses) ? operation.responses : {});
  const statuses = Object.keys(responses).sort(
    (a, b) => Number(b.startsWith("2")) - Number(a.startsWith("2")),
  );
  for (const status of statuses) {
    const { content } = responses[status] as JsonObject;
    if (isObject(content)) return preferredType(Object.keys(content), "");
  }
  return null;
}
