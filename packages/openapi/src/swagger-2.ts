/**
 * A Swagger 2.0 document as OpenAPI 3.0, by @scalar/openapi-upgrader, with what it leaves to its caller: media types of an
 * operation come before those of the document, the discriminator becomes an object, and bodies and forms are the operations' own
 * (swagger-2-parameters.ts). Changes the document it is given.
 */
import { upgradeFromTwoToThree } from "@scalar/openapi-upgrader/2.0-to-3.0";
import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type MutableJsonObject,
  member,
  put,
} from "./json.js";
import { anyMethods } from "./read-model.js";
import { sharedParameters, withOwnBodies } from "./swagger-2-parameters.js";

const methods = anyMethods.map((method) => method.toLowerCase());

/** Null when it cannot be converted. */
export function fromSwagger2(document: JsonObject): JsonObject | null {
  try {
    const prepared = withSchemas(withOwnMediaTypes(document), false) as MutableJsonObject;
    const converted = upgradeFromTwoToThree(prepared) as JsonObject;
    return isObject(converted) ? converted : null;
  } catch {
    // The converter trusts the document's form.
    return null;
  }
}

/** `consumes` and `produces` of the document at each operation that has none. */
function withOwnMediaTypes(document: JsonObject): JsonObject {
  const paths = member(document, "paths");
  if (!isObject(paths)) return document;
  const defaults: MutableJsonObject = {};
  for (const key of ["consumes", "produces"]) {
    const types = member(document, key);
    if (isArray(types) && types.length > 0) defaults[key] = types;
  }
  const mapped: MutableJsonObject = {};
  for (const [path, item] of Object.entries(paths)) {
    if (!isObject(item)) continue;
    const copy: MutableJsonObject = { ...withOwnBodies(item, methods, document) };
    for (const method of methods) {
      const operation = member(copy, method);
      if (isObject(operation)) copy[method] = { ...defaults, ...operation };
    }
    put(mapped, path, copy);
  }
  const { produces: _all, ...rest } = document;
  // Shared responses have no operation to take them from.
  const isShared = isObject(member(document, "responses"));
  const parameters = member(document, "parameters");
  return {
    ...(isShared ? document : rest),
    ...(isObject(parameters) && { parameters: sharedParameters(parameters) }),
    paths: mapped,
  };
}

/** Discriminators and `x-nullable` in the words of 3.0. */
function withSchemas(value: Json, isMap: boolean): Json {
  if (isArray(value)) return value.map((item) => withSchemas(item, false));
  if (!isObject(value)) return value;
  const out: MutableJsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    if (!isMap && key === "discriminator" && typeof item === "string")
      out.discriminator = { propertyName: item };
    else if (!isMap && key === "x-nullable" && typeof item === "boolean") out.nullable = item;
    else if (!isMap && (key === "example" || key === "default" || key === "enum")) put(out, key, item);
    else put(out, key, withSchemas(item, !isMap && (key === "properties" || key === "definitions")));
  }
  return out;
}
