/** One client an origin and set of time-outs, shared by integrations, closed when the last of them lets go. */
import type { UpstreamClient, UpstreamClientOptions, UpstreamTlsOptions } from "@latchkey/http1";
import type { AddressCheck } from "./checked-lookup.js";

export type ClientFactory = (options: UpstreamClientOptions) => UpstreamClient;

export interface OriginSettings {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  readonly hostHeader: string;
  readonly connectTimeoutMs: number;
  readonly headTimeoutMs: number;
  readonly bodyIdleTimeoutMs: number;
}

export interface PoolDefaults {
  readonly connectionsMax: number;
  readonly queueMax: number;
  readonly bodyPausedTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  readonly responseHeadBytesMax: number;
  readonly responseFieldsMax: number;
  readonly checkAddress: AddressCheck;
  readonly tls: UpstreamTlsOptions;
}

/** A retired pool gets this long for what is in flight. */
const RETIRED_MS = 5 * 60_000;

export interface PoolLease {
  readonly client: UpstreamClient;
  release(): void;
}

interface Pool {
  readonly client: UpstreamClient;
  leases: number;
}

export class UpstreamPools {
  readonly #create: ClientFactory;
  readonly #defaults: PoolDefaults;
  readonly #pools = new Map<string, Pool>();
  readonly #retired = new Set<UpstreamClient>();

  constructor(create: ClientFactory, defaults: PoolDefaults) {
    this.#create = create;
    this.#defaults = defaults;
  }

  lease(origin: OriginSettings): PoolLease {
    const key = [
      origin.isTls ? "https" : "http",
      origin.host,
      origin.port,
      origin.connectTimeoutMs,
      origin.headTimeoutMs,
      origin.bodyIdleTimeoutMs,
    ].join("|");
    let pool = this.#pools.get(key);
    if (pool === undefined) {
      pool = { client: this.#open(origin), leases: 0 };
      this.#pools.set(key, pool);
    }
    const leased = pool;
    leased.leases++;
    let isReleased = false;
    return {
      client: leased.client,
      release: () => {
        if (isReleased) return;
        isReleased = true;
        if (--leased.leases > 0) return;
        this.#pools.delete(key);
        this.#retire(leased.client);
      },
    };
  }

  /** Open pools and those that drain, for the metrics. */
  clients(): UpstreamClient[] {
    return [...[...this.#pools.values()].map((pool) => pool.client), ...this.#retired];
  }

  /** Connections over all pools, and requests that wait for one. */
  totals(): { readonly open: number; readonly idle: number; readonly waiting: number } {
    let open = 0;
    let idle = 0;
    let waiting = 0;
    for (const client of this.clients()) {
      const stats = client.stats();
      open += stats.connections;
      idle += stats.idle;
      waiting += stats.queued;
    }
    return { open, idle, waiting };
  }

  destroy(): void {
    for (const client of this.clients()) client.destroy();
    this.#pools.clear();
    this.#retired.clear();
  }

  #open(origin: OriginSettings): UpstreamClient {
    const { tls, ...defaults } = this.#defaults;
    return this.#create({
      ...defaults,
      host: origin.host,
      port: origin.port,
      hostHeader: origin.hostHeader,
      connectTimeoutMs: origin.connectTimeoutMs,
      headTimeoutMs: origin.headTimeoutMs,
      bodyIdleTimeoutMs: origin.bodyIdleTimeoutMs,
      ...(origin.isTls ? { tls } : {}),
    });
  }

  #retire(client: UpstreamClient): void {
    this.#retired.add(client);
    const timer = setTimeout(() => client.destroy(), RETIRED_MS);
    timer.unref();
    const done = (): void => {
      clearTimeout(timer);
      this.#retired.delete(client);
    };
    client.close().then(done, done);
  }
}
