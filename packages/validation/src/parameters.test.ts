/** Parameters as `style` and `explode` of OpenAPI write them, with the values that their schemas mean. */
import { expect, it } from "vitest";
import {
  compileInlineValidator,
  compileValidator,
  type OperationSchemas,
  type ParameterSchema,
  type RequestHead,
} from "./index.js";
import { meter } from "./schema-compiler.js";
import { Kind, SchemaRoot } from "./text-values.js";
import { INLINE_BUDGET, TooMuchWork, WHOLE_BUDGET } from "./work-meter.js";

const page = { Page: { type: "integer", minimum: 1 }, Flag: { type: "boolean" } };
const pageRef = { $ref: "#/components/schemas/Page" };

/** Accepted, or the places of what is wrong. */
function checkOf(parameters: readonly ParameterSchema[], schemas: OperationSchemas["schemas"] = page) {
  const compiled = compileValidator({ parameters, schemas });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
  const { request } = compiled.value;
  return (head: Partial<RequestHead>): true | string => {
    const verdict = request.checkHead({
      method: "GET",
      contentType: null,
      contentEncoding: null,
      query: "",
      path: [],
      headers: [],
      hasBody: false,
      ...head,
    });
    if (verdict === null) return true;
    if (verdict === "later") return "later";
    const places = verdict.errors.map((error) => `${error.in} ${error.pointer}`);
    return `${verdict.code === "request.malformed" ? "malformed " : ""}${[...new Set(places)].join()}`;
  };
}

type Given = Omit<ParameterSchema, "in" | "name">;
const list = { type: "array", items: { type: "integer" } };
const object = { type: "object", properties: { R: { type: "integer" }, G: { type: "integer" } } };
const orNull = (schema: object) => ({ anyOf: [schema, { type: "null" }] });

const queries: [title: string, given: Given, [query: string, isTaken: boolean][]][] = [
  [
    "FastAPI's int | None",
    { schema: orNull({ type: "integer", minimum: 1 }) },
    [
      ["p=5", true],
      ["p=0", false],
      ["p=x", false],
      ["", true],
    ],
  ],
  [
    "an integer of 64 bits",
    { schema: { type: "integer", format: "int64" } },
    [
      ["p=9223372036854775807", true],
      ["p=9223372036854775808", false],
      ["p=-9223372036854775808", true],
      ["p=-9223372036854775809", false],
    ],
  ],
  [
    "FastAPI's bool | None",
    { schema: orNull({ type: "boolean" }) },
    [
      ["p=true", true],
      ["p=yes", false],
    ],
  ],
  [
    "FastAPI's list[int] | None",
    { schema: orNull(list) },
    [
      ["p=1&p=2", true],
      ["p=1", true],
      ["p=1&p=x", false],
    ],
  ],
  [
    "a reference",
    { schema: pageRef },
    [
      ["p=2", true],
      ["p=0", false],
    ],
  ],
  [
    "a reference to nothing but a type",
    { schema: { $ref: "#/components/schemas/Flag" } },
    [
      ["p=true", true],
      ["p=yes", false],
    ],
  ],
  [
    "allOf around a reference to nothing but a type",
    { schema: { allOf: [{ $ref: "#/components/schemas/Flag" }] } },
    [
      ["p=true", true],
      ["p=yes", false],
    ],
  ],
  [
    "NSwag's allOf around a reference",
    { schema: { allOf: [pageRef], default: 1 } },
    [
      ["p=2", true],
      ["p=0", false],
    ],
  ],
  [
    "items by reference",
    { schema: { type: "array", items: pageRef } },
    [
      ["p=1&p=2", true],
      ["p=0", false],
    ],
  ],
  [
    "oneOf of types",
    { schema: { oneOf: [{ type: "integer" }, { enum: ["latest"] }] } },
    [
      ["p=5", true],
      ["p=latest", true],
      ["p=x", false],
    ],
  ],
  [
    "an enum without type",
    { schema: { enum: [10, 20, "auto", true] } },
    [
      ["p=20", true],
      ["p=auto", true],
      ["p=true", true],
      ["p=21", false],
    ],
  ],
  [
    "a const without type",
    { schema: { const: 2 } },
    [
      ["p=2", true],
      ["p=3", false],
    ],
  ],
  [
    "texts of digits",
    { schema: { type: "string", enum: ["1", "2"] } },
    [
      ["p=1", true],
      ["p=3", false],
    ],
  ],
  [
    "bounds without type",
    { schema: { minimum: 3 } },
    [
      ["p=3", true],
      ["p=2", false],
    ],
  ],
  [
    "a number out of range",
    { schema: { type: "integer" } },
    [
      ["p=1e400", false],
      ["p=-1e400", false],
      ["p=1e3", true],
    ],
  ],
  [
    "prefixItems",
    { schema: { type: "array", prefixItems: [{ type: "integer" }, { type: "boolean" }], items: false } },
    [
      ["p=1&p=true", true],
      ["p=true&p=1", false],
      ["p=1&p=true&p=x", false],
    ],
  ],
  [
    "lists of this or that",
    {
      schema: {
        anyOf: [
          { type: "array", items: { type: "boolean" } },
          { type: "array", items: { type: "string", maxLength: 4 } },
        ],
      },
    },
    [
      ["p=true&p=false", true],
      ["p=true&p=1234", true],
      ["p=true&p=12345", false],
    ],
  ],
  [
    "items of this or that",
    {
      schema: {
        type: "array",
        items: {
          anyOf: [
            { type: "integer", maximum: 9 },
            { type: "string", minLength: 2 },
          ],
        },
      },
    },
    [
      ["p=5&p=10&p=ab", true],
      ["p=a", false],
    ],
  ],
  [
    "form, not exploded",
    { explode: false, schema: list },
    [
      ["p=1,2,3", true],
      ["p=1,x", false],
      ["p=1%2C2", false],
      ["p=", true],
      ["p=1&p=2", false],
    ],
  ],
  [
    "an object, exploded",
    { required: true, schema: object },
    [
      ["R=1&G=2", true],
      ["R=x", false],
      ["R=1&other=x", true],
      ["", false],
    ],
  ],
  [
    "an object of additional properties",
    { schema: { type: "object", additionalProperties: { type: "integer" } } },
    [
      ["a=1&b=2", true],
      ["a=1&b=x", false],
    ],
  ],
  [
    "an object, not exploded",
    { explode: false, schema: object },
    [
      ["p=R,100,G,200", true],
      ["p=R,x", false],
      ["p=R", false],
      ["p=R,1,R,2", false],
    ],
  ],
  [
    "spaceDelimited",
    { style: "spaceDelimited", schema: list },
    [
      ["p=1%202%203", true],
      ["p=1+2", true],
      ["p=1%20x", false],
    ],
  ],
  [
    "pipeDelimited",
    { style: "pipeDelimited", schema: list },
    [
      ["p=1|2", true],
      ["p=1%7C2", true],
      ["p=1|x", false],
    ],
  ],
  [
    "pipeDelimited object",
    { style: "pipeDelimited", schema: object },
    [
      ["p=R|1|G|2", true],
      ["p=R|x", false],
    ],
  ],
  [
    "deepObject",
    { style: "deepObject", explode: true, required: true, schema: object },
    [
      ["p[R]=1&p%5BG%5D=2", true],
      ["p[R]=x", false],
      ["", false],
      ["q[R]=1", false],
    ],
  ],
  [
    "deepObject with a list",
    { style: "deepObject", schema: { type: "object", properties: { a: list } } },
    [
      ["p[a]=1&p[a]=2", true],
      ["p[a][]=1&p[a][]=2", true],
      ["p[a]=x", false],
    ],
  ],
  [
    "allowEmptyValue",
    { allowEmptyValue: true, schema: { type: "boolean" } },
    [
      ["p", true],
      ["p=", true],
      ["p=true", true],
      ["p=x", false],
    ],
  ],
  [
    "no allowEmptyValue",
    { schema: { type: "boolean" } },
    [
      ["p", false],
      ["p=", false],
    ],
  ],
  [
    "a plus sign is a space",
    { schema: { const: "a b" } },
    [
      ["p=a+b", true],
      ["p=a%20b", true],
    ],
  ],
  [
    "a plus sign with allowReserved",
    { allowReserved: true, schema: { const: "a+b?/" } },
    [
      ["p=a+b?/", true],
      ["p=a%2Bb%3F/", true],
    ],
  ],
  [
    "JSON",
    { content: { "application/json": { schema: object } } },
    [
      ["p=%7B%22R%22:1%7D", true],
      ["p=%7B%22R%22:%22x%22%7D", false],
      ["p=%7B", false],
      ['p={"R":1,"R":2}', false],
    ],
  ],
  [
    "no schema",
    {},
    [
      ["p=x", true],
      ["p=1&p=2", false],
    ],
  ],
];

it.each(queries)("reads a query as it is written: %s", (_title, given, cases) => {
  const check = checkOf([{ in: "query", name: "p", ...given }]);
  expect(cases.map(([query]) => [query, check({ query }) === true])).toEqual(cases);
});

const paths: [title: string, given: Given, [text: string, isTaken: boolean][]][] = [
  [
    "simple",
    { schema: list },
    [
      ["1,2,3", true],
      ["1", true],
      ["a,b", false],
    ],
  ],
  [
    "simple object",
    { schema: object },
    [
      ["R,100,G,200", true],
      ["R,x", false],
    ],
  ],
  [
    "simple object, exploded",
    { explode: true, schema: object },
    [
      ["R=100,G=200", true],
      ["R=x", false],
      ["R,1", false],
    ],
  ],
  [
    "simple text",
    { schema: { type: "string" } },
    [
      ["a,b", true],
      ["a%2Fb", true],
    ],
  ],
  [
    "label",
    { style: "label", schema: { type: "integer" } },
    [
      [".5", true],
      ["5", false],
    ],
  ],
  [
    "label list",
    { style: "label", schema: list },
    [
      [".1,2,3", true],
      [".1.2.3", true],
      [".1.x", false],
    ],
  ],
  [
    "label list, exploded",
    { style: "label", explode: true, schema: list },
    [
      [".1.2.3", true],
      [".1,2", false],
    ],
  ],
  [
    "label object, exploded",
    { style: "label", explode: true, schema: object },
    [
      [".R=1.G=2", true],
      [".R=x", false],
    ],
  ],
  [
    "label object",
    { style: "label", schema: object },
    [
      [".R,1,G,2", true],
      [".R.1.G.2", true],
    ],
  ],
  [
    "matrix",
    { style: "matrix", schema: { type: "integer" } },
    [
      [";p=5", true],
      ["5", false],
      [";q=5", false],
    ],
  ],
  [
    "matrix list",
    { style: "matrix", schema: list },
    [
      [";p=1,2", true],
      [";p=1,x", false],
    ],
  ],
  [
    "matrix list, exploded",
    { style: "matrix", explode: true, schema: list },
    [
      [";p=1;p=2", true],
      [";p=1;q=2", false],
    ],
  ],
  ["matrix object", { style: "matrix", schema: object }, [[";p=R,1,G,2", true]]],
  [
    "matrix object, exploded",
    { style: "matrix", explode: true, schema: object },
    [
      [";R=1;G=2", true],
      [";R=x", false],
    ],
  ],
  [
    "a number or a word",
    { schema: { anyOf: [{ type: "integer" }, { type: "string", enum: ["latest"] }] } },
    [
      ["5", true],
      ["latest", true],
      ["x", false],
    ],
  ],
  [
    "a delimiter that is encoded",
    { schema: { type: "array", items: { enum: ["a,b", "c"] } } },
    [
      ["a%2Cb,c", true],
      ["a,b", false],
    ],
  ],
];

it.each(paths)("reads a path as it is written: %s", (_title, given, cases) => {
  const check = checkOf([{ in: "path", name: "p", ...given }]);
  expect(cases.map(([text]) => [text, check({ path: [["p", text]] }) === true])).toEqual(cases);
});

it("reads headers, and says nothing of those that OpenAPI leaves to other fields", () => {
  const check = checkOf([
    { in: "header", name: "X-Ids", required: true, schema: list },
    { in: "header", name: "X-Point", explode: true, schema: object },
    { in: "header", name: "X-Raw", schema: { const: "a%20b" } },
    { in: "header", name: "Accept", required: true, schema: { const: "x" } },
    { in: "header", name: "Content-Type", required: true, schema: { const: "x" } },
    { in: "header", name: "Authorization", required: true, schema: { const: "x" } },
  ]);
  expect(check({ headers: ["x-ids", "1, 2,3", "x-point", "R=1,G=2", "x-raw", "a%20b"] })).toBe(true);
  expect(check({ headers: ["x-ids", "1", "x-ids", "2"] })).toBe(true);
  expect(check({ headers: ["x-ids", "1", "x-ids", "b"] })).toBe("header /X-Ids/1");
  expect(check({ headers: ["x-point", "R=b"] })).toBe("header /X-Ids,header /X-Point/R");
});

it("reads cookies", () => {
  const check = checkOf([
    { in: "cookie", name: "n", required: true, schema: { type: "integer" } },
    { in: "cookie", name: "ids", explode: false, schema: list },
    { in: "cookie", name: "t", schema: { const: "a b" } },
  ]);
  expect(check({ headers: ["cookie", "a=b; n=5; ids=1,2; t=a%20b"] })).toBe(true);
  expect(check({ headers: ["cookie", "n=5", "cookie", 't="a b"'] })).toBe(true);
  expect(check({ headers: ["cookie", "n=x; ids=1,b"] })).toBe("cookie /n,cookie /ids/1");
  expect(check({ headers: [] })).toBe("cookie /n");
});

it("lets pass what is not declared, even when it cannot be decoded", () => {
  const check = checkOf([{ in: "query", name: "p", schema: { type: "string" } }]);
  expect(check({ query: "p=1&x=%zz&%ff=1&y" })).toBe(true);
  expect(check({ query: "p=%zz" })).toBe("malformed query /p");
});

it("names a property of an exploded object that is another parameter's no part of the object", () => {
  const check = checkOf([
    { in: "query", name: "filter", schema: { type: "object", additionalProperties: { type: "integer" } } },
    { in: "query", name: "q", schema: { type: "string" } },
  ]);
  expect(check({ query: "a=1&q=word" })).toBe(true);
  expect(check({ query: "a=word&q=word" })).toBe("query /filter/a");
});

it("tries a bounded number of candidates, and leaves to a thread what costs more than others can wait", () => {
  const branching = Object.fromEntries(
    Array.from({ length: 20 }, (_, i) => [
      `A${i}`,
      {
        anyOf: [
          { $ref: `#/components/schemas/A${i + 1}` },
          { allOf: [{ $ref: `#/components/schemas/A${i + 1}` }] },
        ],
      },
    ]),
  );
  const schemas = {
    ...branching,
    A20: {
      type: "array",
      items: {
        anyOf: [
          { type: "integer", minimum: 9 },
          { type: "string", minLength: 2 },
        ],
      },
    },
  };
  const parameters = [{ in: "query" as const, name: "p", schema: { $ref: "#/components/schemas/A0" } }];
  const compiled = compileInlineValidator({ parameters, schemas });
  if (!compiled.ok) throw new Error("not compiled");
  const query = Array.from({ length: 1000 }, (_, i) => `p=${i}`).join("&");
  const head = {
    method: "GET",
    contentType: null,
    contentEncoding: null,
    path: [],
    headers: [],
    hasBody: false,
  };
  const started = process.cpuUsage();
  expect(compiled.value.request.checkHead({ ...head, query })).toBe("later");
  const { user, system } = process.cpuUsage(started);
  expect(user + system).toBeLessThan(1_000_000);
});

it("leaves to a thread many pairs that are looked through for many parameters", () => {
  const parameters = Array.from({ length: 120 }, (_, i) => ({
    in: "query" as const,
    name: `p${i}`,
    style: "deepObject" as const,
    schema: { type: "object" },
  }));
  const compiled = compileInlineValidator({ parameters });
  if (!compiled.ok) throw new Error("not compiled");
  const query = Array.from({ length: 1000 }, (_, i) => `q${i}=1`).join("&");
  const head = {
    method: "GET",
    contentType: null,
    contentEncoding: null,
    path: [],
    headers: [],
    hasBody: false,
  };
  expect(compiled.value.request.checkHead({ ...head, query })).toBe("later");
  expect(compiled.value.request.checkHead({ ...head, query: "p1[a]=1&p2[b]=2" })).toBeNull();
});

it("pays for ways to read an object that multiply, and finds them when there is time", () => {
  const branch = (i: number, j: number) => ({
    properties: Object.fromEntries(Array.from({ length: 6 }, (_, n) => [`p${i}_${j}_${n}`, {}])),
  });
  const schema = {
    type: "object",
    allOf: Array.from({ length: 60 }, (_, i) => ({ anyOf: [branch(i, 0), branch(i, 1)] })),
  };
  const reader = new SchemaRoot(schema).readerOf([schema]);
  for (let i = 0; i < 2; i++) {
    meter.start(INLINE_BUDGET);
    expect(() => reader.views(Kind.object)).toThrow(TooMuchWork);
  }
  meter.start(WHOLE_BUDGET);
  const views = reader.views(Kind.object);
  expect(views).toHaveLength(16);
  expect(views[0]?.properties.has("p59_0_5")).toBe(true);
});
