import { describe, expect, it } from "vitest";
import { parseParametersText, toParametersText } from "./parameters-text.js";

function problemsOf(text: string): readonly string[] {
  const parsed = parseParametersText(text);
  return parsed.kind === "problems" ? parsed.problems : [];
}

describe("parameters as JSON", () => {
  it("come back just as they were written down", () => {
    const parameters = { query: [{ name: "a", schema: true }], path: { b: { x: [1, { y: null }] } } };
    expect(parseParametersText(toParametersText(parameters))).toEqual({ kind: "parameters", parameters });
    expect(toParametersText(null)).toBe("");
  });

  it.each(["", " \n", "null"])("declare nothing when there is nothing: %j", (text) => {
    expect(parseParametersText(text)).toEqual({ kind: "parameters", parameters: null });
  });

  it("name every fault of their form, and where it is", () => {
    expect(
      problemsOf(
        '{"header": {}, "path": {"id": 1, "no": {"description": 2}}, "query": [{"name": "", "required": "yes"}, []]}',
      ),
    ).toEqual([
      '"header" is neither "path" nor "query".',
      expect.stringContaining("path.id is an object"),
      "path.no.description is a text.",
      "query.0.required is true or false.",
      'query.0 needs a "name".',
      expect.stringContaining("query.1 is an object"),
    ]);
    expect(problemsOf('{"path": [], "query": {}}')).toHaveLength(2);
    expect(problemsOf("[]")).toHaveLength(1);
  });

  it("say where a text stops to be JSON", () => {
    expect(problemsOf('{"path": }')).toEqual([expect.stringMatching(/^This is no JSON: .+\.$/)]);
  });
});
