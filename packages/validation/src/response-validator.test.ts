/** What an upstream's response is held to. */
import { brotliCompressSync, gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import {
  compileInlineValidator,
  compileValidator,
  type OperationSchemas,
  type ResponseHead,
} from "./index.js";

const pet = {
  type: "object",
  required: ["id", "secret"],
  additionalProperties: false,
  properties: { id: { type: "integer", readOnly: true }, secret: { type: "string", writeOnly: true } },
};
const operation: OperationSchemas = {
  responses: {
    "200": {
      headers: {
        "X-Rate": { required: true, schema: { type: "integer" } },
        "Content-Type": { schema: { const: "nothing" } },
      },
      content: { "application/json": { schema: { $ref: "#/components/schemas/Pet" } }, "text/csv": {} },
    },
    "2XX": { content: { "application/json": { schema: { type: "array" } } } },
    "204": {},
    default: { content: { "application/problem+json": { schema: { type: "object" } } } },
  },
  schemas: { Pet: pet },
};

const json: ResponseHead = {
  status: 200,
  contentType: "application/json",
  contentEncoding: null,
  headers: ["x-rate", "5"],
  hasBody: true,
};

function check(head: Partial<ResponseHead>, body: string | Uint8Array = "", given = operation) {
  const compiled = compileValidator(given, { decompressedBytesMax: 1_000 });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
  const { response } = compiled.value;
  const whole = { ...json, ...head };
  const issues = response.checkHead(whole);
  const inBody = response.needsBody(whole) ? response.checkBody(whole, Buffer.from(body)) : [];
  if (issues === "later" || inBody === "later") return "later";
  return [...issues, ...inBody].map((issue) => `${issue.in} ${issue.pointer}`);
}

it("finds the response by status, then by its class, then by default", () => {
  expect(check({}, '{"id":1}')).toEqual([]);
  expect(check({}, "[]")).toEqual(["body "]);
  expect(check({ status: 201 }, "[]")).toEqual([]);
  expect(check({ status: 201 }, "{}")).toEqual(["body "]);
  expect(check({ status: 404, contentType: "application/problem+json" }, "{}")).toEqual([]);
  expect(check({ status: 500, contentType: "application/problem+json" }, "[]")).toEqual(["body "]);
  const only200 = { responses: { "200": {} } };
  expect(check({ status: 500 }, "[]", only200)).toEqual(["status "]);
  expect(check({ status: 500 }, "[]", {})).toEqual([]);
});

it("holds content type, headers and JSON bodies to it", () => {
  expect(check({ contentType: "text/html" }, "x")).toEqual(["header /content-type"]);
  expect(check({ contentType: null }, "x")).toEqual(["header /content-type"]);
  expect(check({ contentType: "text/csv" }, "a,b")).toEqual([]);
  expect(check({ headers: [] }, '{"id":1}')).toEqual(["header /X-Rate"]);
  expect(check({ headers: ["x-rate", "x"] }, '{"id":1}')).toEqual(["header /X-Rate"]);
  expect(check({}, '{"id":"x"}')).toEqual(["body /id"]);
  expect(check({}, "{}")).toEqual(["body /id"]);
  expect(check({}, "{")).toEqual(["body "]);
  expect(check({}, '{"id":1e400}')).toEqual(["body "]);
  expect(check({ hasBody: false }, "")).toEqual([]);
});

it("shows no name that only the response has", () => {
  expect(check({}, '{"id":1,"key of a customer":1}')).toEqual(["body /*"]);
});

it("reads compressed bodies in a thread, up to a bound", () => {
  const body = Buffer.from('{"id":"x"}');
  expect(check({ contentEncoding: "gzip" }, gzipSync(body))).toEqual(["body /id"]);
  expect(check({ contentEncoding: "br" }, brotliCompressSync(body))).toEqual(["body /id"]);
  expect(check({ contentEncoding: "gzip" }, gzipSync(`{"id":1${" ".repeat(2_000)}}`))).toEqual(["body "]);
  expect(check({ contentEncoding: "zstd" }, body)).toEqual(["body "]);
  const inline = compileInlineValidator(operation);
  if (!inline.ok) throw new Error("not compiled");
  expect(inline.value.response.checkBody({ ...json, contentEncoding: "gzip" }, gzipSync(body))).toBe("later");
});
