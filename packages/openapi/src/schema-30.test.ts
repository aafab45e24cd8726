/**
 * What the 3.0 form of a schema promises: everything that the schema accepts is accepted, and where 3.0 can
 * say it all, nothing else. Judged by ajv, which reads 3.0's dialect through the way back to 2020-12.
 */
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonValue, schema } from "./model.cases.js";
import type { JsonSchema } from "./read-model.js";
import { downgradeBundle } from "./schema-30.js";
import { bundleSchema, bundleToSchema, isRecursive } from "./schema-bundle.js";

function up(given: JsonSchema, dialect: "2020-12" | "openapi-3.0" = "2020-12") {
  return bundleSchema({ document: given, tokens: [], dialect }, () => {});
}

function down(given: JsonSchema) {
  const loosened: string[] = [];
  const bundle = downgradeBundle(up(given), (keyword) => loosened.push(keyword));
  return { schema: bundleToSchema(bundle), loosened };
}

describe("each keyword", () => {
  const cases: readonly (readonly [string, JsonSchema, JsonSchema])[] = [
    ["nullable", { type: ["string", "null"] }, { type: "string", nullable: true }],
    [
      "nullable beside an enum without null",
      { type: ["string", "null"], enum: ["a"] },
      { type: "string", enum: ["a"] },
    ],
    ["null alone", { type: "null" }, { enum: [null] }],
    ["type lists", { type: ["string", "integer"] }, { anyOf: [{ type: "string" }, { type: "integer" }] }],
    [
      "type lists with null",
      { type: ["string", "integer", "null"] },
      { anyOf: [{ type: "string", nullable: true }, { type: "integer" }] },
    ],
    [
      "null beside one other schema",
      { title: "A", anyOf: [{ type: "integer", minimum: 1 }, { type: "null" }] },
      { title: "A", type: "integer", nullable: true, minimum: 1 },
    ],
    [
      "null beside schemas",
      { oneOf: [{ type: "null" }, { const: 1 }, { type: "string" }] },
      { oneOf: [{ enum: [1] }, { type: "string", nullable: true }] },
    ],
    [
      "null beside one other schema and properties",
      { properties: { a: {} }, anyOf: [{ type: "object", additionalProperties: false }, { type: "null" }] },
      {
        properties: { a: {} },
        anyOf: [{ type: "object", nullable: true, additionalProperties: false }],
      },
    ],
    [
      "null beside a schema that null would have to satisfy",
      { anyOf: [{ type: "string", not: { type: "string", pattern: "a" } }, { type: "null" }] },
      { anyOf: [{ type: "string", not: { type: "string", pattern: "a" } }, { enum: [null] }] },
    ],
    ["const", { const: "a" }, { enum: ["a"] }],
    [
      "exclusive limits",
      { exclusiveMinimum: 1, maximum: 3 },
      { maximum: 3, minimum: 1, exclusiveMinimum: true },
    ],
    ["the stricter limit", { exclusiveMinimum: 1, minimum: 2 }, { minimum: 2 }],
    ["examples", { examples: [1, 2] }, { example: 1 }],
    ["arrays without items", { type: "array" }, { type: "array", items: {} }],
    ["base64", { type: "string", contentEncoding: "base64" }, { type: "string", format: "byte" }],
    [
      "tuples",
      { prefixItems: [{ type: "string" }], items: false },
      { maxItems: 1, items: { anyOf: [{ type: "string" }] } },
    ],
    [
      "references with company",
      { $ref: "#/$defs/A", description: "x", $defs: { A: { type: "string" } } },
      { allOf: [{ $ref: "#/$defs/A" }, { description: "x" }], $defs: { A: { type: "string" } } },
    ],
    [
      "if, then, else",
      // biome-ignore lint/suspicious/noThenProperty: the keyword's name
      { if: { minimum: 1 }, then: { maximum: 5 } },
      { allOf: [{ anyOf: [{ not: { minimum: 1 } }, { maximum: 5 }] }] },
    ],
    [
      "dependentRequired",
      { dependentRequired: { a: ["b"] } },
      { allOf: [{ anyOf: [{ not: { type: "object", required: ["a"] } }, { required: ["b"] }] }] },
    ],
    [
      "property names that look like keywords",
      { properties: { $ref: { type: "string" } } },
      { properties: { $ref: { type: "string" } } },
    ],
    ["draft 4", { minimum: 1, exclusiveMinimum: true }, { minimum: 1, exclusiveMinimum: true }],
    ["nonsense", { type: "strin", maxLength: -1, pattern: "(", enum: "a", "x-y": 1 }, {}],
    [
      "values of another type",
      { type: "string", enum: ["a", 1], maximum: 3 },
      { type: "string", enum: ["a"] },
    ],
  ];
  it.each(cases)("%s", (_name, given, expected) => {
    expect(down(given).schema).toEqual(expected);
  });

  it("drops a negation of what it had to loosen, and makes oneOf anyOf", () => {
    const patterns = { patternProperties: { "^a": { type: "string" } } };
    expect(down({ not: patterns })).toEqual({ schema: {}, loosened: ["not"] });
    expect(down({ oneOf: [patterns, { type: "string" }] }).schema).toEqual({
      anyOf: [{}, { type: "string" }],
    });
  });

  it("stays small however conditions are nested", () => {
    let nested: JsonSchema = { minimum: 1 };
    // biome-ignore lint/suspicious/noThenProperty: the keyword's name
    for (let n = 0; n < 40; n++) nested = { if: nested, then: { maximum: n }, else: { minimum: n } };
    expect(JSON.stringify(down(nested).schema).length).toBeLessThan(5_000_000);
  });
});

it("accepts everything that the schema accepts, and only that when nothing was loosened", {
  timeout: 120_000,
}, () => {
  const instance = fc.oneof(
    jsonValue,
    fc.dictionary(fc.constantFrom("a", "b", "c"), jsonValue, { maxKeys: 3, noNullPrototype: true }),
    fc.array(fc.oneof(fc.integer({ min: -9, max: 9 }), fc.constantFrom("a", null)), { maxLength: 4 }),
    fc.integer({ min: -9, max: 9 }),
  );
  let exact = 0;
  fc.assert(
    fc.property(schema, fc.array(instance, { minLength: 5, maxLength: 8 }), (given, instances) => {
      const bundle = up(given);
      // ajv runs for ever on schemas that apply themselves to the same value.
      fc.pre(!isRecursive(bundle));
      const { schema: loose, loosened } = down(given);
      const before = compile(bundleToSchema(bundle));
      const after = compile(bundleToSchema(up(loose, "openapi-3.0")));
      if (loosened.length === 0) exact++;
      for (const one of instances) {
        const accepted = before(one);
        if (accepted) expect(after(one)).toBe(true);
        else if (loosened.length === 0 && !JSON.stringify(given).includes("prefixItems"))
          expect(after(one)).toBe(false);
      }
    }),
    { numRuns: 250 },
  );
  expect(exact).toBeGreaterThan(30);
});

it("finds its way back: down of up of down is down", { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(schema, (given) => {
      const once = down(given).schema;
      const again = bundleToSchema(downgradeBundle(up(once, "openapi-3.0"), () => {}));
      expect(again).toEqual(once);
    }),
    { numRuns: 1000 },
  );
});

const ajv = new Ajv2020({ strict: false, logger: false, ownProperties: true, validateFormats: false });

function compile(given: JsonSchema): (instance: unknown) => boolean {
  const object = typeof given === "boolean" ? (given ? {} : { not: {} }) : given;
  const validate = ajv.compile(object);
  ajv.removeSchema(object);
  return (instance) => validate(instance) === true;
}
