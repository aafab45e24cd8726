/** Query parameters as `style` and `explode` of OpenAPI write them, with the values that their schemas mean. */
import { expect, it } from "vitest";
import { checkOf, type Given, list, object } from "./testing/parameter-checks.js";

const pageRef = { $ref: "#/components/schemas/Page" };

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
    "a list of objects, as JSON",
    { schema: { type: "array", items: object, uniqueItems: true } },
    [
      [`p=${encodeURIComponent('{"R":1}')}`, true],
      [`p=${encodeURIComponent('{"R":1}')}&p=${encodeURIComponent('{"R":2}')}`, true],
      [`p=${encodeURIComponent('{"R":"x"}')}`, false],
      [`p=${encodeURIComponent('{"R":1,"R":2}')}`, false],
      ["p=x", false],
    ],
  ],
  [
    "an object with a list and an object in it, as JSON",
    { schema: { type: "object", properties: { l: list, o: object } }, explode: false },
    [
      [`p=l,${encodeURIComponent("[1,2]")},o,${encodeURIComponent('{"R":1}')}`, true],
      [`p=l,${encodeURIComponent('["x"]')}`, false],
    ],
  ],
  [
    "an exploded object with an object in it, as JSON",
    { schema: { type: "object", properties: { o: object } } },
    [
      [`o=${encodeURIComponent('{"R":1}')}`, true],
      [`o=${encodeURIComponent('{"R":"x"}')}`, false],
      ["o=x", false],
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
    "deepObject where a text is admitted beside the object, as in Stripe's document",
    {
      style: "deepObject",
      explode: true,
      schema: { anyOf: [{ type: "object", additionalProperties: { type: "integer" } }, { enum: [""] }] },
    },
    [
      ["p[a]=1", true],
      ["p=", true],
      ["p[a]=x", false],
      ["p=x", false],
      ["p=&p=", false],
      ["p=%zz", false],
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
    "plain text",
    { content: { "text/plain": { schema: { type: ["integer", "string"], maxLength: 3, maximum: 9 } } } },
    [
      ["p=a,b", true],
      ["p=7", true],
      ["p=a%20bc", false],
      ["p=%ff", false],
      ["p=a&p=b", false],
    ],
  ],
  [
    "a media type that is not read",
    { content: { "application/xml": { schema: { type: "object" } } } },
    [["p=%3Ca/%3E", true]],
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
