/** What an imported operation says in the older form: a contract of the integration, and parameters of the URL. */
import { equalJson, type Json, type MutableJsonObject, pointerOf, put } from "./json.js";
import { takesJson } from "./media-range.js";
import type {
  IntegrationModel,
  JsonSchema,
  MediaTypeModel,
  OperationModel,
  PathParameter,
  QueryParameter,
  RouteModel,
  RouteParameters,
} from "./read-model.js";
import { bundleSchema, bundleToSchema, refsOf } from "./schema-bundle.js";
import { reachedNames, sharedName } from "./schema-library.js";

interface Imported extends RouteModel {
  readonly pointer: string;
}

type Schemas = { readonly [name: string]: JsonSchema };

const SCHEMA_CHARS_MAX = 256 * 1024;

export function legacyRoute<T extends Imported>(
  route: T,
  schemas: Schemas,
  faultOf: ((schema: JsonSchema) => string | null) | undefined,
): T {
  const { operation } = route;
  if (operation === undefined) return route;
  const usable = (schema: JsonSchema | undefined): JsonSchema | undefined =>
    schema !== undefined && (faultOf?.(schema) ?? null) === null ? schema : undefined;
  const request = mainContent(operation.requestBody?.content, schemas);
  const [status, success] = successOf(operation) ?? [];
  const response = mainContent(success?.content, schemas);
  const requestSchema = usable(request?.schema);
  const examples: MutableJsonObject = {};
  if (request?.example !== undefined) put(examples, "request", request.example);
  if (response?.example !== undefined) put(examples, "response", response.example);
  const integration: IntegrationModel = {
    name: route.integration.name,
    ...(requestSchema === undefined ? {} : { requestSchema }),
    ...(response?.schema === undefined ? {} : { responseSchema: response.schema }),
    ...types("requestContentTypes", request, requestSchema),
    ...types("responseContentTypes", response, response?.schema),
    ...(Object.keys(examples).length === 0 ? {} : { examples }),
  };
  const parameters = parametersOf(operation, schemas, usable);
  return {
    ...route,
    integration,
    bodyPointers: {
      request: request === null ? null : route.pointer + pointerOf(["requestBody", "content", request.key]),
      response:
        response === null
          ? null
          : route.pointer + pointerOf(["responses", status ?? "", "content", response.key]),
    },
    ...(parameters === undefined ? {} : { parameters }),
  };
}

function successOf({ responses = {} }: OperationModel) {
  const entries = Object.entries(responses);
  return (
    entries.find(([status]) => status === "200") ??
    entries.filter(([status]) => status.startsWith("2")).sort(([a], [b]) => (a < b ? -1 : 1))[0] ??
    entries.find(([status]) => status === "default")
  );
}

interface Main {
  readonly key: string;
  readonly types: readonly string[];
  readonly schema: JsonSchema | undefined;
  readonly example: Json | undefined;
}

function mainContent(
  content: { readonly [type: string]: MediaTypeModel } | undefined,
  schemas: Schemas,
): Main | null {
  const keys = Object.keys(content ?? {});
  const key = keys.find(takesJson) ?? keys[0];
  if (content === undefined || key === undefined) return null;
  const media = content[key] as MediaTypeModel;
  const first = Object.values(media.examples ?? {})[0] as { readonly value?: Json } | undefined;
  const isAny = equalJson(media.schema as Json | undefined, { $ref: "#/components/schemas/AnyBody" });
  return {
    key,
    types: keys,
    schema: isAny ? undefined : standAlone(media.schema, schemas),
    example: media.example ?? first?.value,
  };
}

/** With the shared schemas that it leads to; undefined when that is too large. */
function standAlone(schema: JsonSchema | undefined, schemas: Schemas): JsonSchema | undefined {
  if (schema === undefined || reachedChars(schema, schemas) > SCHEMA_CHARS_MAX) return undefined;
  const document = { components: { schemas }, schema };
  const bundle = bundleSchema({ document, tokens: ["schema"], dialect: "2020-12" }, () => {});
  const whole = bundleToSchema(bundle);
  return JSON.stringify(whole).length > SCHEMA_CHARS_MAX ? undefined : whole;
}

function reachedChars(schema: JsonSchema, schemas: Schemas): number {
  const namesIn = (one: JsonSchema | undefined): readonly string[] => {
    if (one === undefined || typeof one === "boolean") return [];
    let names = namesOf.get(one);
    if (names === undefined) {
      names = refsOf(one).flatMap((ref) => sharedName(ref) ?? []);
      namesOf.set(one, names);
    }
    return names;
  };
  let chars = 0;
  for (const name of reachedNames(namesIn(schema), (one) => namesIn(schemas[one]))) {
    const one = schemas[name];
    if (typeof one !== "object") continue;
    const length = charsOf.get(one) ?? JSON.stringify(one).length;
    charsOf.set(one, length);
    chars += length;
  }
  return chars;
}

const namesOf = new WeakMap<object, readonly string[]>();
const charsOf = new WeakMap<object, number>();

function types(
  key: "requestContentTypes" | "responseContentTypes",
  main: Main | null,
  schema: JsonSchema | undefined,
): Partial<IntegrationModel> {
  if (main === null) return {};
  const usual = schema === undefined ? "*/*" : "application/json";
  return main.types.length === 1 && main.types[0] === usual ? {} : { [key]: main.types };
}

function parametersOf(
  operation: OperationModel,
  schemas: Schemas,
  usable: (schema: JsonSchema | undefined) => JsonSchema | undefined,
): RouteParameters | undefined {
  const path: { [name: string]: PathParameter } = {};
  const query: QueryParameter[] = [];
  for (const {
    name,
    in: place,
    required,
    description,
    schema: given,
    style,
    explode,
    content,
  } of operation.parameters ?? []) {
    const schema = usable(standAlone(given, schemas));
    const said = {
      ...(schema === undefined || equalJson(schema as Json, { type: "string" }) ? {} : { schema }),
      ...(description === undefined ? {} : { description }),
    };
    const isPlain = (style ?? "form") === "form" && explode !== false && content === undefined;
    if (place === "path" && Object.keys(said).length > 0) path[name] = said;
    else if (place === "query" && isPlain)
      query.push({ name, ...(required === true ? { required } : {}), ...said });
  }
  const any = { ...(Object.keys(path).length > 0 ? { path } : {}), ...(query.length > 0 ? { query } : {}) };
  return Object.keys(any).length > 0 ? any : undefined;
}
