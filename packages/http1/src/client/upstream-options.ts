// The pool's options with every default filled in and every bound checked. Throws RangeError with all problems.

import { ticksFor } from "../io/ticker.js";
import type { ResponseLimits } from "./response-reader.js";
import type { UpstreamClientOptions } from "./upstream-client.js";

/** Trailer and extension limits of responses: both are dropped, so more is never needed. */
const CHUNK_EXTENSION_BYTES_MAX = 16_384;
const TRAILER_BYTES_MAX = 16_384;

export interface Http1PoolOptions extends UpstreamClientOptions {
  /** 1xx responses before the final one. Default 8. */
  readonly interimResponsesMax?: number;
  /** Bytes of a response body. Default: no limit. */
  readonly responseBodyBytesMax?: number;
}

/** Everything required, times in ms. */
export type ResolvedPoolOptions = Required<Omit<Http1PoolOptions, OptionalOption>> &
  Pick<Http1PoolOptions, OptionalOption>;

type OptionalOption = "tls" | "checkAddress" | "resolver" | "connectionShare" | "memo";

const SECOND = 1_000;

export function resolvePoolOptions(options: Http1PoolOptions): ResolvedPoolOptions {
  const problems: string[] = [];
  const whole = (name: keyof Http1PoolOptions, otherwise: number, min: number, max = 2 ** 31): number => {
    const value = options[name] ?? otherwise;
    if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value;
    problems.push(`${name} must be a whole number from ${min} to ${max}`);
    return otherwise;
  };
  const port = whole("port", 0, 1, 65_535);
  const standardPort = port === (options.tls === undefined ? 80 : 443);
  const name = options.host.includes(":") ? `[${options.host}]` : options.host;
  const hostHeader = options.hostHeader ?? (standardPort ? name : `${name}:${port}`);
  if (options.host === "" || /[^!-~]/.test(options.host)) problems.push("host must be a name or an address");
  if (hostHeader === "" || /[^!-~]/.test(hostHeader)) problems.push("hostHeader must be visible ASCII");
  const resolved: ResolvedPoolOptions = {
    host: options.host,
    port,
    hostHeader,
    connectionsMax: whole("connectionsMax", 128, 1),
    queueMax: whole("queueMax", 1_024, 0),
    queueTimeoutMs: whole("queueTimeoutMs", SECOND, 1),
    connectTimeoutMs: whole("connectTimeoutMs", 3 * SECOND, 1),
    headTimeoutMs: whole("headTimeoutMs", 30 * SECOND, 1),
    bodyIdleTimeoutMs: whole("bodyIdleTimeoutMs", 30 * SECOND, 1),
    eventStreamIdleTimeoutMs: whole("eventStreamIdleTimeoutMs", 3_600 * SECOND, 1),
    bodyPausedTimeoutMs: whole("bodyPausedTimeoutMs", 120 * SECOND, 1),
    keepAliveTimeoutMs: whole("keepAliveTimeoutMs", 4 * SECOND, 0),
    responseHeadBytesMax: whole("responseHeadBytesMax", 16_384, 64, 2 ** 20),
    responseFieldsMax: whole("responseFieldsMax", 200, 1, 10_000),
    interimResponsesMax: whole("interimResponsesMax", 8, 0),
    responseBodyBytesMax: whole("responseBodyBytesMax", Number.MAX_SAFE_INTEGER, 0, Number.MAX_SAFE_INTEGER),
    ...(options.tls === undefined ? {} : { tls: options.tls }),
    ...(options.connectionShare === undefined ? {} : { connectionShare: options.connectionShare }),
    ...(options.checkAddress === undefined ? {} : { checkAddress: options.checkAddress }),
    ...(options.resolver === undefined ? {} : { resolver: options.resolver }),
    ...(options.memo === undefined ? {} : { memo: options.memo }),
  };
  if (problems.length > 0) throw new RangeError(problems.join("; "));
  return resolved;
}

export function responseLimitsOf(options: ResolvedPoolOptions): ResponseLimits {
  return {
    headLimits: {
      headBytesMax: options.responseHeadBytesMax,
      fieldsMax: options.responseFieldsMax,
      targetBytesMax: 0,
    },
    bodyLimits: {
      bodyBytesMax: options.responseBodyBytesMax,
      chunkExtensionBytesMax: CHUNK_EXTENSION_BYTES_MAX,
      trailerBytesMax: TRAILER_BYTES_MAX,
    },
    interimResponsesMax: options.interimResponsesMax,
  };
}

/** How long a request may wait for a connection, and a connection may stay in its states, in ticks. */
export interface PoolTicks {
  readonly queue: number;
  readonly connect: number;
  readonly head: number;
  readonly bodyIdle: number;
  readonly eventStreamIdle: number;
  readonly bodyPaused: number;
}

export function poolTicksOf(options: ResolvedPoolOptions): PoolTicks {
  return {
    queue: ticksFor(options.queueTimeoutMs),
    connect: ticksFor(options.connectTimeoutMs),
    head: ticksFor(options.headTimeoutMs),
    bodyIdle: ticksFor(options.bodyIdleTimeoutMs),
    eventStreamIdle: ticksFor(options.eventStreamIdleTimeoutMs),
    bodyPaused: ticksFor(options.bodyPausedTimeoutMs),
  };
}
