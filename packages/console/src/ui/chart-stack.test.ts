import { expect, it } from "vitest";
import type { Series } from "./chart-series.js";
import { drawnSeries, highestOf } from "./chart-stack.js";

const series: readonly Series[] = [
  { name: "4xx", tone: 4, values: [1, null, 2] },
  { name: "5xx", tone: 2, values: [3, 4, null] },
];

it("stacks series: each begins where the one below ends, and a gap adds nothing", () => {
  const [below, above] = drawnSeries(series, true);
  expect(below).toMatchObject({ from: [0, 0, 0], to: [1, null, 2] });
  expect(above).toMatchObject({ from: [1, 0, 2], to: [4, 4, null] });
  expect(highestOf(drawnSeries(series, true))).toBe(4);
});

it("draws the others from zero", () => {
  const drawn = drawnSeries(series, false);
  expect(drawn.map(({ to }) => to)).toEqual(series.map(({ values }) => values));
  expect(drawn.flatMap(({ from }) => from).every((value) => value === 0)).toBe(true);
});
