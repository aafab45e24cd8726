import { describe, expect, it } from "vitest";
import {
  changeFields,
  checkOperation,
  isSameOperation,
  noOperation,
  operationLabel,
  showFields,
  showText,
  toOperationForm,
  typeOperation,
} from "./operation-form.js";

const page = { parameters: [{ name: "page", in: "query", schema: { type: "array", items: {} } }] };
const field = ["input", "routes", "0", "operation"];

describe("the form of an operation", () => {
  it("is the same over a look at the JSON and back", () => {
    const form = toOperationForm(page);
    const text = showText(form);
    expect(isSameOperation(form, text)).toBe(true);
    expect(showFields(text)).toEqual(form);
  });

  it("does not go back to fields that would show something else than the text", () => {
    const broken = typeOperation("{", page);
    expect(showFields(broken)).toBe(broken);
    expect(operationLabel(broken)).toBe("unreadable");
    expect(isSameOperation(broken, toOperationForm(page))).toBe(false);
    expect(checkOperation(broken, field)).toMatchObject([{ field, code: "INVALID" }]);
  });

  it("shows what fields cannot show as JSON, and calls it unchanged until it is", () => {
    const odd = { parameters: {} };
    const form = toOperationForm(odd);
    expect(form).toMatchObject({ kind: "text", operation: odd });
    expect(isSameOperation(form, toOperationForm(odd))).toBe(true);
    expect(isSameOperation(form, noOperation)).toBe(false);
  });

  it("says what it has", () => {
    const labelOf = (operation: Parameters<typeof toOperationForm>[0]) =>
      operationLabel(toOperationForm(operation));
    expect(labelOf(null)).toBe("none");
    expect(labelOf({ responses: {} })).toBe("described");
    expect(labelOf(page)).toBe("1 parameter");
  });

  it("asks for the names of parameters, each once in its place", () => {
    const unnamed = changeFields(changeFields(noOperation, { kind: "addParameter", place: "query" }), {
      kind: "addParameter",
      place: "query",
    });
    const named = changeFields(unnamed, { kind: "setParameter", index: 0, fields: { name: "a" } });
    const twice = changeFields(named, { kind: "setParameter", index: 1, fields: { name: "a" } });
    const elsewhere = toOperationForm({
      parameters: [
        { name: "a", in: "query" },
        { name: "a", in: "header" },
      ],
    });
    const places = (form: typeof named) =>
      checkOperation(form, field).map((each) => [each.field?.slice(4).join("."), each.code]);
    expect(places(unnamed)).toEqual([
      ["parameters.0.name", "REQUIRED"],
      ["parameters.1.name", "REQUIRED"],
    ]);
    expect(places(named)).toEqual([["parameters.1.name", "REQUIRED"]]);
    expect(places(twice)).toEqual([["parameters.1.name", "INVALID"]]);
    expect(places(elsewhere)).toEqual([]);
    expect(places(toOperationForm(page))).toEqual([]);
  });
});
