/**
 * One client for each subscription, origin, client certificate and set of time-outs, shared by integrations, closed when the last of them
 * lets go. No connection serves two subscriptions: late bytes of one's origin cannot become a response to another's
 * request, and neither can wait for the other's connections (ADR 0672).
 */
import {
  ConnectionBudget,
  ConnectionShare,
  type HostResolver,
  type UpstreamAddress,
  type UpstreamClient,
  type UpstreamClientOptions,
  type UpstreamTlsOptions,
} from "@latchkey/http1";
import type { ClientIdentity } from "../upstream-auth/client-identity.js";
import { TargetMemo } from "./target-memo.js";

/** Whether an address may be connected to. */
export type AddressCheck = (address: UpstreamAddress) => boolean;

export type ClientFactory = (options: UpstreamClientOptions) => UpstreamClient;

export interface OriginSettings {
  readonly subscriptionId: string;
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  readonly hostHeader: string;
  readonly connectTimeoutMs: number;
  readonly headTimeoutMs: number;
  readonly bodyIdleTimeoutMs: number;
  readonly eventStreamIdleTimeoutMs: number;
}

export interface PoolDefaults {
  readonly connectionsMax: number;
  /** Over all pools. */
  readonly connectionsTotalMax: number;
  readonly queueMax: number;
  readonly queueTimeoutMs: number;
  readonly bodyPausedTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  readonly responseHeadBytesMax: number;
  readonly responseFieldsMax: number;
  readonly resolver: HostResolver;
  readonly checkAddress: AddressCheck;
  readonly tls: UpstreamTlsOptions;
}

export interface PoolLease {
  readonly client: UpstreamClient;
  readonly memo: TargetMemo;
  release(): void;
}

interface Pool {
  readonly client: UpstreamClient;
  readonly memo: TargetMemo;
  readonly subscription: SubscriptionPools;
  leases: number;
}

/** What a subscription has of the connections, over its open pools and those that drain. */
interface SubscriptionPools {
  readonly id: string;
  readonly share: ConnectionShare;
  pools: number;
}

export class UpstreamPools {
  readonly #create: ClientFactory;
  readonly #defaults: PoolDefaults;
  readonly #pools = new Map<string, Pool>();
  readonly #retired = new Set<UpstreamClient>();
  readonly #budget: ConnectionBudget;
  readonly #subscriptions = new Map<string, SubscriptionPools>();

  constructor(create: ClientFactory, defaults: PoolDefaults) {
    this.#create = create;
    this.#defaults = defaults;
    this.#budget = new ConnectionBudget(defaults.connectionsTotalMax);
  }

  /** @param identity what connections are made with; null: no client certificate */
  lease(origin: OriginSettings, identity: ClientIdentity | null = null): PoolLease {
    const key = [
      origin.subscriptionId,
      origin.isTls ? "https" : "http",
      origin.host,
      origin.port,
      origin.connectTimeoutMs,
      origin.headTimeoutMs,
      origin.bodyIdleTimeoutMs,
      origin.eventStreamIdleTimeoutMs,
      identity?.digest ?? "",
    ].join("|");
    let pool = this.#pools.get(key);
    if (pool === undefined) {
      const subscription = this.#subscriptionOf(origin.subscriptionId);
      subscription.pools++;
      const memo = new TargetMemo();
      pool = {
        client: this.#open(origin, subscription.share, memo, identity),
        memo,
        subscription,
        leases: 0,
      };
      this.#pools.set(key, pool);
    }
    const leased = pool;
    leased.leases++;
    let isReleased = false;
    return {
      client: leased.client,
      memo: leased.memo,
      release: () => {
        if (isReleased) return;
        isReleased = true;
        if (--leased.leases > 0) return;
        this.#pools.delete(key);
        this.#retire(leased);
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

  #subscriptionOf(id: string): SubscriptionPools {
    let subscription = this.#subscriptions.get(id);
    if (subscription === undefined) {
      subscription = { id, share: new ConnectionShare(this.#budget), pools: 0 };
      this.#subscriptions.set(id, subscription);
    }
    return subscription;
  }

  #open(
    origin: OriginSettings,
    connectionShare: ConnectionShare,
    memo: TargetMemo,
    identity: ClientIdentity | null,
  ): UpstreamClient {
    const { tls, ...defaults } = this.#defaults;
    return this.#create({
      ...defaults,
      connectionShare,
      memo,
      host: origin.host,
      port: origin.port,
      hostHeader: origin.hostHeader,
      connectTimeoutMs: origin.connectTimeoutMs,
      headTimeoutMs: origin.headTimeoutMs,
      bodyIdleTimeoutMs: origin.bodyIdleTimeoutMs,
      eventStreamIdleTimeoutMs: origin.eventStreamIdleTimeoutMs,
      ...(origin.isTls ? { tls: { ...tls, ...identity?.tls } } : {}),
    });
  }

  /** Requests in flight end by themselves or by the time-outs that they began with, however long that takes. */
  #retire({ client, subscription }: Pool): void {
    this.#retired.add(client);
    const done = (): void => {
      this.#retired.delete(client);
      if (--subscription.pools === 0) this.#subscriptions.delete(subscription.id);
    };
    client.close().then(done, done);
  }
}
