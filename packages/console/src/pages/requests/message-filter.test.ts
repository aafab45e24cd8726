import { describe, expect, it } from "vitest";
import { messageFilter, rangeOf, timesOf } from "./message-filter.js";

const of = (address: string, apiId: string | null = null) => {
  const params = new URLSearchParams(address);
  return messageFilter((name) => params.get(name) ?? "", apiId);
};

const times = (address: string, nowMs: number) => {
  const params = new URLSearchParams(address);
  return timesOf((name) => params.get(name) ?? "", nowMs);
};

describe("the filter of requests", () => {
  it("has what the address has, and nothing for what is empty or makes no sense", () => {
    expect(of("")).toEqual({});
    expect(of("id=+x1+&api=api_1&status=404&outcome=FAILED&path=/a&code=key.unknown")).toEqual({
      interchangeId: "x1",
      apiId: "api_1",
      status: 404,
      outcome: "FAILED",
      path: "/a",
      errorCode: "key.unknown",
    });
    expect(of("status=four&outcome=PERHAPS&key=")).toEqual({});
  });

  it("is of the page's API, whatever the address says", () => {
    expect(of("api=api_2", "api_1")).toEqual({ apiId: "api_1" });
  });

  it("has a range that ends at a time, one hour without another choice", () => {
    expect(times("range=15m", 900_000)).toEqual({
      since: "1970-01-01T00:00:00.000Z",
      until: "1970-01-01T00:15:00.000Z",
    });
    expect(rangeOf("for ever").value).toBe("1h");
  });

  it("has two times of the person's time zone, in whichever order", () => {
    const [since, until] = ["2026-11-29T10:00", "2026-11-29T10:15:30"].map((text) =>
      new Date(text).toISOString(),
    );
    const both = { since, until };
    expect(times("range=custom&since=2026-11-29T10:00&until=2026-11-29T10:15:30", 0)).toEqual(both);
    expect(times("range=custom&since=2026-11-29T10:15:30&until=2026-11-29T10:00", 0)).toEqual(both);
    expect(times("range=custom&since=2026-11-29T10:00", Date.parse(until ?? ""))).toEqual(both);
    expect(times("range=custom&until=1970-01-08T00:00Z", 0).since).toBe("1970-01-01T00:00:00.000Z");
    expect(times("range=custom&since=nonsense&until=1970-01-08T00:00Z", 0).since).toBe(
      "1970-01-01T00:00:00.000Z",
    );
    expect(times("range=custom&since=1970-01-08T00:00Z&until=1970-01-08T00:00Z", 0).until).toBe(
      "1970-01-08T00:01:00.000Z",
    );
  });
});
