import { expect, it } from "vitest";
import { isToken } from "./http-grammar.js";

it("takes the 77 characters of a token and no others", () => {
  const taken = Array.from({ length: 0x180 }, (_, code) => String.fromCharCode(code)).filter(isToken);
  expect(taken.join("")).toMatch(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{77}$/);
  expect(isToken("")).toBe(false);
  expect(isToken("x-one")).toBe(true);
  expect(isToken("x one")).toBe(false);
  expect(isToken("x\u0130")).toBe(false);
});
