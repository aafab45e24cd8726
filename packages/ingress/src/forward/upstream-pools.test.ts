import { systemResolver, type UpstreamClient, type UpstreamClientOptions } from "@latchkey/http1";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type OriginSettings, UpstreamPools } from "./upstream-pools.js";

/** A client with a stream that does not end until the test ends it. */
class BusyClient implements UpstreamClient {
  readonly options: UpstreamClientOptions;
  isDestroyed = false;
  finish: () => void = () => undefined;

  constructor(options: UpstreamClientOptions) {
    this.options = options;
  }

  dispatch(): never {
    throw new Error("not asked for");
  }
  close(): Promise<void> {
    return new Promise((resolve) => (this.finish = resolve));
  }
  destroy(): void {
    this.isDestroyed = true;
  }
  stats() {
    return {
      connections: 1,
      idle: 0,
      connecting: 0,
      queued: 0,
      inFlight: 1,
      requests: 1,
      connectionsMade: 1,
      retries: 0,
    };
  }
}

const origin: OriginSettings = {
  subscriptionId: "sub_1",
  host: "127.0.0.1",
  port: 80,
  isTls: false,
  hostHeader: "127.0.0.1",
  connectTimeoutMs: 1,
  headTimeoutMs: 1,
  bodyIdleTimeoutMs: 1,
  eventStreamIdleTimeoutMs: 1,
};

describe("pools", () => {
  const clients: BusyClient[] = [];
  const pools = new UpstreamPools(
    (options) => {
      const client = new BusyClient(options);
      clients.push(client);
      return client;
    },
    {
      connectionsMax: 1,
      connectionsTotalMax: 1,
      queueMax: 1,
      queueTimeoutMs: 1,
      bodyPausedTimeoutMs: 1,
      keepAliveTimeoutMs: 1,
      responseHeadBytesMax: 1,
      responseFieldsMax: 1,
      resolver: systemResolver,
      checkAddress: () => true,
      tls: {},
    },
  );
  beforeEach(() => {
    vi.useFakeTimers();
    clients.length = 0;
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("are one for each subscription, origin and set of time-outs", () => {
    const same = [pools.lease(origin), pools.lease({ ...origin })];
    const others = [
      pools.lease({ ...origin, subscriptionId: "sub_2" }),
      pools.lease({ ...origin, port: 81 }),
      pools.lease({ ...origin, headTimeoutMs: 2 }),
    ];
    expect(clients).toHaveLength(4);
    expect(same[0]?.client).toBe(same[1]?.client);
    const shares = clients.map(({ options }) => options.connectionShare);
    expect([shares[2] === shares[0], shares[3] === shares[0], shares[1] === shares[0]]).toEqual([
      true,
      true,
      false,
    ]);
    for (const lease of [...same, ...others]) lease.release();
    for (const client of clients) client.finish();
  });

  it("let what is in flight go on for as long as it takes when nobody uses them any more", async () => {
    const lease = pools.lease(origin);
    const client = clients[0] as BusyClient;
    lease.release();
    await vi.advanceTimersByTimeAsync(24 * 3_600_000);
    expect([client.isDestroyed, pools.totals().open]).toEqual([false, 1]);
    client.finish();
    await vi.advanceTimersByTimeAsync(0);
    expect(pools.totals().open).toBe(0);
  });
});
