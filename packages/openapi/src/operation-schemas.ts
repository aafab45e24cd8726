/** The schemas of an operation: each with its place, to be read or changed. */
import { isObject, type Json, type JsonObject, type MutableJsonObject, member, put } from "./json.js";
import type { JsonSchema, OperationModel } from "./read-model.js";

export type ChangeSchema = (schema: JsonSchema, tokens: readonly (string | number)[]) => JsonSchema;

/** A copy with every schema changed. */
export function mapOperationSchemas(
  operation: OperationModel,
  change: ChangeSchema,
  tokens: readonly (string | number)[] = [],
): OperationModel {
  const { parameters, requestBody, responses } = operation as unknown as JsonObject;
  const mapped: MutableJsonObject = { ...(operation as unknown as JsonObject) };
  if (Array.isArray(parameters))
    mapped.parameters = (parameters as readonly Json[]).map((parameter, index) =>
      mapHolder(parameter, change, [...tokens, "parameters", index]),
    );
  if (requestBody !== undefined)
    mapped.requestBody = mapHolder(requestBody, change, [...tokens, "requestBody"]);
  if (responses !== undefined)
    mapped.responses = mapValues(responses, (response, status) =>
      mapHolder(response, change, [...tokens, "responses", status]),
    );
  return mapped as unknown as OperationModel;
}

/** Something with a schema, with content by media type, with headers, or with the encoding of parts. */
function mapHolder(holder: Json, change: ChangeSchema, tokens: readonly (string | number)[]): Json {
  if (!isObject(holder)) return holder;
  const out: MutableJsonObject = {};
  for (const [key, value] of Object.entries(holder)) {
    const at = [...tokens, key];
    if (key === "schema") out.schema = change(value as JsonSchema, at);
    else if (key === "content" || key === "headers" || key === "encoding")
      out[key] = mapValues(value, (one, name) => mapHolder(one, change, [...at, name]));
    else put(out, key, value);
  }
  return out;
}

function mapValues(map: Json, change: (value: Json, key: string) => Json): Json {
  if (!isObject(map)) return map;
  const out: MutableJsonObject = {};
  for (const key of Object.keys(map)) put(out, key, change(member(map, key) as Json, key));
  return out;
}
