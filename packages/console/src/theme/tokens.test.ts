/// <reference types="node" />
/** What is written on a filled button can be read, also under the pointer: axe sees only one of the two at a time. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const css = readFileSync(join(import.meta.dirname, "tokens.css"), "utf8");
const grounds = [
  ...css.matchAll(/--mantine-color-(?<name>[a-z]+-filled(?:-hover)?): (?<colour>#[0-9a-f]{6});/g),
];

/** Relative luminance of `#rrggbb` (WCAG 2.2), 0 to 1. */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

it("sets both colours of a filled button in both themes", () => {
  const names = ["indigo-filled", "indigo-filled-hover", "red-filled", "red-filled-hover"];
  expect(grounds.map(({ groups }) => groups?.name)).toEqual([...names, ...names]);
});

it.each(grounds.map(({ groups }) => [groups?.name, groups?.colour ?? ""]))(
  "white on %s (%s) holds 4.5 : 1",
  (_, colour) => {
    expect(1.05 / (luminance(colour) + 0.05)).toBeGreaterThanOrEqual(4.5);
  },
);
