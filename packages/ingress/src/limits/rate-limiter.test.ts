import type { RateLimit } from "@latchkey/snapshot";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pushLimitHeaders, Quota, RateLimiter, RequestLimits, takeAll } from "./rate-limiter.js";

const limitsOf = (rateLimit: RateLimit | null, quota: RateLimit | null, previous: RequestLimits | null) =>
  RequestLimits.of("key", "key_1", { rateLimit, quota }, previous);

const policy = (limit: number, windowSeconds: number, burst = 0) => ({ limit, windowSeconds, burst });

describe("the rate limit", () => {
  it("lets the burst through at once and then one for each interval", () => {
    const limiter = new RateLimiter(policy(10, 1, 3));
    expect([1, 2, 3].map(() => limiter.take(1000))).toEqual([0, 0, 0]);
    expect(limiter.take(1000)).toBeCloseTo(100);
    expect(limiter.take(1099)).toBeGreaterThan(0);
    expect(limiter.take(1100)).toBe(0);
    expect(limiter.take(1100)).toBeGreaterThan(0);
  });

  it("never lets more than burst + rate × time through, whatever the arrivals (property)", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 300 }),
        (limit, burst, gaps) => {
          const limiter = new RateLimiter(policy(limit, 1, burst));
          let now = 0;
          let passed = 0;
          for (const gap of gaps) {
            now += gap;
            if (limiter.take(now) === 0) passed++;
          }
          expect(passed).toBeLessThanOrEqual(burst + (limit * now) / 1000 + 1e-6);
        },
      ),
    );
  });

  it("lets the whole burst through at any time of day, whatever the interval's fraction (property)", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 3_600 }),
        fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 }),
        (limit, windowSeconds, now) => {
          const limiter = new RateLimiter(policy(limit, windowSeconds));
          for (let left = limit; left > 0; left--) {
            expect(limiter.remaining(now)).toBe(left);
            expect(limiter.take(now)).toBe(0);
          }
          expect(limiter.take(now)).toBeGreaterThan(0);
        },
      ),
    );
  });

  it("says how much remains", () => {
    const limiter = new RateLimiter(policy(5, 10));
    expect(limiter.remaining(0)).toBe(5);
    limiter.take(0);
    limiter.take(0);
    expect(limiter.remaining(0)).toBe(3);
    expect(limiter.remaining(2_000)).toBe(4);
  });
});

describe("the quota", () => {
  it("counts within a window and starts anew with the next", () => {
    const quota = new Quota(policy(2, 60));
    expect([quota.take(61_000), quota.take(62_000)]).toEqual([0, 0]);
    expect(quota.take(63_000)).toBe(57_000);
    expect(quota.take(120_000)).toBe(0);
  });
});

describe("the limits of a key", () => {
  it("charges the quota nothing for what the rate refused", () => {
    const limits = limitsOf(policy(1, 1), policy(10, 60), null) as RequestLimits;
    expect(limits.take(0)).toBeNull();
    expect(limits.take(0)).toEqual({ code: "key.rate_limited", retryAfterSeconds: 1 });
    expect(limits.quota?.remaining(0)).toBe(9);
  });

  it("says policy and state in the fields of the draft", () => {
    const limits = limitsOf(policy(100, 60, 10), policy(1000, 3600), null) as RequestLimits;
    limits.take(0);
    const headers: string[] = [];
    pushLimitHeaders(headers, [limits], 0);
    expect(headers).toEqual([
      "ratelimit-policy",
      '"rate";q=100;w=60, "quota";q=1000;w=3600',
      "ratelimit",
      '"rate";r=9;t=1, "quota";r=999;t=3600',
    ]);
  });

  it("goes on counting over a change of the key that leaves the policy alone", () => {
    const before = limitsOf(policy(1, 60), null, null) as RequestLimits;
    before.take(0);
    expect(limitsOf(policy(1, 60), null, before)?.take(0)?.code).toBe("key.rate_limited");
    expect(limitsOf(policy(2, 60), null, before)?.take(0)).toBeNull();
    expect(limitsOf(null, null, before)).toBeNull();
  });
});

describe("limits of several owners", () => {
  const of = (owner: "key" | "api" | "route", rate: RateLimit | null, quota: RateLimit | null) =>
    RequestLimits.of(owner, "1", { rateLimit: rate, quota }, null) as RequestLimits;

  it("count a request together, or none of them does", () => {
    const key = of("key", null, policy(10, 60));
    const api = of("api", policy(5, 60), policy(20, 60));
    const route = of("route", null, policy(2, 60));
    const all = [key, api, route];
    expect([takeAll(all, 0), takeAll(all, 0)]).toEqual([null, null]);
    for (let i = 0; i < 5; i++) expect(takeAll(all, 0)?.code).toBe("route.quota_exhausted");
    expect([key.quota?.used(0), api.quota?.used(0), api.rate?.remaining(0), route.quota?.used(0)]).toEqual([
      2, 2, 3, 2,
    ]);
    for (let i = 0; i < 3; i++) expect(takeAll([key, api], 0)).toBeNull();
    expect(takeAll([key, api], 0)?.code).toBe("api.rate_limited");
    expect([key.quota?.used(0), api.quota?.used(0)]).toEqual([5, 5]);
  });

  it("tell the tightest rate and the tightest quota", () => {
    const headers: string[] = [];
    pushLimitHeaders(
      headers,
      [of("key", policy(100, 60), policy(5, 60)), of("api", policy(10, 1), policy(50, 3600))],
      0,
    );
    expect(headers).toEqual([
      "ratelimit-policy",
      '"rate";q=10;w=1, "quota";q=5;w=60',
      "ratelimit",
      '"rate";r=10;t=0, "quota";r=5;t=60',
    ]);
  });

  it("tell the one that takes longer to come back, of two with as many requests left", () => {
    const short = of("key", null, policy(5, 60));
    const long = of("api", null, policy(5, 3_600));
    for (const both of [
      [short, long],
      [long, short],
    ]) {
      const headers: string[] = [];
      pushLimitHeaders(headers, both, 0);
      expect(headers[1]).toBe('"quota";q=5;w=3600');
    }
  });
});
