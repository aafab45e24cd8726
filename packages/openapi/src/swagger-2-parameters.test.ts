/** What an import makes of the bodies, forms and lists of Swagger 2.0. */
import { expect, it } from "vitest";
import { fromOpenApi } from "./from-openapi.js";
import { codes } from "./import-document.cases.js";
import type { JsonObject } from "./json.js";

const ok = { responses: { "200": { description: "ok" } } };

const importOf = (more: JsonObject) =>
  fromOpenApi({ swagger: "2.0", info: { title: "T", version: "1" }, ...more });

const urlencoded = "application/x-www-form-urlencoded";
const multipart = "multipart/form-data";

it("keeps bodies and forms that are shared or stand at a path, as Kubernetes writes them", () => {
  const result = importOf({
    definitions: { Options: { type: "object" } },
    parameters: {
      "body-2Y1d": { name: "body", in: "body", required: true, schema: { $ref: "#/definitions/Options" } },
      token: { name: "token", in: "formData", type: "integer", required: true },
      limit: { name: "limit", in: "query", type: "integer" },
    },
    paths: {
      "/pods": {
        delete: { parameters: [{ $ref: "#/parameters/body-2Y1d" }, { $ref: "#/parameters/limit" }], ...ok },
        post: { parameters: [{ $ref: "#/parameters/token" }], ...ok },
        parameters: [{ name: "x", in: "header", type: "string" }],
      },
      "/late": { put: ok, parameters: [{ $ref: "#/parameters/body-2Y1d" }] },
    },
  });
  expect(codes(result)).toEqual(["documentation document.converted "]);
  const operations = new Map(
    result.routes.map(({ method, path, operation }) => [`${method} ${path}`, operation]),
  );
  const body = {
    required: true,
    content: { "application/json": { schema: { $ref: "#/components/schemas/Options" } } },
  };
  expect(operations.get("DELETE /pods")).toMatchObject({
    requestBody: body,
    parameters: [{ name: "x" }, { name: "limit" }],
  });
  expect(operations.get("PUT /late")).toMatchObject({ requestBody: body });
  const form = { type: "object", required: ["token"], properties: { token: { type: "integer" } } };
  expect(operations.get("POST /pods")).toMatchObject({
    requestBody: {
      required: true,
      content: { [urlencoded]: { schema: form }, [multipart]: { schema: form } },
    },
  });
});

it("keeps what the fields of a form are held to, and how their lists are delimited", () => {
  const list = (name: string, collectionFormat: string) => ({
    name,
    in: "formData",
    type: "array",
    items: { type: "integer", maximum: 9 },
    minItems: 1,
    collectionFormat,
  });
  const result = importOf({
    paths: {
      "/form": {
        post: {
          consumes: [urlencoded, multipart],
          parameters: [
            { name: "age", in: "formData", type: "integer", minimum: 18, exclusiveMinimum: true },
            { name: "color", in: "formData", type: "string", enum: ["red"], pattern: "^r", default: "red" },
            list("commas", "csv"),
            list("pipes", "pipes"),
            list("many", "multi"),
          ],
          ...ok,
        },
      },
      "/file": { post: { parameters: [{ name: "f", in: "formData", type: "file" }], ...ok } },
    },
  });
  const [form, file] = result.routes.map(({ operation }) => operation?.requestBody);
  const integers = { type: "array", items: { type: "integer", maximum: 9 }, minItems: 1 };
  const properties = {
    age: { type: "integer", exclusiveMinimum: 18 },
    color: { type: "string", enum: ["red"], pattern: "^r", default: "red" },
  };
  expect(form?.content?.[urlencoded]).toEqual({
    schema: {
      type: "object",
      properties: { ...properties, commas: integers, pipes: integers, many: integers },
    },
    encoding: {
      commas: { style: "form", explode: false },
      pipes: { style: "pipeDelimited", explode: false },
    },
  });
  const text = { type: "string" };
  expect(form?.content?.[multipart]).toEqual({
    schema: { type: "object", properties: { ...properties, commas: text, pipes: text, many: integers } },
  });
  expect(Object.keys(file?.content ?? {})).toEqual([multipart]);
  expect(codes(result).filter((code) => !code.includes("document.converted"))).toEqual([
    expect.stringMatching(/^documentation schema.keyword_dropped .*\/properties\/commas\/collectionFormat$/),
    expect.stringMatching(/^documentation schema.keyword_dropped .*\/properties\/pipes\/collectionFormat$/),
  ]);
});

it("takes lists for texts, with a note, where OpenAPI has no style for them", () => {
  const list = (name: string, place: string, collectionFormat: string) => ({
    name,
    in: place,
    type: "array",
    items: { type: "integer" },
    collectionFormat,
  });
  const result = importOf({
    paths: {
      "/x": {
        get: {
          parameters: [
            list("tabs", "query", "tsv"),
            list("X-Pipes", "header", "pipes"),
            list("X-Commas", "header", "csv"),
            {
              ...list("nested", "query", "csv"),
              items: { type: "array", items: {}, collectionFormat: "pipes" },
            },
          ],
          ...ok,
        },
      },
    },
  });
  expect(result.routes[0]?.operation?.parameters).toMatchObject([
    { name: "tabs", schema: { type: "string" } },
    { name: "X-Pipes", schema: { type: "string" } },
    { name: "X-Commas", schema: { type: "array", items: { type: "integer" } } },
    { name: "nested", schema: { type: "array", items: { type: "string" } } },
  ]);
  expect(codes(result)).toEqual([
    "behavior parameter.style /paths/~1x/get/parameters/0/style",
    "behavior parameter.style /paths/~1x/get/parameters/1/style",
    "documentation document.converted ",
    "documentation schema.keyword_dropped /paths/~1x/get/parameters/3/schema/items/collectionFormat",
  ]);
});
