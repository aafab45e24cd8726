/**
 * The documents whose requests are compared: as npm packages ship them, those that FastAPI wrote of fastapi_app.py, and one
 * about what OpenAPI leaves open.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { isJson, type Json } from "./document-operations.js";

const modules = join(import.meta.dirname, "../../../../node_modules");

/** Quick to read. */
export const smallDocuments = [
  "gen/fastapi-pydantic-2.json",
  "gen/fastapi-pydantic-1.json",
  "open-questions.json",
  "@ideal-postcodes/openapi/dist/openapi.json",
  "@readme/oas-examples/3.0/json/petstore.json",
  "@readme/oas-examples/3.0/json/petstore-expanded.json",
  "@readme/oas-examples/3.0/json/parameters-style.json",
  "@readme/oas-examples/3.0/json/discriminators.json",
  "@readme/oas-examples/3.0/json/polymorphism.json",
  "@readme/oas-examples/3.0/json/form-data.json",
  "@readme/oas-examples/3.0/json/schema-types.json",
  "@readme/oas-examples/3.0/json/schema-validation.json",
  "@readme/oas-examples/3.0/yaml/uspto.yaml",
  "@readme/oas-examples/3.1/yaml/train-travel.yaml",
] as const;

export const largeDocuments = [
  "@figma/rest-api-spec/openapi/openapi.yaml",
  "@dcl/catalyst-api-specs/lib/api.yaml",
  "@blockfrost/openapi/openapi.yaml",
  "rclone-openapi/openapi.json",
  "@readme/oas-examples/3.1/json/readme.json",
] as const;

/** Those whose responses the other validator compiles within seconds. */
export const respondingDocuments = [
  ...smallDocuments,
  "@figma/rest-api-spec/openapi/openapi.yaml",
  "@dcl/catalyst-api-specs/lib/api.yaml",
] as const;

/**
 * Served at `/`, whatever servers it names. Without responses, unless they are what is compared; examples, where the other validator
 * looks for schemas with ids; defaults, which it puts into requests before it checks them; and formats that nobody knows.
 */
export function readDocument(name: string, { withResponses = false } = {}): Json {
  const file = join(isOurs(name) ? import.meta.dirname : modules, name);
  const text = readFileSync(file, "utf8");
  let document = (name.endsWith("json") ? JSON.parse(text) : parse(text)) as { [key: string]: unknown };
  document = without(document) as typeof document;
  document.servers = [{ url: "/" }];
  for (const item of Object.values(document.paths as { [path: string]: { [key: string]: unknown } })) {
    delete item.servers;
    for (const operation of Object.values(item))
      if (isJson(operation) && !Array.isArray(operation))
        Object.assign(operation, {
          servers: undefined,
          callbacks: undefined,
          ...(!withResponses && { responses: { "200": { description: "" } } }),
        });
  }
  return document;
}

function isOurs(name: string): boolean {
  return !name.includes("/") || name.startsWith("gen/");
}

/** Formats that the other validator would complain of, and that say nothing to either. */
function isUnknown(format: unknown): boolean {
  return typeof format === "string" && !knownFormats.has(format);
}

const knownFormats = new Set(
  "binary byte date date-time double duration email float hostname int32 int64 ipv4 ipv6 password regex time uri uri-reference uri-template uuid json-pointer".split(
    " ",
  ),
);

const leftOut = new Set(["example", "examples", "default"]);

/** @param isMap the keys are names that the document's author chose */
function without(value: unknown, isMap = false): unknown {
  if (Array.isArray(value)) return value.map((item) => without(item));
  if (!isJson(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, item]) => isMap || !(leftOut.has(key) || (key === "format" && isUnknown(item))))
      .map(([key, item]) => [key, without(item, !isMap && key === "properties")]),
  );
}
