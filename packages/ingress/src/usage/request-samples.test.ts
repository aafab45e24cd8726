import { describe, expect, it } from "vitest";
import { type RequestSample, RequestSamples } from "./request-samples.js";

const sample = (interchangeId: string, keyId = "key_1") => ({ interchangeId, keyId }) as RequestSample;

/** What of `all` is reported: failed ones first. */
function taken(
  samples: RequestSamples,
  all: readonly (readonly [id: string, isFailed: boolean, keyId?: string])[],
) {
  for (const [id, isFailed, keyId = "key_1"] of all)
    if (samples.wants(isFailed, keyId !== "")) samples.add(sample(id, keyId), isFailed);
  return samples.take().map(({ interchangeId }) => interchangeId);
}

describe("requests for the message trail", () => {
  it("are all of them where there is room", () => {
    const all = [
      ["a", false],
      ["b", true],
      ["c", false],
    ] as const;
    expect(taken(new RequestSamples(4), all).sort()).toEqual(["a", "b", "c"]);
  });

  it("are failed ones first, also when they come last", () => {
    const samples = new RequestSamples(3);
    const all = [
      ...Array.from({ length: 9 }, (_, i) => [`ok${i}`, false] as const),
      ["x", true],
      ["y", true],
    ] as const;
    expect(taken(samples, all)).toEqual(["x", "y", "ok0"]);
    expect(taken(samples, [["next", false]])).toEqual(["next"]);
  });

  it("are never more than the bound, and at most a quarter without a known key", () => {
    const samples = new RequestSamples(8);
    const flood = Array.from({ length: 20 }, (_, i) => [`none${i}`, true, ""] as const);
    expect(taken(samples, flood)).toEqual(["none0", "none1"]);
    const failed = Array.from({ length: 20 }, (_, i) => [`x${i}`, true] as const);
    expect(taken(samples, failed)).toHaveLength(8);
    expect(taken(new RequestSamples(0), failed)).toEqual([]);
  });

  it("keep headers and bodies up to 512 Ki characters in an interval, and are there without them beyond", () => {
    const samples = new RequestSamples(8);
    const recorded = (id: string) => {
      const part = { target: "", headers: [], body: "x".repeat(200_000), state: 0 };
      samples.add({ ...sample(id), content: { request: part } } as unknown as RequestSample, false);
    };
    for (const id of ["a", "b", "c"]) recorded(id);
    const kept = () =>
      samples.take().map(({ interchangeId, content }) => [interchangeId, content?.request !== undefined]);
    expect(kept()).toEqual([
      ["a", true],
      ["b", true],
      ["c", false],
    ]);
    recorded("d");
    expect(kept()).toEqual([["d", true]]);
  });
});
