/** Both formats say the same, to YAML 1.1 readers too, and nothing about an export depends on object identity. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { emit } from "./emit.js";
import { cleanJson, type JsonObject } from "./json.js";
import { apiModel } from "./model.cases.js";
import { toOpenApi } from "./to-openapi.js";

it("says the same in JSON and YAML, whichever YAML reads it", { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue({ maxDepth: 3 })), (value) => {
      const json = cleanJson(value) as JsonObject;
      const yaml = emit(json, "yaml");
      const same = JSON.parse(emit(json, "json"));
      expect(JSON.parse(JSON.stringify(parse(yaml, { version: "1.2" })))).toEqual(same);
      expect(JSON.parse(JSON.stringify(parse(yaml, { version: "1.1" })))).toEqual(same);
    }),
    { numRuns: 500 },
  );
});

it.each([
  ["a merge key of YAML 1.1", { "<<": { a: 1 } }, '"<<":\n  a: 1\n'],
  ["the value type of YAML 1.1", { enum: ["=", "a=b"] }, 'enum:\n  - "="\n  - a=b\n'],
  ["a tab", { text: "a\tb\nc" }, 'text: "a\\tb\\nc"\n'],
  ["line breaks of YAML 1.1", { "k\u0085": "a\u2028b\u2029" }, '"k\\u0085": "a\\u2028b\\u2029"\n'],
  ["what is not printable", { text: "\u007f\ufeff" }, 'text: "\\u007f\\ufeff"\n'],
])("quotes %s, which YAML 1.1 readers refuse or read as something else", (_what, value, text) => {
  const yaml = emit(value as JsonObject, "yaml");
  expect(yaml).toBe(text);
  expect(parse(yaml)).toEqual(value);
});

it("gives the same bytes for equal models", { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(apiModel, fc.constantFrom("json", "yaml"), (model, format) => {
      const text = emit(toOpenApi(model, { version: "3.0" }), format);
      expect(emit(toOpenApi(structuredClone(model), { version: "3.0" }), format)).toBe(text);
      // Rows of a form may be put in another order; the document stays what it is.
      expect(Buffer.from(text, "utf8").toString("utf8")).toBe(text);
    }),
    { numRuns: 60 },
  );
});

it("does not depend on the order of routes when their integrations differ in name", () => {
  const routes = ["a", "b", "c"].map((name) => ({
    method: "GET" as const,
    path: `/${name}`,
    operationId: `get-${name}`,
    integration: { name, responseSchema: { type: "string" } },
  }));
  const model = { title: "t", summary: "", version: "v1", serverUrl: null, webhook: false };
  const text = (list: typeof routes) =>
    emit(toOpenApi({ ...model, routes: list }, { version: "3.1" }), "json");
  expect(text([...routes].reverse())).toBe(text(routes));
});
