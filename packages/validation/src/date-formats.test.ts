import fc from "fast-check";
import { expect, it } from "vitest";
import { isDate, isDateTime, isTime } from "./date-formats.js";

it.each([
  ["2026-02-28", true],
  ["2024-02-29", true],
  ["2026-02-29", false],
  ["2026-02-31", false],
  ["1900-02-29", false],
  ["2000-02-29", true],
  ["2026-04-31", false],
  ["2026-00-10", false],
  ["2026-13-10", false],
  ["2026-01-00", false],
  ["2026-1-01", false],
  ["2026-01-01 ", false],
  ["２026-01-01", false],
  ["", false],
])("date %s: %s", (text, isRight) => {
  expect(isDate(text)).toBe(isRight);
});

it.each([
  ["10:00:00Z", true],
  ["10:00:00z", true],
  ["10:00:00.123456789+05:30", true],
  ["10:00:00", false],
  ["10:00:00+0530", false],
  ["10:00:00+05", false],
  ["10:00:00+24:00", false],
  ["24:00:00Z", false],
  ["10:60:00Z", false],
  ["10:00:00.Z", false],
  ["23:59:60Z", true],
  ["22:59:60Z", false],
  ["15:59:60-08:00", true],
  ["00:59:60+01:00", true],
  ["23:59:60+01:00", false],
  ["23:59:61Z", false],
  ["10:00:00ZZ", false],
])("time %s: %s", (text, isRight) => {
  expect(isTime(text)).toBe(isRight);
  expect(isDateTime(`2026-11-29T${text}`)).toBe(isRight);
  expect(isDateTime(`2026-02-31T${text}`)).toBe(false);
});

it("takes no space in place of the T", () => {
  expect(isDateTime("2026-11-29 10:00:00Z")).toBe(false);
  expect(isDateTime("2026-11-29t10:00:00Z")).toBe(true);
});

it("takes what Date writes", () => {
  fc.assert(
    fc.property(
      fc.date({
        min: new Date("0000-01-01T00:00:00Z"),
        max: new Date("9999-12-31T23:59:59Z"),
        noInvalidDate: true,
      }),
      (date) => {
        const text = date.toISOString();
        expect([isDateTime(text), isDate(text.slice(0, 10)), isTime(text.slice(11))]).toEqual([
          true,
          true,
          true,
        ]);
      },
    ),
  );
});
