import { expect, it } from "vitest";
import { type ImpairedTarget, mergeImpaired } from "./impaired-targets.js";

const target = (sinceMs: number, more: Partial<ImpairedTarget> = {}): ImpairedTarget => ({
  integrationId: "int_1",
  urlIndex: 0,
  state: "open",
  sinceMs,
  lastError: "",
  ...more,
});

it("counts a target that several processes do not use once, since the first of them", () => {
  const merged = mergeImpaired([
    { count: 1, listed: [target(20, { state: "unhealthy" })] },
    { count: 2, listed: [target(10), target(30, { urlIndex: 1 })] },
    { count: 0, listed: [] },
  ]);
  expect(merged).toEqual({ count: 2, listed: [target(10), target(30, { urlIndex: 1 })] });
});

it("says how many there are where not all are listed", () => {
  expect(mergeImpaired([{ count: 500, listed: [target(1)] }])).toMatchObject({ count: 500 });
  expect(mergeImpaired([])).toEqual({ count: 0, listed: [] });
});
