/** Bodies of requests by their media types, as OpenAPI and JSON Schema mean them. */
import { expect, it } from "vitest";
import { compileValidator, type OperationSchemas, type RequestHead } from "./index.js";

const head: RequestHead = {
  method: "POST",
  contentType: "application/json",
  contentEncoding: null,
  query: "",
  path: [],
  headers: [],
  hasBody: true,
};

/** The code of the refusal with its places, or true. */
async function check(
  operation: OperationSchemas,
  body: string | Buffer,
  contentType: string | null = "application/json",
  more: Partial<RequestHead> = {},
): Promise<true | string> {
  const compiled = compileValidator(operation);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
  const { request } = compiled.value;
  const bytes = Buffer.from(body);
  const given = { ...head, contentType, hasBody: bytes.length > 0, ...more };
  const verdict =
    request.checkHead(given) ?? (request.needsBody(given) ? request.checkBody(given, bytes) : null);
  if (verdict === null) return true;
  if (verdict === "later") return "later";
  return [verdict.code, ...verdict.errors.map(({ pointer }) => pointer)].join(" ");
}

const mismatch = "request.schema_mismatch";
const jsonOperation = (schema: unknown, schemas?: OperationSchemas["schemas"]): OperationSchemas => ({
  requestBody: { required: true, content: { "application/json": { schema } } },
  schemas,
});
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

it("does not demand of requests what is read-only, through references and allOf", async () => {
  const id = { type: "integer", readOnly: true };
  const schemas = {
    Id: id,
    Pet: { type: "object", required: ["id", "name"], properties: { id, name: { type: "string" } } },
    Base: { type: "object", required: ["id", "name"], properties: { name: { type: "string" } } },
    ByRef: { type: "object", required: ["id"], properties: { id: ref("Id") } },
    ByAllOf: { type: "object", required: ["id"], properties: { id: { allOf: [ref("Id")] } } },
    Later: { allOf: [{ properties: { id } }, { required: ["id", "name"] }] },
    OverBase: { allOf: [ref("Base"), { properties: { id } }] },
    Nested: { type: "object", properties: { pets: { type: "array", items: ref("Pet") } } },
    Loop: { required: ["id"], properties: { id, next: ref("Loop") } },
  };
  const sent = (name: string, value: unknown) =>
    check(jsonOperation(ref(name), schemas), JSON.stringify(value));
  for (const name of ["Pet", "Later", "OverBase"]) {
    expect([name, await sent(name, { name: "x" })]).toEqual([name, true]);
    expect([name, await sent(name, {})]).toEqual([name, `${mismatch} /name`]);
    expect([name, await sent(name, { id: "x", name: "x" })]).toEqual([name, `${mismatch} /id`]);
  }
  expect(await sent("ByRef", {})).toBe(true);
  expect(await sent("ByAllOf", {})).toBe(true);
  expect(await sent("Nested", { pets: [{ name: "x" }] })).toBe(true);
  expect(await sent("Loop", { next: { next: { id: "x" } } })).toBe(`${mismatch} /next/next/id`);
  // A schema by itself still demands what another says is read-only.
  expect(await sent("Base", { name: "x" })).toBe(`${mismatch} /id`);
  // What is write-only is for requests.
  const secret = { required: ["secret"], properties: { secret: { type: "string", writeOnly: true } } };
  expect(await check(jsonOperation(secret), "{}")).toBe(`${mismatch} /secret`);
});

it("lets an optional body be absent, and demands a required one whatever its content", async () => {
  const optional = { requestBody: { content: { "application/json": { schema: { type: "object" } } } } };
  expect(await check(optional, "", null)).toBe(true);
  expect(await check(optional, "1")).toBe(`${mismatch} `);
  const noSchema = { requestBody: { required: true, content: { "text/plain": {} } } };
  expect(await check(noSchema, "", null)).toBe("request.body_malformed ");
  expect(await check(noSchema, "x", "text/plain")).toBe(true);
});

it("checks bodies of every method that declares one", async () => {
  const operation = jsonOperation({ required: ["ids"], properties: { ids: { items: { type: "integer" } } } });
  for (const method of ["DELETE", "GET", "POST"])
    expect(await check(operation, '{"ids":["x"]}', "application/json", { method })).toBe(
      `${mismatch} /ids/0`,
    );
});

it("holds each media type to its own schema, the narrowest range first", async () => {
  const needs = (name: string) => ({ schema: { type: "object", required: [name] } });
  const operation = {
    requestBody: {
      content: {
        "*/*": needs("any"),
        "application/*": needs("range"),
        "application/json; charset=utf-8": needs("json"),
        "application/vnd.x+json": needs("vendor"),
        "application/*+json": needs("plus"),
      },
    },
  };
  const wanted = async (type: string) => check(operation, "{}", type);
  expect(await wanted("application/json")).toBe(`${mismatch} /json`);
  expect(await wanted("APPLICATION/JSON;charset=UTF-8")).toBe(`${mismatch} /json`);
  expect(await wanted("application/vnd.x+json")).toBe(`${mismatch} /vendor`);
  expect(await wanted("application/problem+json")).toBe(`${mismatch} /plus`);
  expect(await wanted("text/x+json")).toBe(`${mismatch} /any`);
  expect(await check(operation, "a=1", "application/x-www-form-urlencoded")).toBe(`${mismatch} /range`);
});

it("refuses numbers that no double holds, wherever they stand", async () => {
  const operation = jsonOperation({ properties: { i: { type: "integer" }, x: { type: "number" } } });
  for (const [body, pointer] of [
    ['{"i":1e400}', "/i"],
    ['{"x":-1e400}', "/x"],
    ['{"other":[1,{"a/b":1e999}]}', "/other/1/a~1b"],
    ["1e400", ""],
  ] as const)
    expect([body, await check(operation, body)]).toEqual([body, `${mismatch} ${pointer}`]);
  expect(await check(operation, '{"i":1e3,"x":1.5e-400}')).toBe(true);
  const big = jsonOperation({ properties: { i: { type: "integer", format: "int64" } } });
  expect(await check(big, '{"i":1e30}')).toBe(`${mismatch} /i`);
  expect(await check(big, '{"i":9223372036854775807}')).toBe(true);
  expect(await check(big, '{"i":9223372036854775808}')).toBe(`${mismatch} /i`);
  expect(await check(big, '{"i":-9223372036854775808}')).toBe(true);
  expect(await check(big, '{"i":-9223372036854775809}')).toBe(`${mismatch} /i`);
  // Elsewhere it is a number like any other.
  expect(await check(big, '{"i":1,"x":9223372036854775808}')).toBe(true);
});

it("refuses days that no month has", async () => {
  const date = jsonOperation({
    properties: { d: { type: "string", format: "date" }, t: { format: "date-time" } },
  });
  expect(await check(date, '{"d":"2026-02-28","t":"2026-02-28T10:00:00+01:00"}')).toBe(true);
  expect(await check(date, '{"d":"2026-02-31"}')).toBe(`${mismatch} /d`);
  expect(await check(date, '{"t":"2026-02-31T10:00:00Z"}')).toBe(`${mismatch} /t`);
});

it("takes the schema that a discriminator names, else all of oneOf", async () => {
  const kind = { type: "string" };
  const schemas = {
    Cat: { type: "object", required: ["kind"], properties: { kind, lives: { type: "integer" } } },
    Dog: { type: "object", required: ["kind"], properties: { kind, bark: { type: "string" } } },
    Bird: { type: "object", properties: { kind: { const: "bird" }, wings: { type: "integer" } } },
    Animal: {
      oneOf: [ref("Cat"), ref("Dog"), ref("Bird")],
      discriminator: { propertyName: "kind", mapping: { cat: "#/components/schemas/Cat", feline: "Cat" } },
    },
    Inline: {
      oneOf: [ref("Cat"), { type: "object", required: ["bark"] }],
      discriminator: { propertyName: "kind" },
    },
  };
  const sent = (name: string, value: unknown) =>
    check(jsonOperation(ref(name), schemas), JSON.stringify(value));
  expect(await sent("Animal", { kind: "cat", lives: 9 })).toBe(true);
  expect(await sent("Animal", { kind: "feline", lives: "x" })).toMatch(/\/lives/);
  expect(await sent("Animal", { kind: "Dog", bark: "w" })).toBe(true);
  expect(await sent("Animal", { kind: "Dog", bark: 1 })).toMatch(/\/bark/);
  expect(await sent("Animal", { kind: "bird", wings: 2 })).toBe(true);
  expect(await sent("Animal", { kind: "cow" })).toMatch(/\/kind/);
  expect(await sent("Animal", { lives: 9 })).toMatch(/\/kind/);
  expect(await sent("Inline", { kind: "x" })).toBe(true);
  expect(await sent("Inline", { kind: "x", bark: 1 })).toMatch(mismatch);
});

const form = {
  type: "object",
  required: ["a"],
  additionalProperties: false,
  properties: {
    a: { type: "integer", minimum: 1 },
    on: { type: "boolean" },
    tags: { type: "array", items: { type: "string", maxLength: 3 } },
    csv: { type: "array", items: { type: "integer" } },
    point: { type: "object", required: ["x"], properties: { x: { type: "integer" } } },
    deep: { type: "object", properties: { x: { type: "integer" } } },
  },
};

// Springdoc and ASP.NET write versions of an API like this (RFC 9110, section 12.5.1: parameters make a type more specific).
it("holds a body to the media type that has its parameters", async () => {
  const media = (name: string) => ({ schema: { type: "object", required: [name] } });
  const operation = {
    requestBody: {
      content: {
        "application/json;v=1": media("one"),
        'application/json; v="2"': media("two"),
        "application/json;v=2;q=x": media("both"),
        "application/*;v=9": media("range"),
        "application/xml+json; charset=utf-8": media("xml"),
      },
    },
  };
  const sent = (type: string, name: string) => check(operation, JSON.stringify({ [name]: 1 }), type);
  expect(await sent("application/json; V=1", "one")).toBe(true);
  expect(await sent("application/json; v=2", "two")).toBe(true);
  expect(await sent("application/json; v=2", "one")).toBe(`${mismatch} /two`);
  expect(await sent("application/json; q=x; v=2; charset=utf-8", "both")).toBe(true);
  // Of none of the versions: the first one, as of one without parameters.
  expect(await sent("application/json; v=9", "one")).toBe(true);
  expect(await sent("application/json", "one")).toBe(true);
  expect(await sent("application/xml+json", "xml")).toBe(true);
  const plain = {
    requestBody: { content: { "application/json;v=1": media("one"), "application/json": media("any") } },
  };
  expect(await check(plain, '{"any":1}', "application/json")).toBe(true);
  expect(await check(plain, '{"any":1}', "application/json;v=2")).toBe(true);
  expect(await check(plain, '{"one":1}', "application/json;v=1")).toBe(true);
});

it("reads forms as their encoding says", async () => {
  const type = "application/x-www-form-urlencoded";
  const operation = {
    requestBody: {
      content: {
        [type]: {
          schema: form,
          encoding: {
            csv: { style: "form" as const, explode: false },
            deep: { style: "deepObject" as const, explode: true },
          },
        },
      },
    },
  };
  const sent = (body: string) => check(operation, body, type);
  expect(await sent("a=1&on=true&tags=x&tags=y+z&csv=1,2&deep[x]=1")).toBe(true);
  expect(await sent("on=true")).toBe(`${mismatch} /a`);
  expect(await sent("a=x")).toBe(`${mismatch} /a`);
  expect(await sent("a=1&a=2")).toBe(`${mismatch} /a`);
  expect(await sent("a=1&tags=long")).toBe(`${mismatch} /tags/0`);
  expect(await sent("a=1&csv=1,x")).toBe(`${mismatch} /csv/1`);
  expect(await sent("a=1&deep[x]=y")).toBe(`${mismatch} /deep/x`);
  expect(await sent(`a=1&point=${encodeURIComponent('{"x":1}')}`)).toBe(true);
  expect(await sent(`a=1&point=${encodeURIComponent('{"x":"y"}')}`)).toBe(`${mismatch} /point/x`);
  expect(await sent("a=1&point[x]=2")).toBe(true);
  expect(await sent("a=1&more=1")).toBe(`${mismatch} /more`);
  expect(await sent("a=%zz")).toBe("request.body_malformed /a");
  expect(await check(operation, "a=1", `${type}; charset=utf-16`)).toMatch(/^request.media_type_unsupported/);
});

it("takes a required form without a field for an empty object, where its content type says that it is a form", async () => {
  const type = "application/x-www-form-urlencoded";
  const operation = (required: readonly string[]) => ({
    requestBody: { required: true, content: { [type]: { schema: { type: "object", required } } } },
  });
  expect(await check(operation([]), "", type)).toBe(true);
  expect(await check(operation(["a"]), "", type)).toBe(`${mismatch} /a`);
  expect(await check(operation([]), "", null)).toBe("request.body_malformed ");
  expect(await check(operation([]), "", "application/json")).toBe("request.body_malformed ");
  expect(await check(jsonOperation({}), "")).toBe("request.body_malformed ");
});

const boundary = "----b0undary";
const multipart = `multipart/form-data; boundary=${boundary}`;
const partsOf = (parts: readonly (readonly [disposition: string, headers: string, body: string])[]) =>
  `${parts
    .map(
      ([disposition, headers, body]) =>
        `--${boundary}\r\nContent-Disposition: form-data; ${disposition}\r\n${headers}\r\n${body}\r\n`,
    )
    .join("")}--${boundary}--\r\n`;

it("reads multipart forms: values, JSON and files", async () => {
  const operation = {
    requestBody: {
      content: {
        "multipart/form-data": {
          schema: {
            ...form,
            required: ["a", "file"],
            properties: { ...form.properties, file: { type: "string", format: "binary", maxLength: 4 } },
          },
          encoding: { file: { contentType: "image/png, image/gif" } },
        },
      },
    },
  };
  const sent = (parts: Parameters<typeof partsOf>[0], type = multipart) =>
    check(operation, partsOf(parts), type);
  const file = ['name="file"; filename="f.png"', "Content-Type: image/png\r\n", "\x89PNG"] as const;
  const a = ['name="a"', "", "1"] as const;
  expect(await sent([a, ['name="file"; filename="f"', "Content-Type: image/gif\r\n", "abcd"]])).toBe(true);
  expect(await sent([a])).toBe(`${mismatch} /file`);
  expect(await sent([a, ['name="file"; filename="f"', "Content-Type: image/gif\r\n", "abcde"]])).toBe(
    `${mismatch} /file`,
  );
  expect(await sent([a, ['name="file"; filename="f"', "Content-Type: text/html\r\n", "abcd"]])).toBe(
    `${mismatch} /file`,
  );
  expect(await sent([a, ['name="file"; filename="f"', "Content-Type: text/plain\r\n", "abcd"]])).toBe(
    `${mismatch} /file`,
  );
  expect(await sent([a, ['name="file"; filename="f"', "", "abcd"]])).toBe(true);
  expect(await sent([['name="a"', "", "x"], file])).toMatch(`${mismatch} /a`);
  const gif = ['name="file"; filename="f"', "Content-Type: image/gif\r\n", "ab"] as const;
  expect(await sent([a, gif, ['name="tags"', "", "x"], ['name="tags"', "", "y"]])).toBe(true);
  expect(await sent([a, gif, ['name="point"', "Content-Type: application/json\r\n", '{"x":1}']])).toBe(true);
  expect(await sent([a, gif, ['name="point"', "", '{"x":"y"}']])).toBe(`${mismatch} /point/x`);
  expect(await sent([a, gif, ['name="more"', "", "1"]])).toBe(`${mismatch} /more`);
  expect(await check(operation, "no form at all", multipart)).toBe("request.body_malformed ");
  expect(await check(operation, partsOf([a, gif]).slice(0, -6), multipart)).toBe("request.body_malformed ");
  expect(await check(operation, partsOf([a, gif]), "multipart/form-data")).toBe("request.body_malformed ");
  expect(await sent(Array.from({ length: 1_001 }, () => a))).toBe("request.body_malformed ");
});

it("refuses forms with JSON that has a member twice, and with names that cannot be decoded", async () => {
  const twice = '{"x":1,"\\u0078":1000000}';
  const typed = (type: string) => ({ requestBody: { content: { [type]: { schema: form } } } });
  const parts = (headers: string) =>
    partsOf([
      ['name="a"', "", "1"],
      ['name="point"', headers, twice],
    ]);
  for (const headers of ["", "Content-Type: application/json\r\n"])
    expect(await check(typed("multipart/form-data"), parts(headers), multipart)).toBe(
      "request.body_malformed ",
    );
  const type = "application/x-www-form-urlencoded";
  for (const body of [`a=1&point=${encodeURIComponent(twice)}`, "a=1&%u0061=2", "a=1&%ff=2"])
    expect(await check(typed(type), body, type), body).toBe("request.body_malformed ");
});

it.each([
  ["application/json", "application/json"],
  ["text/json", "TEXT/JSON; charset=utf-8"],
  ["*/*", "text/json"],
  ["application/*+json", "application/vnd.pet+json"],
])("holds a body to the JSON schema of %s when it comes as %s", async (range, type) => {
  const schema = { type: "object", required: ["name"] };
  const operation = { requestBody: { required: true, content: { [range]: { schema } } } };
  expect(await check(operation, "{}", type)).toBe(`${mismatch} /name`);
});
