/** Header and cookie parameters, what is not declared, and the bounds of the work that parameters cause. */
import { expect, it } from "vitest";
import { compileInlineValidator } from "./index.js";
import { meter } from "./schema-compiler.js";
import { checkOf, list, object } from "./testing/parameter-checks.js";
import { Kind, SchemaRoot } from "./text-values.js";
import { INLINE_BUDGET, TooMuchWork, WHOLE_BUDGET } from "./work-meter.js";

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
