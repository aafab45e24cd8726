import { describe, expect, it } from "vitest";
import { parseOperationText, toOperationText } from "./operation-text.js";

function problemsOf(text: string): readonly string[] {
  const parsed = parseOperationText(text);
  return parsed.kind === "problems" ? parsed.problems : [];
}

describe("an operation as JSON", () => {
  it("comes back just as it was written down", () => {
    const operation = {
      responses: { default: { description: "d" } },
      parameters: [{ schema: true, in: "path", name: "b" }],
      "x-own": [1, { y: null }],
    };
    const text = toOperationText(operation);
    expect(parseOperationText(text)).toEqual({ kind: "operation", operation });
    expect(toOperationText(operation)).toBe(text);
    expect(toOperationText(null)).toBe("");
  });

  it.each(["", " \n", "null"])("says nothing when there is nothing: %j", (text) => {
    expect(parseOperationText(text)).toEqual({ kind: "operation", operation: null });
  });

  it("names every parameter that fields could not show, and where it is", () => {
    expect(
      problemsOf('{"parameters": [{"name": "", "in": "path"}, [], {"name": "a", "in": "body"}]}'),
    ).toEqual([
      'parameters.0 needs a "name".',
      expect.stringContaining("parameters.1 is an object"),
      'parameters.2.in is "path", "query", "header" or "cookie".',
    ]);
    expect(problemsOf('{"parameters": {}}')).toHaveLength(1);
    expect(problemsOf("[]")).toHaveLength(1);
  });

  it("says where a text stops to be JSON", () => {
    expect(problemsOf('{"summary": }')).toEqual([
      expect.stringMatching(/^Not valid JSON, line 1, column 13: .+\.$/),
    ]);
  });
});
