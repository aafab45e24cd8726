/** Samples match their patterns. */
import { expect, it } from "vitest";
import { patternSample } from "./pattern-sample.js";

it.each([
  "^\\d{4}-\\d{2}$",
  "^(a|b)+$",
  "^[a-z0-9]+(-[a-z0-9]+)*$",
  "^\\+?[1-9]\\d{1,14}$",
  "^[^/]+$",
  "^.{8,}$",
  "\\p{L}+",
  "^[A-Z]{3}-[0-9]{4}$",
  "^(?:foo|bar)?-(?<year>[12]\\d{3})$",
  "^\\u0041\\x42[\\]\\\\-]$",
  "^[\\s\\S]*$",
  "",
])("of %s", (pattern) => {
  const sample = patternSample(pattern);
  expect(sample).toMatch(new RegExp(pattern, "u"));
});

it("is as long as it has to be, where the pattern can be", () => {
  expect(patternSample("^[a-z]+$", 5)).toBe("aaaaa");
  expect(patternSample("^[a-z]{2}$", 5)).toBeNull();
});

it.each(["(?=a)b", "(a)\\1", "(", "^a\\bb$", "[b-a]"])("is none of %s", (pattern) => {
  expect(patternSample(pattern)).toBeNull();
});
