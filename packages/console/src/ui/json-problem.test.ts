import { expect, it } from "vitest";
import { jsonProblem } from "./json-problem.js";

const found = (text: string) => jsonProblem(text)?.message ?? null;

it("says at which line and column a text stops being JSON, and why", () => {
  expect(found("")).toBeNull();
  expect(found('{"a": [1, null]}')).toBeNull();
  expect(found('{\n  "a": 1,\n  "b" 2\n}')).toMatch(/^Not valid JSON, line 3, column 7: .+\.$/);
  expect(found('{\n  "a": 1\n  "b": 2\n}')).toMatch(/^Not valid JSON, line 3, column 3: .+\.$/);
  expect(found('{"summary": }')).toMatch(/^Not valid JSON, line 1, column 13: Unexpected token '?}'?\.$/);
  expect(found('{\n  "a": {\n    "type": strin\n  }\n}')).toMatch(
    /^Not valid JSON, line 3, column \d+: Unexpected token/,
  );
  expect(found('{\n  "a":')).toMatch(/^Not valid JSON, line 2, column 7: Unexpected end/);
});

it("never points behind the text", () => {
  for (const text of ["{", "[1,", '"', "nul", "{]", "\n\n}"]) {
    const problem = jsonProblem(text);
    expect(problem?.offset).toBeLessThanOrEqual(text.length);
    expect(problem?.message).not.toMatch(/position|undefined|NaN/);
  }
});
