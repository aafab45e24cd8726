import { expect, it } from "vitest";
import { boundsOf } from "./schema-bounds.js";

it("has the bounds of OpenAPI 3.1 and 3.0", () => {
  expect(boundsOf({ minimum: 1, exclusiveMaximum: 9 })).toEqual(["≥ 1", "< 9"]);
  expect(boundsOf({ exclusiveMinimum: 0, maximum: 2 })).toEqual(["≤ 2", "> 0"]);
  expect(boundsOf({ minimum: 1, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: true })).toEqual([
    "> 1",
    "< 9",
  ]);
  expect(boundsOf({ minimum: 1, exclusiveMinimum: false })).toEqual(["≥ 1"]);
});

it("says who may send a value", () => {
  expect(boundsOf({ readOnly: true })).toEqual(["read-only"]);
  expect(boundsOf({ writeOnly: true, readOnly: false })).toEqual(["write-only"]);
});
