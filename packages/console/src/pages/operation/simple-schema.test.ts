import { describe, expect, it } from "vitest";
import {
  formatsFor,
  fromNumberText,
  fromValuesText,
  readSimpleSchema,
  toValuesText,
  writeSimpleSchema,
} from "./simple-schema.js";

const simple = [
  undefined,
  { type: "string" },
  { enum: ["new", "paid"], type: "string" },
  { type: "string", format: "made-up" },
  { type: "integer", minimum: 1, maximum: 100 },
  { type: "number", format: "double", minimum: -0.5 },
  { type: "boolean" },
];

const richer = [
  true,
  { minimum: 1 },
  { type: ["string", "null"] },
  { type: "array", items: { type: "string" } },
  { type: "string", pattern: "^a" },
  { type: "string", minimum: 1 },
  { type: "string", format: "" },
  { type: "string", enum: [] },
  { type: "string", enum: ["a", 1] },
  { type: "string", enum: ["a,b"] },
  { type: "string", enum: [" a"] },
  { type: "string", enum: [""] },
  { type: "integer", enum: [1, 2] },
  { type: "integer", minimum: 1e30 },
  { type: "boolean", format: "x" },
  { type: "integer", description: "of the schema" },
];

describe("a simple schema", () => {
  it.each(simple)("is written back just as it was read: %j", (schema) => {
    const read = readSimpleSchema(schema);
    expect(read).not.toBeNull();
    if (read !== null) expect(JSON.stringify(writeSimpleSchema(read, {}))).toBe(JSON.stringify(schema));
  });

  it.each(richer)("is not what says more than the fields can: %j", (schema) => {
    expect(readSimpleSchema(schema)).toBeNull();
  });

  it("keeps of another type what goes with that too, and no format", () => {
    const bounded = { type: "integer", format: "int64", minimum: 1 } as const;
    expect(writeSimpleSchema(bounded, { type: "number" })).toEqual({ type: "number", minimum: 1 });
    expect(writeSimpleSchema(bounded, { type: "string" })).toEqual({ type: "string" });
    expect(writeSimpleSchema(bounded, { type: null })).toBeUndefined();
    expect(writeSimpleSchema(bounded, { format: undefined })).toEqual({ type: "integer", minimum: 1 });
  });

  it("offers the formats of its type, and the one that it has", () => {
    expect(formatsFor("integer", undefined)).toEqual(["int32", "int64"]);
    expect(formatsFor("integer", "int64")).toEqual(["int32", "int64"]);
    expect(formatsFor("integer", "uint8")).toEqual(["int32", "int64", "uint8"]);
  });
});

describe("the text of a field", () => {
  it("holds allowed values between commas, given twice or not", () => {
    expect(fromValuesText(" a , b,,a, ")).toEqual(["a", "b", "a"]);
    expect(fromValuesText(" , ")).toBeUndefined();
    expect(toValuesText(["a", "b"])).toBe("a, b");
  });

  it("holds a number, or nothing while it is none", () => {
    expect(["-1", "0.5", "7.", "", "-", "x", "1e3"].map(fromNumberText)).toEqual([
      -1,
      0.5,
      7,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
