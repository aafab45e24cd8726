import { describe, expect, it } from "vitest";
import {
  beyondFields,
  changeOperation,
  type Operation,
  type OperationChange,
  otherParameters,
  othersOf,
  parametersOf,
  pathNames,
  pathParameters,
} from "./operation.js";

const rich: Operation = {
  responses: { "200": { description: "d" }, "404": { description: "d" } },
  parameters: [
    {
      schema: { type: "array", items: { type: "integer" } },
      name: "ids",
      in: "query",
      required: false,
      deprecated: true,
    },
    { name: "page", in: "query", required: true, schema: { type: "integer" } },
    {
      name: "id",
      in: "path",
      required: true,
      description: "Number.",
      schema: { oneOf: [{ type: "integer" }] },
    },
    { name: "gone", in: "path", required: true, schema: {} },
    { name: "X-Tenant", in: "header", content: { "application/json": { schema: {} } } },
  ],
  requestBody: { content: {} },
  deprecated: true,
};

function changed(operation: Operation | null, ...changes: readonly OperationChange[]): string {
  return JSON.stringify(changes.reduce(changeOperation, operation));
}

describe("an operation as it is shown", () => {
  it("has the parameters of the path in its order, then those that are declared without being in it", () => {
    expect(
      pathParameters(rich, "/a/{other}/{id}/{rest*}").map(({ name, index, isInPath }) => [
        name,
        index,
        isInPath,
      ]),
    ).toEqual([
      ["other", null, true],
      ["id", 2, true],
      ["rest", null, true],
      ["gone", 3, false],
    ]);
  });

  it("finds parameters that stand beside text in a segment", () => {
    expect(pathNames("/a/{b}.json/{c}-{d}/x({e}):archive")).toEqual(["b", "c", "d", "e"]);
  });

  it("takes nothing of a path that is still being typed for a name", () => {
    expect(pathNames("/a/{b}/{}/{c/{d*}/{d}")).toEqual(["b", "d"]);
  });

  it("has the other parameters by their place", () => {
    expect(otherParameters(rich, "query").map(({ index }) => index)).toEqual([0, 1]);
    expect(otherParameters(rich, "header").map(({ index }) => index)).toEqual([4]);
    expect(otherParameters(null, "cookie")).toEqual([]);
  });

  it("says as JSON what fields cannot show of a parameter, and only that", () => {
    expect(parametersOf(rich).map(beyondFields)).toEqual([
      { schema: { type: "array", items: { type: "integer" } }, deprecated: true },
      null,
      { schema: { oneOf: [{ type: "integer" }] } },
      null,
      { content: { "application/json": { schema: {} } } },
    ]);
  });

  it("says in words what else it describes", () => {
    expect(othersOf(rich)).toEqual(["deprecated"]);
    expect(othersOf(null)).toEqual([]);
  });
});

describe("a change of an operation", () => {
  it("keeps all it does not name, in its order", () => {
    expect(changed(rich, { kind: "setParameter", index: 1, fields: { name: "from" } })).toBe(
      JSON.stringify(rich).replace('"page"', '"from"'),
    );
    expect(changed(rich, { kind: "setPath", name: "id", fields: { description: "Another." } })).toBe(
      JSON.stringify(rich).replace("Number.", "Another."),
    );
    expect(changed(rich, { kind: "setParameter", index: 0, fields: { description: "All." } })).toBe(
      JSON.stringify(rich).replace('"deprecated":true}', '"deprecated":true,"description":"All."}'),
    );
    expect(changed(rich, { kind: "setSummary", summary: "Words" })).toBe(
      JSON.stringify({ ...rich, summary: "Words" }),
    );
  });

  it("that is taken back leaves what was there", () => {
    const there = { kind: "setPath", name: "id", fields: { schema: { type: "string" } } } as const;
    const back = { kind: "setPath", name: "id", fields: { schema: undefined } } as const;
    expect(changed(null, there)).toBe(
      '{"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}]}',
    );
    expect(changed(null, there, back)).toBe("null");
    expect(
      changed(rich, { kind: "addParameter", place: "header" }, { kind: "removeParameter", index: 5 }),
    ).toBe(JSON.stringify(rich));
    expect(changed({ a: 1 }, { kind: "setSummary", summary: "x" }, { kind: "setSummary", summary: "" })).toBe(
      '{"a":1}',
    );
  });

  it("takes out what says nothing", () => {
    const page: Operation = {
      parameters: [{ name: "page", in: "query", required: true, description: "Which.", schema: {} }],
    };
    expect(
      changed(page, { kind: "setParameter", index: 0, fields: { required: false, description: "" } }),
    ).toBe('{"parameters":[{"name":"page","in":"query","schema":{}}]}');
    expect(changed(page, { kind: "removeParameter", index: 0 })).toBe("null");
  });
});
