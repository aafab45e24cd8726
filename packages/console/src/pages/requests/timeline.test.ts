import { describe, expect, it } from "vitest";
import { timelineOf } from "./timeline.js";

const attempt = {
  url: "http://orders.example",
  startedMs: 2,
  waitMs: 5,
  connectMs: 3,
  firstByteMs: 20,
  durationMs: 30,
  status: 200,
  errorCode: null,
};
const shape = (of: Parameters<typeof timelineOf>[0]) =>
  timelineOf(of).map(({ kind, attempt: number, fromMs, toMs }) => [kind, number, fromMs, toMs]);

describe("the timeline of a request", () => {
  it("is the gateway's alone when nothing was sent", () => {
    expect(shape({ durationMs: 0.4, attempts: [] })).toEqual([["gateway", 0, 0, 0.4]]);
    expect(shape({ durationMs: 0, attempts: [] })).toEqual([]);
  });

  it("goes on from piece to piece until the end", () => {
    expect(shape({ durationMs: 33, attempts: [attempt] })).toEqual([
      ["gateway", 0, 0, 2],
      ["waiting", 1, 2, 4],
      ["connecting", 1, 4, 7],
      ["first-byte", 1, 7, 22],
      ["body", 1, 22, 32],
      ["gateway", 0, 32, 33],
    ]);
  });

  it("has a failed attempt before the next one, and leaves out what took no time", () => {
    const failed = { ...attempt, startedMs: 1, waitMs: 4, connectMs: 4, firstByteMs: null, durationMs: 4 };
    const second = { ...attempt, startedMs: 5, waitMs: 0, connectMs: 0, firstByteMs: 10, durationMs: 10 };
    expect(shape({ durationMs: 15, attempts: [failed, second] })).toEqual([
      ["gateway", 0, 0, 1],
      ["connecting", 1, 1, 5],
      ["first-byte", 2, 5, 15],
    ]);
  });
});
