/**
 * The sentences by which a document says the limits of a route, which OpenAPI has no field for: read off again by an import
 * (docs/adr/0210). Limits of an integration, an API or a key are not said: they are not the route's.
 */
import type { RequestLimitModel, RouteLimitsModel } from "./read-model.js";

/** One sentence for each limit of the route, in a fixed order. */
export function limitPhrases(limits: RouteLimitsModel): readonly string[] {
  const { requestBodyBytesMax: bytes, rateLimit, quota } = limits;
  return [
    ...(bytes === undefined ? [] : [`The gateway limits request bodies of this route to ${bytes} bytes.`]),
    ...(rateLimit === undefined
      ? []
      : [`The gateway's rate limit of this route is ${requestsOf(rateLimit)}.`]),
    ...(quota === undefined ? [] : [`The gateway's quota of this route is ${requestsOf(quota)}.`]),
  ];
}

function requestsOf({ limit, windowSeconds, burst }: RequestLimitModel): string {
  const atOnce = burst === undefined ? "" : `, at most ${burst} at once`;
  return `${limit} requests in ${windowSeconds} seconds${atOnce}`;
}

const COUNT = "([1-9]\\d{0,14})";
const REQUESTS = `${COUNT} requests in ${COUNT} seconds(?:, at most ${COUNT} at once)?`;
const BYTES = new RegExp(`(?:^| )The gateway limits request bodies of this route to ${COUNT} bytes\\.$`);
const RATE = new RegExp(`(?:^| )The gateway's rate limit of this route is ${REQUESTS}\\.$`);
const QUOTA = new RegExp(`(?:^| )The gateway's quota of this route is ${REQUESTS}\\.$`);

export interface LimitPhrases {
  /** The text without the sentences; empty for none. */
  readonly description: string;
  /** Null: the text says none. */
  readonly limits: RouteLimitsModel | null;
}

/** Takes the sentences off the end of an operation's description. */
export function readLimitPhrases(text: string): LimitPhrases {
  const quota = QUOTA.exec(text);
  const beforeQuota = quota === null ? text : text.slice(0, quota.index);
  const rate = RATE.exec(beforeQuota);
  const beforeRate = rate === null ? beforeQuota : beforeQuota.slice(0, rate.index);
  const bytes = BYTES.exec(beforeRate);
  const description = bytes === null ? beforeRate : beforeRate.slice(0, bytes.index);
  if (description === text) return { description, limits: null };
  return {
    description,
    limits: {
      ...(bytes !== null && { requestBodyBytesMax: Number(bytes[1]) }),
      ...(rate !== null && { rateLimit: limitOf(rate) }),
      ...(quota !== null && { quota: limitOf(quota) }),
    },
  };
}

function limitOf([, limit, windowSeconds, burst]: RegExpExecArray): RequestLimitModel {
  return {
    limit: Number(limit),
    windowSeconds: Number(windowSeconds),
    ...(burst !== undefined && { burst: Number(burst) }),
  };
}
