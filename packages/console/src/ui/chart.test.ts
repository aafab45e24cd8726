import { expect, it } from "vitest";
import { lonePoints } from "./chart-lines.js";
import { exactText, sinceText, tickText } from "./chart-time.js";

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
