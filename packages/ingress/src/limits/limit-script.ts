/**
 * The count of one owner of limits, as a script that a Redis or Valkey server runs in one piece: the same two algorithms as in
 * rate-limiter.ts, by the server's clock. Its keys expire by themselves. Knows no connection.
 */
import { createHash } from "node:crypto";
import { type LimitCode, RATE_SLACK, type RequestLimits, type SharedCount } from "./rate-limiter.js";

/**
 * KEYS: rate, quota. ARGV: interval and tolerance of the rate in ms (0 = no rate), limit of the quota and its window in
 * ms (0 = no quota). Replies whole numbers: what refuses (0 nothing, 1 rate, 2 quota), µs to wait, µs until the whole
 * burst is there, requests of the quota that are used, µs until its window ends.
 */
export const LIMIT_SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, tolerance = tonumber(ARGV[1]), tonumber(ARGV[2])
local limit, window = tonumber(ARGV[3]), tonumber(ARGV[4]) * 1000
local refused, wait, ahead, used, left = 0, 0, 0, 0, 0
if window > 0 then
  local start = now - now % window
  local quota = redis.call('HMGET', KEYS[2], 'start', 'used')
  if quota[1] and tonumber(quota[1]) == start then used = tonumber(quota[2]) end
  left = start + window - now
  if used >= limit then refused, wait = 2, left end
end
if interval > 0 then
  local rate = redis.call('HMGET', KEYS[1], 'ahead', 'at')
  if rate[1] then ahead = math.max(0, tonumber(rate[1]) - math.max(0, now - tonumber(rate[2])) / 1000) end
  if refused == 0 then
    local early = ahead + interval - tolerance
    if early > interval * ${RATE_SLACK} then
      refused, wait = 1, early * 1000
    else
      ahead = ahead + interval
      redis.call('HSET', KEYS[1], 'ahead', string.format('%.17g', ahead), 'at', string.format('%.0f', now))
      redis.call('PEXPIRE', KEYS[1], math.ceil(ahead) + 1000)
    end
  end
end
if window > 0 and refused == 0 then
  used = used + 1
  redis.call('HSET', KEYS[2], 'start', string.format('%.0f', now + left - window), 'used', used)
  redis.call('PEXPIRE', KEYS[2], math.ceil(left / 1000) + 1000)
end
return { refused, math.ceil(wait), math.floor(ahead * 1000), used, left }
`;

export const LIMIT_SCRIPT_SHA1 = createHash("sha1").update(LIMIT_SCRIPT).digest("hex");

const REFUSED_BY = [null, "rate_limited", "quota_exhausted"] as const;

/** The script's verdict on one owner of limits. */
export interface OwnerVerdict {
  readonly refusedBy: LimitCode | null;
  readonly waitMs: number;
  readonly count: SharedCount;
}

/**
 * Two keys and four arguments. A changed policy has another name and so starts anew, as on a node. Braces keep both
 * keys on one shard (hash tags).
 */
export function limitArguments(prefix: string, limits: RequestLimits): string[] {
  const { owner, rate, quota } = limits;
  const id = owner === "key" ? limits.name.slice("key/".length) : limits.name;
  const name = (kind: string, policy: RequestLimits["rate"] | RequestLimits["quota"]): string => {
    const { limit, windowSeconds, burst } = policy?.policy ?? { limit: 0, windowSeconds: 0, burst: 0 };
    return `${prefix}{${id}}:${kind}:${limit}:${windowSeconds}:${burst}`;
  };
  return [
    name("rate", rate),
    name("quota", quota),
    String(rate?.intervalMs ?? 0),
    String(rate?.toleranceMs ?? 0),
    String(quota?.policy.limit ?? 0),
    String((quota?.policy.windowSeconds ?? 0) * 1000),
  ];
}

/** @throws TypeError when it is not the script's reply */
export function readVerdict(owner: RequestLimits["owner"], reply: unknown): OwnerVerdict {
  if (!Array.isArray(reply) || reply.length !== 5 || !reply.every((item) => Number.isSafeInteger(item)))
    throw new TypeError("the reply is not that of the script");
  const [refused, waitUs, aheadUs, used, leftUs] = reply as [number, number, number, number, number];
  const kind = REFUSED_BY[refused] ?? null;
  return {
    refusedBy: kind === null ? null : `${owner}.${kind}`,
    waitMs: waitUs / 1000,
    count: { rateResetMs: aheadUs / 1000, quotaUsed: used, quotaResetMs: leftUs / 1000 },
  };
}
