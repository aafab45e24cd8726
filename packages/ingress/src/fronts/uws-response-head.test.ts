import { expect, it } from "vitest";
import { uwsResponseHead } from "./uws-response-head.js";

it("leaves out the header Date, and no other that has its name as value", () => {
  const headers = ["vary", "date", "date", "Sun, 29 Nov 2026 12:00:00 GMT", "x-kind", "date"];
  const text = Buffer.from(uwsResponseHead(200, "OK", headers, -1))
    .toString("latin1")
    .toLowerCase();
  expect(text.split("\r\n").slice(1)).toEqual(["vary: date", "x-kind: date"]);
});
