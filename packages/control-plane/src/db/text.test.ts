import { expect, it } from "vitest";
import { fold, searchablePath } from "./text.js";

it.each([
  ["straße", "STRASSE"],
  ["Straẞe", "strasse"],
  ["ÅRSRAPPORT", "årsrapport"],
  ["A\u030Apne", "åpne"],
  ["ΤΑΧΎΣ", "ταχύς"],
  ["ταχύσ", "ταχύς"],
  ["İstanbul", "istanbul"],
  ["ﬁle", "FILE"],
])("%s and %s are one", (a, b) => {
  expect(fold(a)).toBe(fold(b));
});

it("keeps letters apart that only an accent tells apart", () => {
  expect(fold("år")).not.toBe(fold("ar"));
});

it("a path is searched as it is stored and as people type it", () => {
  expect(searchablePath("/bl%C3%A5b%C3%A6r/{id}")).toBe("/bl%C3%A5b%C3%A6r/{id}\n/blåbær/{id}");
  expect(searchablePath("/orders")).toBe("/orders");
  expect(searchablePath("/%FF")).toBe("/%FF");
});
