import { getDefaultAutoSelectFamilyAttemptTimeout } from "node:net";
import { expect, it } from "vitest";
import "./prepare-process.js";

it("leaves an address of a name the time that a distant server needs", () => {
  expect(getDefaultAutoSelectFamilyAttemptTimeout()).toBe(1_000);
});
