import { expect, it } from "vitest";
import { excerptAt, offsetAt } from "./text-excerpt.js";

it("shows the lines around a place", () => {
  const { lines, column } = excerptAt("a\nb\nc\nd\ne\nf", 4, 1);
  expect(lines.map(({ number, text }) => `${number} ${text}`)).toEqual(["2 b", "3 c", "4 d", "5 e", "6 f"]);
  expect(lines.find(({ isPlace }) => isPlace)?.number).toBe(4);
  expect(column).toBe(0);
  expect(excerptAt("a\r\nb", 1, 1).lines.map(({ text }) => text)).toEqual(["a", "b"]);
});

it("shows what is around the column of a line that has no end", () => {
  const text = `${"x".repeat(5_000)}!${"y".repeat(5_000)}`;
  const { lines, column } = excerptAt(text, 1, 5_001);
  expect(lines[0]?.text.charAt(column)).toBe("!");
  expect(lines[0]?.text.length).toBeLessThan(200);
});

it("finds the place in the text", () => {
  expect(offsetAt("ab\ncd\n", 2, 2)).toBe(4);
  expect(offsetAt("ab", 9, 9)).toBe(2);
});
