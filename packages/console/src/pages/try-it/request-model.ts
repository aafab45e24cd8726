/** What the form of a request has: a field for each parameter of the operation, and the bodies it describes. Pure. */

import type { MediaType, Schema } from "../openapi/openapi-types.js";
import { resolveRef } from "../openapi/resolve-ref.js";
import { asObject, type JsonObject } from "../operation/json.js";
import { parametersOf as declaredParameters } from "../operation/operation.js";
import { parametersOf } from "./request-parts.js";
import { sampleValue } from "./sample-value.js";

export const fieldPlaces = ["path", "query", "header", "cookie"] as const;
export type FieldPlace = (typeof fieldPlaces)[number];

export interface ParameterField {
  /** `query limit`; of the path `path id`, or `path rest*` for a rest. */
  readonly id: string;
  readonly place: FieldPlace;
  readonly name: string;
  readonly isRequired: boolean;
  readonly description: string;
  /** `integer, 1 to 100`; empty when nothing is known. */
  readonly type: string;
  /** Values to choose from; empty: any text. */
  readonly choices: readonly string[];
  /** Several values with commas between them. */
  readonly isList: boolean;
  readonly example: string;
}

export interface BodyExample {
  readonly name: string;
  readonly text: string;
}

export interface BodyChoice {
  readonly contentType: string;
  readonly examples: readonly BodyExample[];
}

export interface RequestModel {
  readonly fields: readonly ParameterField[];
  readonly bodies: readonly BodyChoice[];
}

export interface ModelSource {
  readonly path: string;
  /** An Operation Object of OpenAPI. */
  readonly operation: JsonObject | null;
  /** Schemas that references lead to, by name. */
  readonly schemas: JsonObject | null;
  readonly integration: {
    /** JSON Schema as text; it counts where the operation describes no body. */
    readonly requestSchema: string | null;
    readonly requestContentTypes: readonly string[];
    readonly examples: readonly {
      readonly name: string;
      readonly contentType: string;
      readonly direction: string;
      readonly value: string;
    }[];
  };
}

export function requestModel({ path, operation, schemas, integration }: ModelSource): RequestModel {
  const document = { components: { schemas: schemas ?? {} } };
  const declared = declaredParameters(operation);
  const inPath = parametersOf(path).map((name) => {
    const plain = name.replace(/\*$/, "");
    const entry = declared.find((each) => each.in === "path" && each.name === plain) ?? {};
    return parameterField(document, "path", name, { ...entry, required: true });
  });
  const others = fieldPlaces
    .filter((place) => place !== "path")
    .flatMap((place) =>
      declared
        .filter((entry) => entry.in === place)
        .map((entry) => parameterField(document, place, String(entry.name), entry)),
    );
  const bodies = operationBodies(document, operation);
  return {
    fields: [...inPath, ...others],
    bodies: bodies.length > 0 ? bodies : integrationBodies(integration),
  };
}

function parameterField(
  document: unknown,
  place: FieldPlace,
  name: string,
  entry: JsonObject,
): ParameterField {
  const schema = resolveRef(document, asObject(entry.schema) as Schema);
  const isList = schema.type === "array";
  const items = typeof schema.items === "object" ? schema.items : {};
  const item = isList ? resolveRef(document, items) : schema;
  const [named] = Object.values(asObject(entry.examples)).map((each) => asObject(each).value);
  const example = entry.example ?? named ?? schema.example ?? schema.default ?? item.enum?.[0] ?? "";
  return {
    id: `${place} ${name}`,
    place,
    name,
    isRequired: entry.required === true,
    description: typeof entry.description === "string" ? entry.description : "",
    type: typeText(schema, item, isList),
    choices: isList ? [] : item.type === "boolean" ? ["true", "false"] : (item.enum ?? []).map(String),
    isList,
    example: Array.isArray(example) ? example.join(", ") : String(example),
  };
}

function typeText(schema: Schema, item: Schema, isList: boolean): string {
  const type = [item.type ?? []]
    .flat()
    .filter((each) => each !== "null")
    .join(" or ");
  if (type === "") return "";
  const { minimum, maximum } = item;
  const parts = [isList ? `list of ${type}` : type, schema.format ?? ""];
  if (minimum !== undefined && maximum !== undefined) parts.push(`${minimum} to ${maximum}`);
  else if (minimum !== undefined) parts.push(`at least ${minimum}`);
  else if (maximum !== undefined) parts.push(`at most ${maximum}`);
  return parts.filter((part) => part !== "").join(", ");
}

function operationBodies(document: unknown, operation: JsonObject | null): readonly BodyChoice[] {
  const content = Object.entries(asObject(asObject(operation?.requestBody).content));
  return content.map(([contentType, value]) => {
    const media = asObject(value) as MediaType;
    const named = Object.entries(media.examples ?? {}).map(([name, example]) => ({
      name: example.summary ?? name,
      text: bodyText(example.value),
    }));
    const single = media.example === undefined ? [] : [{ name: "Example", text: bodyText(media.example) }];
    const sample = fromSchema(document, contentType, media.schema);
    return { contentType, examples: [...single, ...named, ...sample] };
  });
}

function integrationBodies(integration: ModelSource["integration"]): readonly BodyChoice[] {
  const requests = integration.examples.filter(({ direction }) => direction === "REQUEST");
  const types = new Set([...integration.requestContentTypes, ...requests.map((each) => each.contentType)]);
  const schema = parsed(integration.requestSchema);
  if (schema !== null && types.size === 0) types.add("application/json");
  return [...types].map((contentType) => ({
    contentType,
    examples: [
      ...requests
        .filter((each) => each.contentType === contentType)
        .map(({ name, value }) => ({ name, text: value })),
      ...(schema === null ? [] : fromSchema(schema, contentType, schema)),
    ],
  }));
}

function fromSchema(
  document: unknown,
  contentType: string,
  schema: Schema | undefined,
): readonly BodyExample[] {
  if (schema === undefined || !isJsonType(contentType)) return [];
  const value = sampleValue(document, schema);
  return value === undefined ? [] : [{ name: "From the schema", text: bodyText(value) }];
}

function bodyText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null, null, 2);
}

function parsed(text: string | null): Schema | null {
  try {
    return text === null ? null : (asObject(JSON.parse(text)) as Schema);
  } catch {
    return null;
  }
}

export function isJsonType(contentType: string): boolean {
  return /[/+]json\b/.test(contentType);
}
