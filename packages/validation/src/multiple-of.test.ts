import { expect, it } from "vitest";
import { compileSchema, meter } from "./schema-compiler.js";
import { WHOLE_BUDGET } from "./work-meter.js";

/** Values that fit, through the compiler. */
function multiples(divisor: number, values: readonly number[]): readonly number[] {
  const compiled = compileSchema({ type: "number", multipleOf: divisor });
  if (!compiled.ok) throw new Error(compiled.error);
  return values.filter((value) =>
    meter.apart(WHOLE_BUDGET, () => compiled.value(value, { findAll: false }).length === 0),
  );
}

// JSON Schema 2020-12, section 6.2.1: division by the keyword's value results in an integer. Prices are written like this.
it("divides the decimals of a text, not their doubles", () => {
  const fitting = [19.99, 0.07, 1.1, 4.35, 1e2, 0, -0.29, 1.5e-1, 8.61e5];
  expect(multiples(0.01, fitting)).toEqual(fitting);
  expect(multiples(0.01, [0.005, 19.999, 1e-3])).toEqual([]);
  expect(multiples(0.05, [0.15, 0.35, 0.36])).toEqual([0.15, 0.35]);
  expect(multiples(1e-7, [1.2e-6, 3e-8])).toEqual([1.2e-6]);
  expect(multiples(2, [4, 5, 4.5, -6])).toEqual([4, -6]);
  expect(multiples(3, [1e22, 3e22, 1e300])).toEqual([3e22]);
  expect(multiples(5e-324, [1.7976931348623157e308])).toEqual([1.7976931348623157e308]);
});

it("names the divisor", () => {
  const compiled = compileSchema({ multipleOf: 0.01 });
  if (!compiled.ok) throw new Error(compiled.error);
  const issues = meter.apart(WHOLE_BUDGET, () => compiled.value(0.005, { findAll: true }));
  expect(issues).toEqual([{ pointer: "", detail: "must be multiple of 0.01." }]);
});
