import { expect, it } from "vitest";
import { extentOf, extentText } from "./extent.js";

const nouns = ["API", "APIs"] as const;
const middle = { hasPreviousPage: true, hasNextPage: true };

it("names the rows of a page and how many there are", () => {
  expect(extentText(extentOf(51, 50, 303, middle), nouns)).toBe("51–100 of 303 APIs");
  expect(extentText(extentOf(1, 1, 1, { hasPreviousPage: false, hasNextPage: false }), nouns)).toBe("1 API");
  expect(extentText(extentOf(1, 50, 10_002, { ...middle, hasPreviousPage: false }), nouns)).toBe(
    "1–50 of 10,002 APIs",
  );
});

it("corrects an address that is older than the list at both ends", () => {
  expect(extentOf(951, 3, 303, { ...middle, hasNextPage: false }).from).toBe(301);
  expect(extentOf(51, 50, 303, { ...middle, hasPreviousPage: false }).from).toBe(1);
  expect(extentOf(951, 50, 303, middle).from).toBe(254);
});
