import { expect, it } from "vitest";
import { refusal } from "./option-names.js";

const names = { apiId: "--api", "mapping.default": "--integration", "mapping.operations": "--map" };

it.each([
  [["input", "apiId"], "--api: No."],
  [["input", "mapping", "default"], "--integration: No."],
  [["input", "mapping", "operations", "0", "integrationId"], "--map: No."],
  [["input", "mapping"], "mapping: No."],
  [["input", "other", "field"], "other.field: No."],
  [["input"], "No."],
  [null, "No."],
])("an error about %j is printed as %j", (field, text) => {
  expect(refusal({ field, message: "No." }, names)).toBe(text);
});
