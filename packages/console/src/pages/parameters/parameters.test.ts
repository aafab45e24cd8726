import { describe, expect, it } from "vitest";
import {
  beyondFields,
  changeParameters,
  declaredCount,
  type Parameters,
  type ParametersChange,
  pathNames,
  pathParameters,
  queryParameters,
} from "./parameters.js";

const rich: Parameters = {
  query: [
    { schema: { type: "array", items: { type: "integer" } }, name: "ids", required: false, deprecated: true },
    { name: "page", required: true, schema: { type: "integer" } },
  ],
  path: { id: { description: "Number.", schema: { oneOf: [{ type: "integer" }] } }, gone: {} },
};

function changed(parameters: Parameters | null, ...changes: readonly ParametersChange[]): string {
  return JSON.stringify(changes.reduce(changeParameters, parameters));
}

describe("parameters as they are shown", () => {
  it("are those of the path in its order, then those that are declared without being in it", () => {
    expect(
      pathParameters(rich, "/a/{other}/{id}/{rest*}").map(({ name, isInPath }) => [name, isInPath]),
    ).toEqual([
      ["other", true],
      ["id", true],
      ["rest", true],
      ["gone", false],
    ]);
  });

  it("take nothing of a path that is still being typed for a name", () => {
    expect(pathNames("/a/{b}/{}/{c/{d*}/{d}")).toEqual(["b", "d"]);
  });

  it("find nothing that was not declared, whatever objects inherit", () => {
    expect(pathParameters({}, "/{constructor}")[0]?.entry).toEqual({});
    expect(pathParameters(null, "/{toString}")[0]?.entry).toEqual({});
  });

  it("are counted, in the path or not", () => {
    expect(declaredCount(rich)).toBe(4);
    expect(declaredCount(null)).toBe(0);
  });

  it("say as JSON what fields cannot show, and only that", () => {
    expect(queryParameters(rich).map((entry) => beyondFields("query", entry))).toEqual([
      { schema: { type: "array", items: { type: "integer" } }, deprecated: true },
      null,
    ]);
    expect(beyondFields("path", { required: true, schema: { type: "string" } })).toEqual({ required: true });
  });
});

describe("a change of parameters", () => {
  it("keeps all it does not name, in its order", () => {
    expect(changed(rich, { kind: "setQuery", index: 1, fields: { name: "from" } })).toBe(
      JSON.stringify(rich).replace('"page"', '"from"'),
    );
    expect(changed(rich, { kind: "setPath", name: "id", fields: { description: "Another." } })).toBe(
      JSON.stringify(rich).replace("Number.", "Another."),
    );
    expect(changed(rich, { kind: "setQuery", index: 0, fields: { description: "All." } })).toBe(
      JSON.stringify(rich).replace('"deprecated":true', '"deprecated":true,"description":"All."'),
    );
  });

  it("that is taken back leaves what was there", () => {
    const there = { kind: "setPath", name: "id", fields: { schema: { type: "string" } } } as const;
    expect(changed(null, there, { kind: "setPath", name: "id", fields: { schema: undefined } })).toBe("null");
    expect(changed(rich, { kind: "addQuery" }, { kind: "removeQuery", index: 2 })).toBe(JSON.stringify(rich));
  });

  it("takes out what says nothing", () => {
    const page: Parameters = { query: [{ name: "page", required: true, description: "Which." }] };
    expect(changed(page, { kind: "setQuery", index: 0, fields: { required: false, description: "" } })).toBe(
      '{"query":[{"name":"page"}]}',
    );
    expect(changed(page, { kind: "removeQuery", index: 0 })).toBe("null");
    expect(changed({ path: { a: {} } }, { kind: "removePath", name: "a" })).toBe("null");
  });

  it("declares under any name that a path may have", () => {
    const fields = { schema: { type: "string" } };
    expect(changed(null, { kind: "setPath", name: "constructor", fields })).toBe(
      '{"path":{"constructor":{"schema":{"type":"string"}}}}',
    );
  });
});
