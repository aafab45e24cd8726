/** Paying for work and linear patterns change nothing of what a schema says: held against plain ajv. */
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { expect, it } from "vitest";
import { OperationCheckers } from "./operation-checker.js";
import { compileSchema, meter } from "./schema-compiler.js";
import { WHOLE_BUDGET } from "./work-meter.js";

const value = fc.jsonValue({ maxDepth: 2 });
const small = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.constantFrom("a", "b", "aa", null, true),
  fc.constant([]),
  value,
);
const instance = fc.oneof(
  small,
  fc.array(small, { maxLength: 4 }),
  fc.dictionary(fc.constantFrom("a", "b", "c"), fc.oneof(small, fc.array(small, { maxLength: 3 })), {
    maxKeys: 3,
  }),
);

const schema = fc.letrec<{ schema: object | boolean }>((tie) => {
  const sub = tie("schema");
  const subs = fc.array(sub, { minLength: 1, maxLength: 3 });
  const map = fc.dictionary(fc.constantFrom("a", "b", "c"), sub, { maxKeys: 3 });
  const keyword = fc.oneof(
    ...Object.entries({
      $ref: fc.constantFrom("#/$defs/a", "#/$defs/b"),
      type: fc.constantFrom("object", "array", "string", "integer"),
      enum: fc.uniqueArray(fc.constantFrom("a", "b", 1, 2, null), { minLength: 1, maxLength: 3 }),
      const: small,
      maximum: fc.nat(3),
      maxLength: fc.nat(2),
      pattern: fc.constantFrom("^a", "b$", "\\d"),
      uniqueItems: fc.boolean(),
      items: sub,
      prefixItems: subs,
      contains: sub,
      unevaluatedItems: sub,
      required: fc.uniqueArray(fc.constantFrom("a", "b", "c"), { maxLength: 2 }),
      properties: map,
      patternProperties: fc.dictionary(fc.constantFrom("^a", "b"), sub, { maxKeys: 2 }),
      additionalProperties: sub,
      propertyNames: sub,
      unevaluatedProperties: sub,
      dependentSchemas: map,
      allOf: subs,
      anyOf: subs,
      oneOf: subs,
      not: sub,
      if: sub,
      // biome-ignore lint/suspicious/noThenProperty: the keyword's name
      then: sub,
      else: sub,
    }).map(([key, arbitrary]) => (arbitrary as fc.Arbitrary<unknown>).map((v) => [key, v] as const)),
  );
  return {
    schema: fc.oneof(
      { maxDepth: 3 },
      fc.boolean(),
      fc.array(keyword, { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
    ),
  };
}).schema;

// The definitions refer to nothing: endless schemas have no meaning to compare.
const defs = { a: { type: "object", properties: { b: { type: "integer" } } }, b: { enum: ["a", 1, null] } };

/** What plain ajv says; undefined where it throws, as it does for some uses of `anyOf` with evaluated properties. */
function oracle(plain: (value: unknown) => unknown, value: unknown): boolean | undefined {
  try {
    return plain(value) === true;
  } catch {
    return undefined;
  }
}

it("says what plain ajv says", { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(schema, fc.array(instance, { minLength: 1, maxLength: 5 }), (given, instances) => {
      const whole = typeof given === "boolean" ? given : { ...given, $defs: defs };
      const plain = new Ajv2020({
        strict: false,
        strictNumbers: true,
        ownProperties: true,
        logger: false,
      }).compile(whole);
      const compiled = compileSchema(whole);
      expect(compiled.ok).toBe(true);
      if (!compiled.ok) return;
      meter.start(WHOLE_BUDGET);
      for (const one of instances) {
        const isValid = oracle(plain, one);
        if (isValid === undefined) {
          expect(() => compiled.value(one, { findAll: true })).not.toThrow();
          continue;
        }
        meter.start(WHOLE_BUDGET);
        expect(compiled.value(one, { findAll: false }).length === 0).toBe(isValid);
        expect(compiled.value(one, { findAll: true }).length === 0).toBe(isValid);
      }
    }),
    { numRuns: 150 },
  );
});

it("names what is wrong where ajv loses its way looking for all of it", () => {
  const compiled = compileSchema({
    oneOf: [
      { prefixItems: [false] },
      false,
      { allOf: [{ unevaluatedItems: true, $ref: "#/$defs/a" }], anyOf: [true, false] },
    ],
    patternProperties: { b: { const: [] }, "^a": true },
    $defs: defs,
  });
  meter.start(WHOLE_BUDGET);
  const issues = compiled.ok ? compiled.value({ a: [] }, { findAll: true }) : [];
  expect(issues.map((issue) => issue.detail)).toContain("must match exactly one schema in oneOf.");
});

it("keeps a bounded number of checkers and finds them again", () => {
  const checkers = new OperationCheckers({ entriesMax: 2 });
  const schemas = (n: number) => ({
    parameters: [{ in: "query" as const, name: "n", schema: { maximum: n } }],
  });
  const first = checkers.of(schemas(1));
  expect(checkers.of(schemas(1))).toBe(first);
  checkers.of(schemas(2));
  checkers.of(schemas(1));
  checkers.of(schemas(3));
  expect(checkers.size).toBe(2);
  expect(checkers.of(schemas(1))).toBe(first);
});
