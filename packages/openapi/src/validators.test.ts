/**
 * Every document passes two independent validators, for APIs with titles and paths in any Unicode:
 * @seriousme/openapi-schema-validator, and @redocly/openapi-core with its recommended rules.
 */
import { createConfig, lintFromString } from "@redocly/openapi-core";
import { Validator } from "@seriousme/openapi-schema-validator";
import fc from "fast-check";
import { expect, it } from "vitest";
import { emit } from "./emit.js";
import { apiModel } from "./model.cases.js";
import { toOpenApi } from "./to-openapi.js";

/** What Redocly may warn about, because it is the Api's own business and no fault of the document. */
const toleratedWarnings = new Set([
  "no-unused-components", // shared schemas are the Api's own, and 3.0 cannot say every keyword that leads to one
  "operation-4xx-response", // the gateway's errors are under `default`
  "operation-2xx-response", // an imported operation may describe errors only
  "info-license", // an Api need not have a license,
  "info-license-strict", // nor a URL of one
  "no-ambiguous-paths", // the router has an order of preference, OpenAPI has none
  "no-server-example.com", // localhost may be the server of a reader
  "no-unsafe-markdown", // the title and summary are the user's own
  // Schemas and examples are the user's own, and the arbitrary ones make no sense.
  "no-invalid-media-type-examples",
  "no-invalid-parameter-examples",
  "no-invalid-schema-examples",
  "no-required-schema-properties-undefined",
  "no-illogical-composition-keywords",
  "no-mixed-number-range-constraints",
]);

/** The validators take most of the time: a tenth of a second each. */
const RUNS = 80;

it("passes both validators in 3.0, 3.1 and for Azure", { timeout: 600_000 }, async () => {
  const rules = { "no-enum-type-mismatch": "off" } as const; // an error by default, of schemas that are the user's own
  const config = await createConfig({ extends: ["recommended"], rules });
  const validator = new Validator();
  let checked = 0;
  let judgedByBoth = 0;
  await fc.assert(
    fc.asyncProperty(apiModel, fc.constantFrom("3.0", "3.1", "azure"), async (model, kind) => {
      const document =
        kind === "azure"
          ? toOpenApi(model, { version: "3.0", target: "azure-apim" })
          : toOpenApi(model, { version: kind });
      const text = emit(document, "json");
      const validated = await validator.validate(JSON.parse(text));
      // Its ajv throws for valid schemas such as { $ref, unevaluatedProperties: { items } }: then it did not judge.
      if (!/^Cannot (set|read) properties of undefined/.test(String(validated.errors))) {
        expect(validated.errors ?? []).toEqual([]);
        expect(validated.valid).toBe(true);
        judgedByBoth++;
      }
      const problems = await lintFromString({ source: text, absoluteRef: "openapi.json", config });
      const found = problems
        .filter((problem) => problem.severity === "error" || !toleratedWarnings.has(problem.ruleId))
        .map((problem) => `${problem.ruleId}: ${problem.message} ${problem.location[0]?.pointer}`);
      expect(found).toEqual([]);
      checked++;
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
  expect(checked).toBe(RUNS);
  expect(judgedByBoth).toBeGreaterThan(RUNS * 0.9);
});
