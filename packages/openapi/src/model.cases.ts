/** Arbitrary Apis and schemas for property tests: any Unicode, odd paths, odd schemas. Tests only. */

import { normalizedKey, parseRoutePattern } from "@latchkey/core";
import fc from "fast-check";
import type { Json } from "./json.js";
import { makeOperationId, operationIdsOf } from "./operation-id.js";
import {
  type ApiModel,
  anyMethods,
  type IntegrationModel,
  type JsonSchema,
  type MediaTypeModel,
  type OperationModel,
  type ParameterModel,
  type RequestBodyModel,
  type RequestLimitModel,
  type RouteLimitsModel,
  type RouteModel,
} from "./read-model.js";

const anyText = fc.string({ unit: "binary", maxLength: 30 });
const word = fc.constantFrom(
  "orders",
  "files",
  "a",
  "über",
  "注文",
  "v1.0",
  "x%20y",
  "it's",
  "a:b",
  "~me",
  "{",
);
const parameterName = fc.constantFrom("id", "ID2", "name", "a", "segment1", "x_y-z", "path");

const segment = fc.oneof(
  { weight: 3, arbitrary: word },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 }) },
  { weight: 3, arbitrary: parameterName.map((name) => `{${name}}`) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom("", "report-", "Products(", "%2F"),
        parameterName,
        fc.constantFrom("", ".json", ":archive", ")", "-{b}", ".{b}.å"),
      )
      .map(([before, name, behind]) => `${before}{${name}}${behind}`),
  },
);

/** Pattern texts that core accepts, in canonical spelling. */
export const patternText: fc.Arbitrary<string> = fc
  .tuple(fc.array(segment, { maxLength: 4 }), fc.option(parameterName, { freq: 3 }))
  .map(([segments, rest]) => `/${[...segments, ...(rest === null ? [] : [`{${rest}*}`])].join("/")}`)
  .map((text) => parseRoutePattern(text))
  .filter((pattern) => pattern.ok)
  .map((pattern) => (pattern.ok ? pattern.value.text : ""));

/** As it arrives, from a parser: validators tell an object without a prototype from one with. */
export const jsonValue: fc.Arbitrary<Json> = fc
  .jsonValue({ maxDepth: 2 })
  .map((value) => JSON.parse(JSON.stringify(value)) as Json);
const typeName = fc.constantFrom("null", "boolean", "object", "array", "number", "string", "integer");

/** Schemas with every keyword, valid and not, and references that lead somewhere or nowhere. */
export const schema: fc.Arbitrary<JsonSchema> = fc.letrec<{ schema: JsonSchema; root: JsonSchema }>((tie) => {
  const sub = tie("schema");
  const subs = fc.array(sub, { maxLength: 3 });
  const map = fc.dictionary(fc.oneof(fc.constantFrom("a", "b", "__proto__"), anyText), sub, {
    maxKeys: 3,
  });
  const count = fc.oneof(fc.nat(5), fc.constant(-1));
  const limit = fc.oneof(fc.integer({ min: -9, max: 9 }), fc.boolean());
  const strings = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 3 });
  const keyword = fc.oneof(
    ...Object.entries({
      $ref: fc.constantFrom(
        "#",
        "#/$defs/A",
        "#/$defs/B%20b",
        "#/$defs/C",
        "#/properties/a",
        "https://x.test/s",
        "#q",
      ),
      title: anyText,
      description: anyText,
      type: fc.oneof(typeName, fc.uniqueArray(typeName, { maxLength: 3 }), fc.constant("file")),
      nullable: fc.boolean(),
      format: fc.constantFrom("int32", "date-time", "uuid"),
      enum: fc.array(jsonValue, { maxLength: 3 }),
      const: jsonValue,
      default: jsonValue,
      examples: fc.array(jsonValue, { maxLength: 2 }),
      example: jsonValue,
      deprecated: fc.boolean(),
      readOnly: fc.boolean(),
      writeOnly: fc.boolean(),
      multipleOf: fc.integer({ min: -1, max: 3 }),
      maximum: fc.integer({ min: -9, max: 9 }),
      exclusiveMaximum: limit,
      minimum: fc.integer({ min: -9, max: 9 }),
      exclusiveMinimum: limit,
      maxLength: count,
      minLength: count,
      pattern: fc.constantFrom("^a+$", "(", "\\p{L}"),
      contentEncoding: fc.constant("base64"),
      contentMediaType: fc.constant("image/png"),
      maxItems: count,
      minItems: count,
      uniqueItems: fc.boolean(),
      prefixItems: subs,
      items: fc.oneof(sub, subs),
      contains: sub,
      minContains: count,
      unevaluatedItems: sub,
      maxProperties: count,
      minProperties: count,
      required: strings,
      properties: map,
      patternProperties: map,
      additionalProperties: sub,
      propertyNames: sub,
      unevaluatedProperties: sub,
      dependentRequired: fc.dictionary(fc.constantFrom("a", "b"), strings, { maxKeys: 2 }),
      dependentSchemas: map,
      allOf: subs,
      anyOf: subs,
      oneOf: subs,
      not: sub,
      if: sub,
      // biome-ignore lint/suspicious/noThenProperty: the keyword's name
      then: sub,
      else: sub,
      xml: fc.constant({ name: "x" }),
      "x-internal": anyText,
    }).map(([key, value]) => (value as fc.Arbitrary<unknown>).map((v) => [key, v] as const)),
  );
  // Few keywords at a time, or nothing would ever stay small.
  const sparse = fc
    .array(keyword, { maxLength: 5 })
    .map((entries) => Object.fromEntries(entries) as unknown as JsonSchema);
  return {
    schema: fc.oneof({ maxDepth: 3, depthIdentifier: "schema" }, fc.boolean(), sparse),
    root: fc
      .tuple(sparse, fc.dictionary(fc.constantFrom("A", "B b", "D"), tie("schema"), { maxKeys: 3 }))
      .map(([root, defs]): JsonSchema => (typeof root === "boolean" ? root : { ...root, $defs: defs })),
  };
}).root;

const integration: fc.Arbitrary<IntegrationModel> = fc.record(
  {
    name: fc.oneof(fc.constantFrom("Create order", "Orders", "注文", "", "create-order"), anyText),
    requestSchema: schema,
    responseSchema: schema,
    requestContentTypes: fc.array(
      fc.constantFrom("application/json", "text/plain", "Image/PNG", "nonsense", "*/*"),
    ),
    responseContentTypes: fc.array(fc.constantFrom("application/problem+json", "application/*", "text/csv")),
    examples: fc.record({ request: jsonValue, response: jsonValue }, { requiredKeys: [] }),
    webSockets: fc.boolean(),
  },
  { requiredKeys: ["name"] },
);

/** Names of shared schemas; not all of them are there. */
const schemaName = fc.constantFrom("Order", "Line", "Problem", "AnyBody", "order");

const operationSchema: fc.Arbitrary<JsonSchema> = fc.oneof(
  { weight: 2, arbitrary: schemaName.map((name): JsonSchema => ({ $ref: `#/components/schemas/${name}` })) },
  {
    weight: 1,
    arbitrary: schemaName.map(
      (name): JsonSchema => ({ type: "array", items: { $ref: `#/components/schemas/${name}` } }),
    ),
  },
  { weight: 2, arbitrary: schema },
);

const description = fc.oneof(
  anyText,
  fc.constantFrom(
    "This route accepts any method.",
    "This route accepts WebSocket connections.",
    "The gateway limits request bodies of this route to 10 bytes.",
    "Slow. The gateway's quota of this route is 5 requests in 60 seconds, at most 2 at once.",
    "Matches the rest of the path, slashes included.",
    "A *text*.",
  ),
);

const examples = fc.dictionary(
  fc.constantFrom("one", "two"),
  fc.record({ value: jsonValue, summary: anyText }),
  {
    minKeys: 1,
    maxKeys: 2,
  },
);

const mediaTypes: fc.Arbitrary<RequestBodyModel["content"]> = fc.dictionary(
  fc.constantFrom(
    "application/json",
    "*/*",
    "text/csv",
    "application/problem+json",
    "application/json; charset=utf-8",
    "image/*",
  ),
  fc.oneof(
    fc.record({ schema: operationSchema, example: jsonValue }, { requiredKeys: [] }),
    fc.record({ schema: operationSchema, examples }, { requiredKeys: [] }),
  ) as fc.Arbitrary<MediaTypeModel>,
  { maxKeys: 3 },
);

const parameterModel: fc.Arbitrary<ParameterModel> = fc
  .record(
    {
      name: fc.oneof(parameterName, fc.constantFrom("X-Trace", "page", "filter"), anyText),
      in: fc.constantFrom("path", "query", "header", "cookie"),
      required: fc.boolean(),
      description,
      deprecated: fc.boolean(),
      allowEmptyValue: fc.boolean(),
      explode: fc.boolean(),
      schema: operationSchema,
      example: jsonValue,
    },
    { requiredKeys: ["name", "in", "schema"] },
  )
  .map((parameter) => parameter as ParameterModel);

const responses: fc.Arbitrary<NonNullable<OperationModel["responses"]>> = fc.dictionary(
  fc.constantFrom("200", "201", "204", "2XX", "401", "404", "4XX", "503", "default"),
  fc.record(
    {
      description,
      headers: fc.dictionary(
        fc.constantFrom("Location", "X-Total"),
        fc.record({ description, schema: operationSchema as fc.Arbitrary<Json>, required: fc.boolean() }),
        { maxKeys: 2 },
      ),
      content: mediaTypes,
    },
    { requiredKeys: ["description"] },
  ),
  { maxKeys: 4 },
);

const operation = fc.record(
  {
    summary: anyText,
    description,
    tags: fc.array(fc.constantFrom("orders", "files", "Größen"), { maxLength: 2 }),
    deprecated: fc.boolean(),
    parameters: fc.array(parameterModel, { maxLength: 3 }),
    requestBody: fc.record(
      { description, required: fc.boolean(), content: mediaTypes },
      { requiredKeys: ["content"] },
    ),
    responses,
  },
  { requiredKeys: [] },
) as fc.Arbitrary<OperationModel>;

const requestLimit: fc.Arbitrary<RequestLimitModel> = fc.record(
  {
    limit: fc.integer({ min: 1, max: 1_000_000_000 }),
    windowSeconds: fc.integer({ min: 1, max: 366 * 86_400 }),
    burst: fc.integer({ min: 1, max: 100 }),
  },
  { requiredKeys: ["limit", "windowSeconds"] },
) as fc.Arbitrary<RequestLimitModel>;

const limits: fc.Arbitrary<RouteLimitsModel> = fc.record(
  { requestBodyBytesMax: fc.integer({ min: 1, max: 2 ** 40 }), rateLimit: requestLimit, quota: requestLimit },
  { requiredKeys: [] },
);

const routeSeed = fc.record(
  {
    method: fc.constantFrom(...anyMethods, "ANY" as const),
    path: patternText,
    integration,
    validate: fc.boolean(),
    operation,
    limits,
  },
  { requiredKeys: ["method", "path", "integration"] },
);

/** Routes as the control plane would have stored them: no two the same, ids made in order. */
const routes: fc.Arbitrary<readonly RouteModel[]> = fc.array(routeSeed, { maxLength: 8 }).map((seeds) => {
  const taken = new Set<string>();
  const keys = new Set<string>();
  const list: RouteModel[] = [];
  for (const seed of seeds) {
    const pattern = parseRoutePattern(seed.path);
    if (!pattern.ok) continue;
    const key = `${seed.method} ${normalizedKey(pattern.value)}`;
    if (keys.has(key)) continue;
    keys.add(key);
    const operationId = makeOperationId(seed.method, seed.path, taken);
    for (const id of operationIdsOf(seed.method, operationId)) taken.add(id);
    list.push({ ...seed, operationId });
  }
  return list;
});

export const apiModel: fc.Arbitrary<ApiModel> = fc.record(
  {
    title: fc.string({ unit: "binary", maxLength: 60 }),
    summary: fc.string({ unit: "binary", maxLength: 100 }),
    version: fc.constant("v1"),
    serverUrl: fc.constantFrom(
      null,
      "https://gateway.example.org",
      "http://localhost:8080/",
      "https://a:b@x.test/p/?q#f",
    ),
    routes,
    keyHeaderName: fc.constantFrom("Connxio-Api-Key", "X-Key"),
    webhook: fc.boolean(),
    bearerRequired: fc.boolean(),
    schemas: fc.dictionary(schemaName, operationSchema, { maxKeys: 3 }),
    info: fc.record(
      {
        termsOfService: fc.constant("https://terms.example/v1"),
        contact: fc.record(
          {
            name: fc.constant("Support"),
            url: fc.constant("https://help.example"),
            email: fc.constant("help@shop.example"),
          },
          { requiredKeys: ["name"] },
        ),
        // 3.0 has no `identifier`.
        license: fc.record(
          { name: fc.constant("MIT"), url: fc.constant("https://license.example") },
          { requiredKeys: ["name"] },
        ),
      },
      { requiredKeys: ["contact"] },
    ),
    tags: fc
      .uniqueArray(fc.constantFrom("orders", "files", "Größen"), { maxLength: 2 })
      .map((names) => names.map((name) => ({ name, description: `About ${name}.` }))),
  },
  { requiredKeys: ["title", "summary", "version", "serverUrl", "routes", "webhook"] },
);
