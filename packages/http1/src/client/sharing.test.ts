// That nothing waits for ever and nothing is counted twice, whatever requests, origins and callers do to each other.

import { afterEach, describe, expect, it } from "vitest";
import { type Collector, send } from "../testing/collect.js";
import { seededPick } from "../testing/corpus.js";
import { RawOrigin } from "../testing/raw-origin.js";
import { ConnectionBudget, ConnectionShare } from "./connection-budget.js";
import type { OutgoingRequest } from "./upstream-client.js";
import { Http1Pool } from "./upstream-pool.js";

const ROUNDS = 60;
const BUDGET = 6;
const CONNECTIONS_MAX = 4;

const open: AsyncDisposable[] = [];
const pools: Http1Pool[] = [];
afterEach(async () => {
  for (const pool of pools.splice(0)) pool.destroy();
  for (const each of open.splice(0)) await each[Symbol.asyncDispose]();
});

/** Responds sooner or later, closes after some responses, breaks off instead of some. */
async function moody(pick: (below: number) => number): Promise<RawOrigin> {
  const origin = await RawOrigin.start((connection) => {
    if (!connection.received.endsWith("\r\n\r\n")) return;
    connection.received = "";
    const { socket } = connection;
    const mood = pick(10);
    const act = (): void => {
      if (socket.destroyed) return;
      if (mood === 0) socket.resetAndDestroy();
      else if (mood === 1) socket.end("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
      else if (mood === 2) socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      else socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    };
    if (pick(3) === 0) setTimeout(act, pick(5));
    else setImmediate(act);
  });
  open.push(origin);
  return origin;
}

describe("pools that share a budget", () => {
  it.each(["POST", "GET"])(
    "end every request and count every connection, however they meet: %s",
    { timeout: 60_000 },
    async (method) => {
      const pick = seededPick(method === "GET" ? 41 : 42);
      const budget = new ConnectionBudget(BUDGET);
      const owners = [new ConnectionShare(budget), new ConnectionShare(budget)];
      const origins = [await moody(pick), await moody(pick)];
      for (const connectionShare of owners)
        for (const { port } of origins)
          pools.push(
            new Http1Pool({
              host: "127.0.0.1",
              port,
              connectionShare,
              connectionsMax: CONNECTIONS_MAX,
              queueMax: 20,
              queueTimeoutMs: 3_600_000,
            }),
          );
      const ended: Promise<Collector>[] = [];
      const codes = new Set<string>();
      let aborted = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const abortable: OutgoingRequest[] = [];
        for (let i = pick(12); i >= 0; i--) {
          const grouped = pick(8) === 0 ? {} : { group: `g${pick(3)}`, member: `m${pick(2)}` };
          const { outgoing, got } = send(pools[pick(pools.length)]!, { method, ...grouped });
          if (pick(6) === 0) abortable.push(outgoing);
          else ended.push(got.over);
        }
        if (pick(2) === 0) await new Promise((resolve) => setImmediate(resolve));
        for (const outgoing of abortable) outgoing.abort();
        aborted += abortable.length;
        for (const pool of pools) {
          const { connections, connecting } = pool.stats();
          expect(connections + connecting).toBeLessThanOrEqual(CONNECTIONS_MAX);
        }
        // A repeated request gets its new connection in any case.
        if (method === "POST") expect(budget.used).toBeLessThanOrEqual(BUDGET);
        if (pick(3) === 0) await new Promise((resolve) => setTimeout(resolve, pick(4)));
      }
      for (const got of await Promise.all(ended)) {
        if (got.error === null) expect(got.body).toBe("ok");
        else codes.add(got.error.code);
      }
      expect(aborted).toBeGreaterThan(20);
      expect([...codes].filter((code) => code !== "connection_lost" && code !== "queue_full")).toEqual([]);
      let held = 0;
      for (const pool of pools) {
        const { connections, connecting, queued, inFlight } = pool.stats();
        expect([queued, inFlight]).toEqual([0, 0]);
        held += connections + connecting;
      }
      expect([budget.used, owners[0]!.held + owners[1]!.held]).toEqual([held, held]);
      await Promise.all(pools.map((pool) => pool.close()));
      expect(budget.used).toBe(0);
    },
  );
});
