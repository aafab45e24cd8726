import { describe, expect, it } from "vitest";
import {
  changeFields,
  checkParameters,
  countDeclared,
  isSameParameters,
  noParameters,
  showFields,
  showText,
  toParametersForm,
  typeParameters,
} from "./parameters-form.js";

const page = { query: [{ name: "page", schema: { type: "array", items: {} } }] };
const field = ["input", "routes", "0", "parameters"];

describe("the form of parameters", () => {
  it("is the same over a look at the JSON and back", () => {
    const form = toParametersForm(page);
    const text = showText(form);
    expect(isSameParameters(form, text)).toBe(true);
    expect(showFields(text)).toEqual(form);
  });

  it("does not go back to fields that would show something else than the text", () => {
    const broken = typeParameters("{", page);
    expect(showFields(broken)).toBe(broken);
    expect(countDeclared(broken)).toBeNull();
    expect(isSameParameters(broken, toParametersForm(page))).toBe(false);
    expect(checkParameters(broken, field)).toMatchObject([{ field, code: "INVALID" }]);
  });

  it("shows what is no form of parameters as JSON, and calls it unchanged until it is", () => {
    const odd = { header: {} };
    const form = toParametersForm(odd);
    expect(form).toMatchObject({ kind: "text", parameters: odd });
    expect(isSameParameters(form, toParametersForm(odd))).toBe(true);
    expect(isSameParameters(form, noParameters)).toBe(false);
  });

  it("asks for the names of query parameters, each its own", () => {
    const unnamed = changeFields(changeFields(noParameters, { kind: "addQuery" }), { kind: "addQuery" });
    const named = changeFields(unnamed, { kind: "setQuery", index: 0, fields: { name: "a" } });
    const twice = changeFields(named, { kind: "setQuery", index: 1, fields: { name: "a" } });
    const places = (form: typeof named) =>
      checkParameters(form, field).map((each) => [each.field?.slice(4).join("."), each.code]);
    expect(places(unnamed)).toEqual([
      ["query.0.name", "REQUIRED"],
      ["query.1.name", "REQUIRED"],
    ]);
    expect(places(named)).toEqual([["query.1.name", "REQUIRED"]]);
    expect(places(twice)).toEqual([["query.1.name", "INVALID"]]);
    expect(places(toParametersForm(page))).toEqual([]);
  });
});
