import { expect, it } from "vitest";
import {
  changedFields,
  compareVersions,
  type ListFields,
  mergeVersions,
  propertyField,
} from "./form-fields.js";

interface Values {
  readonly title: string;
  readonly summary: string;
  readonly limit: { readonly limit: number; readonly burst: number } | null;
}

const list: ListFields<Values> = () => [
  propertyField<Values, "title">("title", "Title", String),
  propertyField<Values, "summary">("summary", "Summary", String),
  propertyField<Values, "limit">("limit", "Limit", String),
];

const base: Values = { title: "a", summary: "b", limit: { limit: 1, burst: 2 } };

it("names the fields that differ, whatever object holds them", () => {
  expect([...changedFields(list, base, { ...base, limit: { limit: 1, burst: 2 } })]).toEqual([]);
  expect([...changedFields(list, base, { ...base, summary: "c", limit: null })]).toEqual([
    "summary",
    "limit",
  ]);
});

it("merges what only one side changed, and asks for what both changed differently", () => {
  const versions = {
    base,
    mine: { title: "mine", summary: "agreed", limit: null },
    theirs: { title: "theirs", summary: "agreed", limit: base.limit },
  };
  const comparisons = compareVersions(list, versions);
  expect(comparisons.map(({ field, changedBy }) => [field.id, changedBy])).toEqual([
    ["title", "both"],
    ["summary", "same"],
    ["limit", "me"],
  ]);
  expect(mergeVersions(comparisons, versions, () => "theirs")).toEqual({
    title: "theirs",
    summary: "agreed",
    limit: null,
  });
  expect(mergeVersions(comparisons, versions, () => "mine").title).toBe("mine");
});
