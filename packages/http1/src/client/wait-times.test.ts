/** A request tells how long it waited for its connection, and how much of that the connection took to be made. */
import { afterEach, describe, expect, it } from "vitest";
import { fetchOnce, POST, send } from "../testing/collect.js";
import { RawOrigin, respondingWith } from "../testing/raw-origin.js";
import { Http1Pool } from "./upstream-pool.js";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

const pools: Http1Pool[] = [];
afterEach(() => {
  for (const pool of pools.splice(0)) pool.destroy();
});

function poolTo(port: number, connectionsMax = 1): Http1Pool {
  const pool = new Http1Pool({ host: "127.0.0.1", port, connectionsMax });
  pools.push(pool);
  return pool;
}

describe("waiting for a connection", () => {
  it("is all of making it for the first request, and nothing for one on an idle connection", async () => {
    await using origin = await RawOrigin.start(respondingWith(OK));
    const pool = poolTo(origin.port);
    const first = send(pool);
    await first.got.over;
    expect(first.outgoing.connectMs).toBeGreaterThan(0);
    expect(first.outgoing.waitedMs).toBeGreaterThanOrEqual(first.outgoing.connectMs);
    const second = send(pool);
    await second.got.over;
    expect([second.outgoing.waitedMs, second.outgoing.connectMs]).toEqual([0, 0]);
  });

  it("is behind others where all connections are in use, without connecting", async () => {
    await using origin = await RawOrigin.start(respondingWith(OK));
    const pool = poolTo(origin.port);
    await fetchOnce(pool);
    const before = send(pool);
    const behind = send(pool);
    const running = behind.outgoing.waitedMs;
    expect(running).toBeGreaterThan(0);
    await Promise.all([before.got.over, behind.got.over]);
    expect(before.outgoing.waitedMs).toBe(0);
    expect(behind.outgoing.waitedMs).toBeGreaterThanOrEqual(running);
    expect(behind.outgoing.connectMs).toBe(0);
    // It has ended, and goes on no more.
    expect(behind.outgoing.waitedMs).toBe(behind.outgoing.waitedMs);
  });

  it("counts as connecting until no connection could be made", async () => {
    let port = 0;
    {
      await using origin = await RawOrigin.start(respondingWith(OK));
      port = origin.port;
    }
    const { outgoing, got } = send(poolTo(port), POST);
    await got.over;
    expect(got.error?.code).toBe("connect_refused");
    expect(outgoing.connectMs).toBeGreaterThan(0);
    expect(outgoing.waitedMs).toBeGreaterThanOrEqual(outgoing.connectMs);
  });
});
