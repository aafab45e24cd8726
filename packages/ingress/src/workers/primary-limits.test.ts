import { describe, expect, it } from "vitest";
import { KeyLimits } from "../limits/rate-limiter.js";
import { countRequest, type LimitQuestion, PrimaryLimits } from "./primary-limits.js";

const HOUR_S = 3_600;

describe("limits counted by the primary", () => {
  it("asks once for all requests of an event-loop batch, and gives each its own verdict", async () => {
    const sent: (readonly LimitQuestion[])[] = [];
    const quota = KeyLimits.of(null, { limit: 2, windowSeconds: HOUR_S, burst: 0 }, null) as KeyLimits;
    const counter = new PrimaryLimits((questions) => {
      sent.push(questions);
      counter.onReplies(
        questions.map(({ id, keyId }) => ({
          id,
          verdict: keyId === "known" ? countRequest(quota, 1_000) : null,
        })),
      );
    });
    const responses = await Promise.allSettled([
      ...Array.from({ length: 3 }, () => counter.count("known")),
      counter.count("gone"),
    ]);
    expect(sent.map((questions) => questions.length)).toEqual([4]);
    expect(
      responses.map((verdict) => (verdict.status === "fulfilled" ? verdict.value.refusedBy : "rejected")),
    ).toEqual([null, null, "key.quota_exhausted", "rejected"]);
    expect(responses[1]).toMatchObject({ value: { quotaUsed: 2, waitMs: 0 } });
  });

  it("leaves nobody waiting at the end", async () => {
    const counter = new PrimaryLimits(() => undefined);
    const verdict = counter.count("known");
    counter.stop();
    await expect(verdict).rejects.toThrow("the worker ends");
  });
});
