/**
 * The upstream client on undici: one Pool behind the contract that Http1Pool fulfils as well. It is the
 * oracle of differential tests. Never retries, never follows redirects, never speaks HTTP/2.
 */
import { isIP } from "node:net";
import type {
  OutgoingRequest,
  UpstreamClient,
  UpstreamClientOptions,
  UpstreamHandler,
  UpstreamRequest,
  UpstreamStats,
} from "@latchkey/http1";
import { buildConnector, Pool } from "undici";
import { addressRefused, checkedLookup } from "./checked-lookup.js";
import { UndiciRequest, type UndiciRequestOwner } from "./undici-request.js";

const DEFAULTS = {
  connectionsMax: 128,
  queueMax: 1024,
  connectTimeoutMs: 3_000,
  headTimeoutMs: 30_000,
  bodyIdleTimeoutMs: 30_000,
  bodyPausedTimeoutMs: 120_000,
  keepAliveTimeoutMs: 4_000,
  responseHeadBytesMax: 16_384,
  responseFieldsMax: 200, // not in undici
} as const;

/** Node cuts an attempt to connect off after this long when the name has a further address. */
const ATTEMPT_MS = 1_000;

export class UndiciClient implements UpstreamClient, UndiciRequestOwner {
  readonly pool: Pool;
  readonly hostHeader: string | undefined;
  readonly bodyPausedTimeoutMs: number;
  readonly #inFlightMax: number;
  #inFlight = 0;
  #requests = 0;
  #connectionsMade = 0;
  #isClosed = false;

  constructor(options: UpstreamClientOptions) {
    const settings = { ...DEFAULTS, ...options };
    const host = isIP(options.host) === 6 ? `[${options.host}]` : options.host;
    this.hostHeader = options.hostHeader;
    this.bodyPausedTimeoutMs = settings.bodyPausedTimeoutMs;
    this.#inFlightMax = settings.connectionsMax + settings.queueMax;
    this.pool = new Pool(`${options.tls === undefined ? "http" : "https"}://${host}:${options.port}`, {
      connections: settings.connectionsMax,
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: settings.keepAliveTimeoutMs,
      keepAliveMaxTimeout: settings.keepAliveTimeoutMs,
      headersTimeout: settings.headTimeoutMs,
      bodyTimeout: settings.bodyIdleTimeoutMs,
      maxHeaderSize: settings.responseHeadBytesMax,
      strictContentLength: true, // off would let a wrong length smuggle a second request
      connect: connector(options, settings.connectTimeoutMs),
    });
    this.pool.on("connect", () => this.#connectionsMade++);
  }

  dispatch(request: UpstreamRequest, handler: UpstreamHandler): OutgoingRequest {
    this.#requests++;
    const outgoing = new UndiciRequest(this, request, handler);
    if (this.#isClosed) outgoing.refuse("client_closed", "the client is closed");
    else if (this.#inFlight >= this.#inFlightMax) outgoing.refuse("queue_full", "too many requests wait");
    else {
      this.#inFlight++;
      outgoing.start();
    }
    return outgoing;
  }

  /** By a request that was started: it is over. */
  finished(): void {
    this.#inFlight--;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.pool.close();
  }

  destroy(): void {
    this.#isClosed = true;
    this.pool.destroy().catch(() => undefined); // only tells that it was closed before
  }

  stats(): UpstreamStats {
    const { connected, free, queued } = this.pool.stats;
    return {
      connections: connected,
      idle: free,
      connecting: 0, // undici does not tell
      queued,
      inFlight: this.#inFlight,
      requests: this.#requests,
      connectionsMade: this.#connectionsMade,
      retries: 0,
    };
  }
}

/** Checks literal addresses, which are never looked up, and looks names up through the check. */
function connector(options: UpstreamClientOptions, timeoutMs: number): buildConnector.connector {
  const { checkAddress: check, resolver, tls } = options;
  const base = buildConnector({
    timeout: timeoutMs,
    allowH2: false,
    lookup: checkedLookup(check, resolver),
    autoSelectFamilyAttemptTimeout: ATTEMPT_MS,
    ...(tls === undefined ? {} : tlsOptions(tls)),
  });
  const family = isIP(options.host);
  if (check === undefined || family === 0) return base;
  const address = { address: options.host, family: family === 6 ? (6 as const) : (4 as const) };
  return (connectOptions, callback) => {
    if (check(address)) base(connectOptions, callback);
    else queueMicrotask(() => callback(addressRefused(options.host), null));
  };
}

function tlsOptions(tls: NonNullable<UpstreamClientOptions["tls"]>): Partial<buildConnector.BuildOptions> {
  const { ca, ...rest } = tls;
  return ca === undefined ? rest : { ...rest, ca: Array.isArray(ca) ? [...ca] : (ca as string | Buffer) };
}
