/** Many APIs: a node that gets everything at once while it serves, and one change among them. Full figures: bench/ingress. */
import { aKey, anApi, aRoute, type SnapshotServer, served, TcpRelay, Upstream } from "@latchkey/testkit";
import { expect } from "vitest";
import { fault } from "./support/fault.js";
import { rounds } from "./support/mode.js";
import { key, resourcesOf, SmallNode } from "./support/small-node.js";
import { shoot, Traffic } from "./support/traffic.js";

/** What the figure of an idle process is. */
const LAG_RESOLUTION_MS = 10;
const apis = rounds(2_000, 5_000, 100_000);

/** Since it was asked before. Not the clients' waiting: the snapshot is made in their process. */
async function longestTurnMs(node: SmallNode): Promise<number> {
  return (await node.metric("latchkey_nodejs_eventloop_lag_max_seconds")) * 1_000 - LAG_RESOLUTION_MS;
}

fault(
  {
    row: "35, 36",
    fault: `${apis} APIs and keys come in one full sync while the node serves, then change one by one`,
    holds:
      "built beside the table and swapped in once: no request fails or gets half a response; a change is a delta",
    target: "100k: ≤ 15 s, RSS ≤ 600 MiB; a change ≤ 2 KiB, active ≤ 1 s",
  },
  async () => {
    await using upstream = await Upstream.start({ behaviour: () => ({ body: "well" }) });
    const small = resourcesOf({ a: `${upstream.url}/` });
    let port = 0;
    await using relay = await TcpRelay.start(() => ({ host: "127.0.0.1", port }));
    const addressOf = (server: SnapshotServer): string => {
      port = server.port;
      return `127.0.0.1:${relay.port}`;
    };
    await using node = await SmallNode.start(small, { addressOf });
    const routes = (i: number) =>
      Array.from({ length: 10 }, (_, j) => aRoute("GET", `/r${j}/${i}/{id}`, "int_a"));
    const keys = Array.from({ length: apis }, (_, i) => aKey(`key_many_${i}`, `api_many_${i}`));
    node.server.load(keys.flatMap(({ resource }, i) => served(anApi(`api_many_${i}`, routes(i)), resource)));
    // Not before: making all this holds up the clients, which are in the same process, for longer than a node keeps an
    // idle connection.
    const traffic = new Traffic(4, () => ({ url: `${node.url}/a`, key }), 1);
    await traffic.more(500);
    await longestTurnMs(node); // what was before
    const startedMs = performance.now();
    node.server.sendSnapshotToAll();
    await node.server.acked();
    const syncedMs = performance.now() - startedMs;
    const turnMs = await longestTurnMs(node);

    relay.resetCounters();
    const changes = rounds(10, 30);
    const appliedMs: number[] = [];
    for (let i = 0; i < changes; i++) {
      const at = Math.floor((i * apis) / changes);
      const made = keys[at];
      if (made === undefined) throw new Error("no key");
      const statusOf = async () => (await shoot({ url: `${node.url}/r3/${at}/x`, key: made.secret })).status;
      expect(await statusOf()).toBe(200);
      const changedMs = performance.now();
      node.server.change(served({ ...made.resource, active: false }));
      await node.server.acked();
      appliedMs.push(performance.now() - changedMs);
      expect(await statusOf()).toBe(403);
    }
    const bytes = Math.round(relay.bytesDown / changes);
    expect(bytes).toBeLessThan(2_048);
    expect(node.server.snapshotsSent).toBe(2);
    expect((await traffic.stop()).reasons).toEqual([]);
    return `${apis} APIs × 10 routes and keys acknowledged after ${(syncedMs / 1000).toFixed(1)} s; longest turn of the node's event loop meanwhile ${turnMs.toFixed(0)} ms; RSS ${node.rssMib.toFixed(0)} MiB; ${changes} keys disabled: ${bytes} bytes each, enforced after at most ${Math.max(...appliedMs).toFixed(0)} ms; ${traffic.sent} requests, 0 failed`;
  },
  { timeoutMs: rounds(60_000, 120_000, 900_000), isLong: true },
);
