/**
 * The parts of an operation as a document writes them: the fields that the model names, in one order, and nothing else.
 * What has not the form that OpenAPI gives it is left out.
 */
import { isIgnoredHeader, isParameterPlace, isParameterStyle, isStatus } from "@latchkey/core";
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
import { isMediaRange } from "./media-range.js";
import type { OperationModel } from "./read-model.js";

const valueKeys = ["schema", "content", "example", "examples"] as const;
const headerKeys = ["description", "required", "deprecated", "style", "explode", ...valueKeys] as const;
const parameterKeys = [
  "name",
  "in",
  "required",
  "description",
  "deprecated",
  "allowEmptyValue",
  "style",
  "explode",
  "allowReserved",
  ...valueKeys,
] as const;
const bodyKeys = ["description", "content", "required"] as const;
const responseKeys = ["description", "headers", "content"] as const;
const mediaKeys = ["schema", "example", "examples", "encoding"] as const;
const encodingKeys = ["contentType", "headers", "style", "explode", "allowReserved"] as const;
const exampleKeys = ["summary", "description", "value", "externalValue"] as const;

/** A copy in the written form. Total: whatever it is given, what it gives is an operation. */
export function cleanOperation(operation: OperationModel): OperationModel {
  const given = cleanJson(operation) as JsonObject;
  const { parameters, requestBody, responses } = given;
  const out: MutableJsonObject = {};
  for (const key of ["summary", "description"])
    if (typeof given[key] === "string" && given[key] !== "") out[key] = given[key];
  if (isArray(given.tags)) out.tags = given.tags.filter((tag) => typeof tag === "string");
  if (given.deprecated === true) out.deprecated = true;
  if (isObject(given.externalDocs)) out.externalDocs = given.externalDocs;
  if (isArray(parameters)) out.parameters = parameters.filter(isObject).flatMap((one) => cleanParameter(one));
  if (isObject(requestBody)) out.requestBody = withContent(pick(requestBody, bodyKeys));
  if (isObject(responses))
    out.responses = mapObjects(
      responses,
      (one) => ({ description: "", ...pick(one, responseKeys) }),
      isStatus,
    );
  return out as unknown as OperationModel;
}

function withContent({ description, content, required }: JsonObject): JsonObject {
  return {
    ...(description === undefined ? {} : { description }),
    content: content ?? {},
    ...(required === undefined ? {} : { required }),
  };
}

/** None for what an import would leave out too. */
function cleanParameter(given: JsonObject): readonly JsonObject[] {
  const picked = oneValue(pick(given, parameterKeys));
  const { name, in: place, style } = picked;
  if (typeof name !== "string" || name === "" || !isParameterPlace(place) || isIgnoredHeader(place, name))
    return [];
  const { style: _style, required: _required, allowEmptyValue, allowReserved, ...rest } = picked;
  const kept = {
    ...rest,
    ...(place === "query" && allowEmptyValue === true ? { allowEmptyValue } : {}),
    ...(place === "query" && allowReserved === true ? { allowReserved } : {}),
    ...(place === "path" || picked.required === true ? { required: true } : {}),
    ...(typeof style === "string" && isParameterStyle(place, style) ? { style } : {}),
  };
  return [pick(kept, parameterKeys)];
}

function pick(object: JsonObject, keys: readonly string[]): JsonObject {
  const out: MutableJsonObject = {};
  for (const key of keys) {
    const value = member(object, key);
    const clean = value === undefined ? undefined : cleanMember(key, value);
    if (clean !== undefined) put(out, key, clean);
  }
  return out;
}

/** Undefined for what has not the form of the field, or says no more than its absence. */
function cleanMember(key: string, value: Json): Json | undefined {
  switch (key) {
    case "required":
    case "deprecated":
    case "allowEmptyValue":
    case "allowReserved":
      return value === true ? true : undefined;
    case "explode":
      return typeof value === "boolean" ? value : undefined;
    case "name":
    case "in":
    case "style":
    case "summary":
    case "contentType":
    case "externalValue":
    case "description":
      return typeof value === "string" && value !== "" ? value : undefined;
    case "content":
      return unlessEmpty(mapObjects(value, (media) => oneExample(pick(media, mediaKeys)), isMediaRange));
    case "headers":
      return unlessEmpty(
        mapObjects(
          value,
          (header) => oneValue(pick(header, headerKeys)),
          (name) => !/^content-type$/i.test(name),
        ),
      );
    case "encoding":
      return unlessEmpty(mapObjects(value, (encoding) => pick(encoding, encodingKeys)));
    case "examples":
      return unlessEmpty(mapObjects(value, (example) => pick(example, exampleKeys)));
    default:
      return value;
  }
}

/** OpenAPI takes one example or several, not both. */
function oneExample(object: JsonObject): JsonObject {
  if (object.example === undefined || object.examples === undefined) return object;
  const { example: _one, ...rest } = object;
  return rest;
}

/** A parameter or header has a schema or content with one media type. */
function oneValue(object: JsonObject): JsonObject {
  const { content, schema, ...rest } = oneExample(object);
  const [type] = isObject(content) ? Object.keys(content) : [];
  if (type !== undefined) return { ...rest, content: { [type]: (content as JsonObject)[type] as Json } };
  return pick({ ...rest, schema: schema ?? {} }, parameterKeys);
}

function unlessEmpty(map: JsonObject): JsonObject | undefined {
  return Object.keys(map).length === 0 ? undefined : map;
}

function mapObjects(
  map: Json,
  change: (value: JsonObject) => JsonObject,
  isKept: (key: string) => boolean = () => true,
): JsonObject {
  const out: MutableJsonObject = {};
  if (!isObject(map)) return out;
  for (const [key, value] of Object.entries(map))
    if (isObject(value) && isKept(key)) put(out, key, change(value));
  return out;
}
