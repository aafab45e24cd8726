import { scaleLinear, scaleTime } from "d3-scale";
import { expect, it } from "vitest";
import { timeTicks, valueTicks } from "./chart-axes.js";
import { lonePoints } from "./chart-lines.js";
import { exactText, sinceText, tickText } from "./chart-time.js";
import { formatRate } from "./format.js";

it("shows a value that stands alone as a point", () => {
  expect(lonePoints([1, 2, null, 3])).toEqual([3]);
  expect(lonePoints([1, null, 2, null])).toEqual([0, 2]);
});

it("names the day at midnight, so that the ends of a day's axis differ", () => {
  const day = [new Date(2026, 10, 28, 21).getTime(), new Date(2026, 10, 29, 21).getTime()] as const;
  expect(tickText(new Date(2026, 10, 28, 21), day)).toBe("21:00");
  expect(tickText(new Date(2026, 10, 29), day)).toBe("Sun 29 Nov");
  expect(day.map((atMs) => exactText(atMs, day))).toEqual(["Sat 28 Nov, 21:00", "Sun 29 Nov, 21:00"]);
});

it("names the day of a begin that is a day or more ago", () => {
  const until = new Date(2026, 10, 29, 21).getTime();
  expect(sinceText(new Date(2026, 10, 29, 7).getTime(), until)).toBe("07:00");
  expect(sinceText(new Date(2026, 10, 22, 7).getTime(), until)).toBe("22 Nov");
  const monthBefore = new Date(2026, 9, 29).getTime();
  expect(sinceText(new Date(2026, 10, 29).getTime(), until, monthBefore)).toBe("29 Nov");
});

const HOUR_MS = 3_600_000;

it.each([
  [5 / 60, 350],
  [1, 290],
  [24, 290],
  [24 * 7, 290],
  [24 * 30, 200],
  [24 * 365, 1_200],
])("labels an axis of %d hours on %d pixels without overlap, and cuts no label off", (hours, width) => {
  const toMs = new Date(2026, 10, 30, 13, 17, 5).getTime();
  const domain = [toMs - hours * HOUR_MS, toMs] as const;
  const x = scaleTime([...domain], [56, width - 12]);
  const ends = timeTicks(x, domain, width).map(({ date, text }) => {
    const half = text.length * 3.3;
    return [x(date) - half, x(date) + half] as const;
  });
  expect(ends.length).toBeGreaterThan(1);
  for (const [index, [from, to]] of ends.entries()) {
    expect(from).toBeGreaterThanOrEqual(0);
    expect(to).toBeLessThanOrEqual(ends[index + 1]?.[0] ?? width);
  }
});

it("leaves out value ticks that would read the same", () => {
  const textsOf = (highest: number) =>
    valueTicks(scaleLinear([0, highest], [100, 0]).nice(4), formatRate).map(({ text }) => text);
  expect(textsOf(0.2)).toEqual(["0/s", "0.1/s", "0.2/s"]);
  expect(textsOf(4)).toEqual(["0/s", "1/s", "2/s", "3/s", "4/s"]);
});
