import fc from "fast-check";
import { expect, it } from "vitest";
import { HOME, safeNext } from "./safe-next.js";

const ORIGIN = "https://console.example";

it("goes to paths of the console", () => {
  expect(safeNext("/nodes")).toBe("/nodes");
  expect(safeNext("/apis?q=a%2Fb&subscription=x")).toBe("/apis?q=a%2Fb&subscription=x");
  expect(safeNext(null)).toBe(HOME);
});

it("never leaves the console's origin, whatever is asked for", () => {
  const nasty = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "//evil.example",
      "/\\evil.example",
      "/\t/evil.example",
      "\\\\evil.example",
      "https://evil.example",
      "/%09/evil",
    ),
    fc
      .array(fc.constantFrom("/", "\\", "\t", "\n", ".", "@", ":", "evil.example", "javascript:"))
      .map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(nasty, (next) => {
      expect(new URL(safeNext(next), ORIGIN).origin).toBe(ORIGIN);
    }),
    { numRuns: 2_000 },
  );
});
