/** Checks what a user wrote of rate limits and quotas. */
import type { RateLimit } from "@latchkey/snapshot";
import type { Problems } from "../errors/user-error.js";
import { checkNumber, type FieldPath, type Maybe } from "./form.js";

export interface RateLimitForm {
  readonly limit: number;
  readonly windowSeconds: number;
  readonly burst?: Maybe<number>;
}

/** A limit that is left out stays; null takes it away. */
export interface LimitsForm {
  readonly rateLimit?: Maybe<RateLimitForm>;
  readonly quota?: Maybe<RateLimitForm>;
}

export interface Limits {
  readonly rateLimit: RateLimit | null;
  readonly quota: RateLimit | null;
}

export const noRequestLimits: Limits = { rateLimit: null, quota: null };

const DAY_SECONDS = 86_400;
const LIMIT_MAX = 1_000_000_000;
const windowSecondsMax = { rateLimit: DAY_SECONDS, quota: 366 * DAY_SECONDS } as const;

/** @param at of the form whose fields they are */
export function checkLimits(problems: Problems, at: FieldPath, base: Limits, form: LimitsForm): Limits {
  const check = (name: keyof Limits) =>
    form[name] === undefined
      ? base[name]
      : checkLimit(problems, [...at, name], form[name] ?? null, windowSecondsMax[name]);
  return { rateLimit: check("rateLimit"), quota: check("quota") };
}

function checkLimit(
  problems: Problems,
  at: FieldPath,
  form: RateLimitForm | null,
  windowSecondsMax: number,
): RateLimit | null {
  if (form === null) return null;
  return {
    limit: checkNumber(problems, [...at, "limit"], "The limit", form.limit, {
      min: 1,
      max: LIMIT_MAX,
      unit: "requests",
    }),
    windowSeconds: checkNumber(problems, [...at, "windowSeconds"], "The window", form.windowSeconds, {
      min: 1,
      max: windowSecondsMax,
      unit: "seconds",
    }),
    burst: checkNumber(problems, [...at, "burst"], "The burst", form.burst ?? 0, {
      min: 0,
      max: LIMIT_MAX,
      unit: "requests",
    }),
  };
}
