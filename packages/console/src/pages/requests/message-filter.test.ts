import { describe, expect, it } from "vitest";
import { messageFilter, rangeOf, timesOf } from "./message-filter.js";

const of = (address: string, apiId: string | null = null) => {
  const params = new URLSearchParams(address);
  return messageFilter((name) => params.get(name) ?? "", apiId);
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
    expect(timesOf(rangeOf("15m"), 900_000)).toEqual({
      since: "1970-01-01T00:00:00.000Z",
      until: "1970-01-01T00:15:00.000Z",
    });
    expect(rangeOf("for ever").value).toBe("1h");
  });
});
