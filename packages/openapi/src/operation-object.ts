/**
 * The parts of an operation as a document writes them: the fields that the model names, in one order, and nothing else.
 * What has not the form that OpenAPI gives it is left out.
 */
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
  if (isArray(parameters))
    out.parameters = parameters.filter(isObject).map((one) => pick(one, parameterKeys));
  if (isObject(requestBody)) out.requestBody = pick({ content: {}, ...requestBody }, bodyKeys);
  if (isObject(responses))
    out.responses = mapObjects(responses, (one) => ({ description: "", ...pick(one, responseKeys) }));
  return out as unknown as OperationModel;
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
      return typeof value === "string" ? value : undefined;
    case "description":
      return typeof value === "string" && value !== "" ? value : undefined;
    case "content":
      return mapObjects(value, (media) => pick(media, mediaKeys));
    case "headers":
      return mapObjects(value, (header) => pick(header, headerKeys));
    case "encoding":
      return mapObjects(value, (encoding) => pick(encoding, encodingKeys));
    case "examples":
      return mapObjects(value, (example) => pick(example, exampleKeys));
    default:
      return value;
  }
}

function mapObjects(map: Json, change: (value: JsonObject) => JsonObject): JsonObject {
  const out: MutableJsonObject = {};
  if (!isObject(map)) return out;
  for (const [key, value] of Object.entries(map)) if (isObject(value)) put(out, key, change(value));
  return out;
}
