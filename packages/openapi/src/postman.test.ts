/** A collection that Postman takes: the key is a variable, and the same Api gives the same bytes. */
import { expect, it } from "vitest";
import type { JsonObject } from "./json.js";
import { toPostman } from "./postman.js";
import type { ApiModel, JsonSchema, OperationModel } from "./read-model.js";

const model: ApiModel = {
  title: "Orders",
  summary: "",
  version: "v1",
  serverUrl: "https://gateway.example.org",
  webhook: true,
  keyHeaderName: "X-Key",
  routes: [
    { method: "ANY", path: "/orders/{id}", operationId: "any-orders-id", integration: { name: "Orders" } },
    { method: "GET", path: "/files/{path*}", operationId: "get-files-path", integration: { name: "Files" } },
  ],
};

interface Item {
  readonly name: string;
  readonly item?: readonly Item[];
  readonly request?: { readonly method: string; readonly url: { readonly path: readonly string[] } };
}

function requests(items: readonly Item[]): readonly string[] {
  return items.flatMap(({ item, request }) =>
    request === undefined ? requests(item ?? []) : [`${request.method} /${request.url.path.join("/")}`],
  );
}

it("has every operation, the public URL and the key as variables", async () => {
  const collection = (await toPostman(model)) as JsonObject & { readonly item: readonly Item[] };
  expect([...requests(collection.item as unknown as readonly Item[])].sort()).toEqual(
    [
      ...["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH"].map(
        (method) => `${method} /orders/:id`,
      ),
      "GET /files/:path",
    ].sort(),
  );
  expect(collection.auth).toEqual({
    type: "apikey",
    apikey: [
      { key: "key", value: "X-Key", type: "string" },
      { key: "value", value: "{{apiKey}}", type: "string" },
      { key: "in", value: "header", type: "string" },
    ],
  });
  expect(collection.variable).toMatchObject([
    { key: "baseUrl", value: "https://gateway.example.org" },
    { key: "apiKey", value: "" },
  ]);
});

const described: ApiModel = {
  ...model,
  routes: [
    {
      method: "POST",
      path: "/orders/{id}",
      operationId: "post-orders-id",
      operation: {
        parameters: [
          { name: "id", in: "path", required: true, schema: { type: "integer", minimum: 5 } },
          { name: "trace", in: "query", schema: { type: "string", format: "uuid" } },
          { name: "weight", in: "query", schema: { type: "array", items: { type: "number" } } },
        ],
      },
      integration: {
        name: "Orders",
        requestSchema: {
          type: "object",
          required: ["weight", "code", "at"],
          properties: {
            weight: { type: "number" },
            code: { type: "string", pattern: "^[a-z]{3}$" },
            at: { type: "string", format: "date-time" },
          },
        },
        responseSchema: { type: "object", properties: { total: { type: "integer" } } },
        examples: { response: { total: 77 } },
      },
    },
  ],
};

it("shows the examples that the Api has", async () => {
  const text = JSON.stringify(await toPostman(described));
  expect(text).toContain('\\"total\\": 77');
  expect(text).not.toMatch(/<(?:number|integer|dateTime|uuid)>/);
});

it("shows what an operation describes: its media types, parameters, statuses and examples", async () => {
  const operation: OperationModel = {
    parameters: [{ name: "X-Trace", in: "header", schema: { type: "string" }, example: "trace-1" }],
    requestBody: {
      content: {
        "application/json": { examples: { one: { value: { sku: "EX-1" } } }, schema: { type: "object" } },
      },
    },
    responses: {
      "201": {
        description: "Made",
        content: { "application/json": { schema: { type: "object" }, example: { id: "made-1" } } },
      },
      "404": {
        description: "Not there",
        content: { "application/json": { schema: { type: "object" }, example: { code: "gone-1" } } },
      },
    },
  };
  const routes = [{ ...described.routes[0]!, operation }];
  const text = JSON.stringify(await toPostman({ ...described, routes }));
  for (const part of ["trace-1", "EX-1", "made-1", "gone-1"]) expect(text).toContain(part);
  expect(text).not.toContain("urn:latchkey:problem");
  expect(JSON.stringify(await toPostman({ ...described, routes }))).toBe(text);
});

it("is the same every time, also where schemas have no example", async () => {
  expect(JSON.stringify(await toPostman(described))).toBe(
    JSON.stringify(await toPostman(structuredClone(described))),
  );
  expect(JSON.stringify(await toPostman(model))).toBe(
    JSON.stringify(await toPostman(structuredClone(model))),
  );
});

it("shows samples that fit the schema, also where OpenAPI 3.0 cannot express it", async () => {
  const Pair: JsonSchema = {
    type: "array",
    prefixItems: [{ type: "string" }, { type: "integer", minimum: 3 }],
    items: false,
  };
  const properties: JsonObject = {
    pair: { $ref: "#/components/schemas/Pair" },
    code: { type: ["string", "null"], pattern: "^[A-Z]{3}$" },
    kind: { const: "fixed" },
  };
  const schema: JsonSchema = { type: "object", properties };
  const content = { "application/json": { schema } };
  const operation: OperationModel = {
    parameters: [{ name: "pair", in: "query", schema: Pair, explode: false }],
    requestBody: { content },
    responses: { "200": { description: "Found", content } },
  };
  const routes = [{ ...described.routes[0]!, operation }];
  const text = JSON.stringify(await toPostman({ ...described, schemas: { Pair }, routes }));
  const sample = { pair: ["string", 3], code: "AAA", kind: "fixed" };
  const raw = JSON.stringify(JSON.stringify(sample, null, 2));
  expect(text).toContain(`"raw":${raw}`);
  expect(text).toContain(`"body":${raw}`);
  expect(text).toContain('"value":"string,3"');
});

it("leaves variables as they are written", async () => {
  const [first, ...others] = model.routes;
  const routes = [{ ...first!, integration: { name: "in {{$randomCity}}" } }, ...others];
  const text = JSON.stringify(await toPostman({ ...model, title: "{{$randomLoremText}}", routes }));
  expect(text).toContain("{{$randomLoremText}}");
  expect(text).toContain("in {{$randomCity}}");
});

it("has the examples of forms, the same at each export", async () => {
  const schema = { $ref: "#/components/schemas/Token" };
  const point = { type: "object", properties: { x: { type: "integer" } } };
  const form = (operationId: string, content: NonNullable<OperationModel["requestBody"]>["content"]) => ({
    method: "POST" as const,
    path: `/${operationId}`,
    operationId,
    operation: { requestBody: { content } },
    integration: { name: operationId },
  });
  const grants = Array.from({ length: 50 }, (_, n) => `grant-${n}`);
  const api: ApiModel = {
    ...model,
    schemas: {
      Token: {
        type: "object",
        required: ["grant"],
        properties: { grant: { type: "string", enum: grants }, point },
      },
    },
    routes: [
      form("drawn", { "application/x-www-form-urlencoded": { schema } }),
      form("given", { "application/x-www-form-urlencoded": { schema, example: { grant: "grant-33" } } }),
      form("parts", { "multipart/form-data": { schema, example: { grant: "grant-44", point: { x: 7 } } } }),
    ],
  };
  const text = JSON.stringify(await toPostman(api));
  expect(JSON.stringify(await toPostman(api))).toBe(text);
  const values = [...text.matchAll(/"value":"(grant-\d+|\{.*?\})"/g)].map(([, value]) => value);
  expect(values).toEqual(expect.arrayContaining(["grant-0", "grant-33", "grant-44", '{\\"x\\":7}']));
  expect(values.every((value) => !value?.startsWith("grant") || /-(?:0|33|44)$/.test(value))).toBe(true);
  expect(text).toContain('"mode":"formdata"');
});

const listOfObjects: JsonSchema = {
  type: "array",
  items: { type: "object", properties: { a: { type: "integer" } } },
};

/** The only request of an Api with this operation. */
async function requestOf(operation: OperationModel): Promise<JsonObject> {
  const routes = [
    {
      method: "POST" as const,
      path: "/x",
      operationId: "x",
      operation: { tags: ["x"], ...operation },
      integration: { name: "x" },
    },
  ];
  const first = await toPostman({ ...model, routes });
  expect(JSON.stringify(await toPostman({ ...model, routes }))).toBe(JSON.stringify(first));
  const [folder] = first.item as unknown as readonly { readonly item: readonly { request: JsonObject }[] }[];
  return folder?.item[0]?.request ?? {};
}

it("writes lists and objects in forms as the gateway reads them", async () => {
  const schema: JsonSchema = {
    type: "object",
    required: ["list"],
    properties: {
      list: { ...listOfObjects, description: "All of them" },
      texts: { type: "array", items: { type: "string" } },
      object: { type: "object" },
      deep: { type: "object" },
      text: { type: "string" },
      scan: { anyOf: [{ type: "string", format: "binary" }, { type: "null" }] },
    },
  };
  const example = {
    list: [{ a: 1 }, { a: 2 }],
    texts: ["p", "q"],
    object: { b: [3] },
    deep: { c: { d: 4 } },
    text: [{ e: 5 }],
    scan: "bytes",
  };
  const fields = async (type: string, media: JsonObject) => {
    const { body } = await requestOf({ requestBody: { content: { [type]: media } } });
    const { mode } = body as JsonObject;
    return ((body as JsonObject)[String(mode)] as readonly JsonObject[]).map(
      ({ key, value = null, contentType }) => [key, value, ...(contentType === undefined ? [] : ["JSON"])],
    );
  };
  const encoding = { deep: { style: "deepObject" }, texts: { explode: false } };
  expect(await fields("multipart/form-data", { schema, example })).toEqual([
    ["list", '{"a":1}', "JSON"],
    ["list", '{"a":2}', "JSON"],
    ["texts", "p"],
    ["texts", "q"],
    ["object", '{"b":[3]}', "JSON"],
    ["deep", '{"c":{"d":4}}', "JSON"],
    ["text", '[{"e":5}]'],
    ["scan", null],
  ]);
  expect(await fields("application/x-www-form-urlencoded", { schema, example, encoding })).toEqual([
    ["list", '{"a":1}'],
    ["list", '{"a":2}'],
    ["texts", "p,q"],
    ["object", '{"b":[3]}'],
    ["deep[c][d]", "4"],
    ["text", '[{"e":5}]'],
    ["scan", "bytes"],
  ]);
  expect(await fields("application/x-www-form-urlencoded", { schema: listOfObjects })).toEqual([]);
});

it("writes bodies of JSON as JSON, texts too", async () => {
  const raw = async (media: JsonObject) => {
    const { body } = await requestOf({ requestBody: { content: { "application/json": media } } });
    return JSON.parse(String((body as JsonObject).raw)) as unknown;
  };
  expect(await raw({ schema: { type: "string" }, example: "a,b" })).toBe("a,b");
  expect(await raw({ schema: { type: "string" }, example: "7" })).toBe("7");
  expect(await raw({ schema: {}, example: "plain" })).toBe("plain");
  // What people write who take an example for text.
  expect(await raw({ schema: { type: "object" }, example: '{"a": 1}' })).toEqual({ a: 1 });
});

it("writes lists, objects and cookies in parameters as the gateway reads them", async () => {
  const parameters: OperationModel["parameters"] = [
    { name: "list", in: "query", schema: listOfObjects },
    { name: "flat", in: "query", explode: false, schema: { type: "object" }, example: { a: [1], b: 2 } },
    {
      name: "deep",
      in: "query",
      style: "deepObject",
      schema: { type: "object" },
      example: { a: { b: [1] } },
    },
    { name: "json", in: "query", content: { "application/json": { schema: listOfObjects } } },
    { name: "text", in: "query", schema: { type: "string" }, example: "1+1&#%" },
    { name: "none", in: "query", schema: { type: "array" }, example: [] },
    { name: "X-List", in: "header", schema: listOfObjects },
    { name: "session", in: "cookie", required: true, schema: { type: "string" }, example: "s1" },
    { name: "ids", in: "cookie", schema: { type: "array" }, example: [1, 2] },
    { name: "theme", in: "cookie", schema: { type: "object" }, example: { dark: true } },
    { name: "flat", in: "cookie", explode: false, schema: { type: "object" }, example: { a: 1, b: 2 } },
  ];
  const { url, header } = await requestOf({ parameters });
  const pairs = (list: unknown) => (list as readonly JsonObject[]).map(({ key, value }) => [key, value]);
  expect(pairs((url as JsonObject).query)).toEqual([
    ["list", '{"a":0}'],
    ["flat", "a,[1],b,2"],
    ["deep[a][b][0]", "1"],
    ["json", '[{"a":0}]'],
    ["text", "1%2B1%26%23%25"],
    ["none", ""],
  ]);
  expect(pairs(header)).toEqual(
    expect.arrayContaining([
      ["X-List", '{"a":0}'],
      ["Cookie", "session=s1; ids=1; ids=2; dark=true; flat=a,1,b,2"],
    ]),
  );
});
