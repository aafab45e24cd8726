import { describe, expect, it } from "vitest";
import { RequestLimits } from "../limits/rate-limiter.js";
import { countRequest, type LimitQuestion, PrimaryLimits } from "./primary-limits.js";

const HOUR_S = 3_600;
const limitsOf = (id: string) =>
  RequestLimits.of(
    "key",
    id,
    { rateLimit: null, quota: { limit: 2, windowSeconds: HOUR_S, burst: 0 } },
    null,
  ) as RequestLimits;

describe("limits counted by the primary", () => {
  it("asks once for all requests of an event-loop batch, and gives each its own verdict", async () => {
    const sent: (readonly LimitQuestion[])[] = [];
    const quota = limitsOf("known");
    const counter = new PrimaryLimits((questions) => {
      sent.push(questions);
      counter.onReplies(
        questions.map(({ id, names }) => ({
          id,
          verdict: names[0] === "key/known" ? countRequest([quota], 1_000) : null,
        })),
      );
    });
    const responses = await Promise.allSettled([
      ...Array.from({ length: 3 }, () => counter.count([quota])),
      counter.count([limitsOf("gone")]),
    ]);
    expect(sent.map((questions) => questions.length)).toEqual([4]);
    expect(
      responses.map((verdict) => (verdict.status === "fulfilled" ? verdict.value.refusedBy : "rejected")),
    ).toEqual([null, null, "key.quota_exhausted", "rejected"]);
    expect(responses[1]).toMatchObject({ value: { counts: [{ quotaUsed: 2 }], waitMs: 0 } });
  });

  it("leaves nobody waiting at the end", async () => {
    const counter = new PrimaryLimits(() => undefined);
    const verdict = counter.count([limitsOf("known")]);
    counter.stop();
    await expect(verdict).rejects.toThrow("the worker ends");
  });
});
