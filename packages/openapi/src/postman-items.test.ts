/** What a collection makes of single parts of operations: paths, tags, media types, statuses. */
import { expect, it } from "vitest";
import type { Json, JsonObject } from "./json.js";
import { toPostman } from "./postman.js";
import type { ApiModel, JsonSchema, OperationModel } from "./read-model.js";

const model: ApiModel = {
  title: "Orders",
  summary: "",
  version: "v1",
  serverUrl: "https://gateway.example.org",
  webhook: false,
  keyHeaderName: "X-Key",
  routes: [],
};

interface Item {
  readonly name: string;
  readonly item?: readonly Item[];
  readonly request: {
    readonly url: Json;
    readonly header: readonly JsonObject[];
    readonly body?: JsonObject;
  };
  readonly response: readonly (JsonObject & { readonly header: readonly JsonObject[] })[];
  readonly protocolProfileBehavior?: JsonObject;
}

/** The items of an Api with these routes, folders among them. */
async function itemsOf(more: Partial<ApiModel>): Promise<readonly Item[]> {
  return (await toPostman({ ...model, ...more })).item as unknown as readonly Item[];
}

async function only(route: ApiModel["routes"][number]): Promise<Item> {
  const [item] = await itemsOf({ routes: [route] });
  if (item === undefined) throw new Error("The collection is empty.");
  return item;
}

const route = (path: string, operation: OperationModel, method: "GET" | "POST" | "HEAD" = "GET") => ({
  method,
  path,
  operationId: `${method} ${path}`,
  operation: { tags: [], ...operation },
  integration: { name: path },
});

it("writes a parameter that is a part of a segment as that segment", async () => {
  const parameters: OperationModel["parameters"] = [
    { name: "id", in: "path", required: true, schema: { type: "integer" }, example: 7 },
    {
      name: "tags",
      in: "path",
      required: true,
      style: "label",
      schema: { type: "array" },
      example: ["a", "b?/c"],
    },
  ];
  const item = await only(route("/reports/{id}.json/{tags}", { parameters }));
  expect(item.request.url).toEqual({
    host: ["{{baseUrl}}"],
    path: ["reports", ":id", ":tags"],
    variable: [
      {
        key: "id",
        value: "7.json",
        description: { content: "(Required) As in `{id}.json`.", type: "text/markdown" },
      },
      { key: "tags", value: ".a,b%3F%2Fc", description: { content: "(Required)", type: "text/markdown" } },
    ],
    query: [],
  });
});

it("leaves the slashes in the rest of a path", async () => {
  const parameters: OperationModel["parameters"] = [
    { name: "path", in: "path", required: true, schema: { type: "string" }, example: "a/b c" },
  ];
  const item = await only(route("/files/{path*}", { parameters }));
  expect(item.request.url).toMatchObject({
    path: ["files", ":path"],
    variable: [{ key: "path", value: "a/b c" }],
  });
});

it("has an operation in the folder of each of its tags, and beside the folders without any", async () => {
  const items = await itemsOf({
    tags: [{ name: "b", description: "About b" }],
    routes: [route("/a", { tags: ["a", "b", "a"] }), route("/none", {})],
  });
  expect(items.map(({ name, item }) => [name, item?.map((one) => one.name)])).toEqual([
    ["b", ["/a"]],
    ["a", ["/a"]],
    ["/none", undefined],
  ]);
  const ids = [...JSON.stringify(items).matchAll(/"id":"([^"]+)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

it("has the token that the Api demands as a variable", async () => {
  const { item, variable } = await toPostman({ ...model, bearerRequired: true, routes: [route("/a", {})] });
  expect(JSON.stringify(item)).toContain('{"key":"Authorization","value":"Bearer {{bearerToken}}"}');
  expect(variable).toContainEqual({ key: "bearerToken", value: "", type: "secret" });
});

it("sends no range as a media type, and leaves that of parts to Postman", async () => {
  const request = async (
    content: NonNullable<OperationModel["requestBody"]>["content"],
    method: "GET" | "POST",
  ) => {
    const item = await only(route("/a", { requestBody: { content } }, method));
    const { header, body } = item.request;
    return [
      header.filter(({ key }) => key === "Content-Type").map(({ value }) => value),
      body?.mode,
      body?.raw ?? null,
      item.protocolProfileBehavior ?? null,
    ];
  };
  const always = { disableBodyPruning: true };
  const file: JsonSchema = { type: "string", format: "binary" };
  expect(await request({ "*/*": {} }, "POST")).toEqual([[], "raw", "", always]);
  expect(await request({ "text/*": { example: "t" } }, "POST")).toEqual([["text/plain"], "raw", "t", always]);
  expect(await request({ "*/*": { example: { a: 1 } } }, "POST")).toEqual([
    ["application/json"],
    "raw",
    '{\n  "a": 1\n}',
    always,
  ]);
  expect(await request({ "application/xml": { example: { a: 1 } } }, "POST")).toEqual([
    ["application/xml"],
    "raw",
    "",
    always,
  ]);
  expect(await request({ "multipart/form-data": { example: { a: 1 } } }, "POST")).toEqual([
    [],
    "formdata",
    null,
    always,
  ]);
  expect(await request({ "image/png": { schema: file } }, "POST")).toEqual([
    ["image/png"],
    "file",
    null,
    always,
  ]);
});

it("saves responses of ranges and of what goes wrong with a status", async () => {
  const content = { "text/plain": { example: "no" } };
  const responses = {
    "204": { description: "Done", headers: { "X-Left": { schema: { type: "integer" }, example: 3 } } },
    "4XX": { description: "Yours", content },
    default: { description: "Ours", content },
  };
  const item = await only(route("/a", { responses }));
  const saved = item.response.map(({ name, code, status, header, body }) => [
    name,
    code,
    status,
    header.map(({ key, value }) => `${String(key)}: ${String(value)}`).join(),
    body,
  ]);
  expect(saved).toEqual([
    ["Done", 204, "No Content", "X-Left: 3", ""],
    ["Yours", 400, "Bad Request", "Content-Type: text/plain", "no"],
    ["Ours", 500, "Internal Server Error", "Content-Type: text/plain", "no"],
  ]);
});
