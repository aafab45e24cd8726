/** Name servers that are silent, and records that change: nobody but the integration concerned notices. */
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { aKey, eventually, NameServer, served, Upstream } from "@latchkey/testkit";
import { expect } from "vitest";
import { fault } from "./support/fault.js";
import { quantile, seconds } from "./support/figures.js";
import { rounds } from "./support/mode.js";
import { key, resourcesOf, SmallNode } from "./support/small-node.js";
import { shoot } from "./support/traffic.js";

const TTL_SECONDS = 1;
const DRAINED_MS_MAX = TTL_SECONDS * 1_000 + 5_000;

function bytesIn(directory: string): number {
  return readdirSync(directory).reduce((bytes, name) => bytes + statSync(join(directory, name)).size, 0);
}

fault(
  {
    row: "49",
    fault: "the name server of one integration is silent, 5 requests a second to it, and a hundred at once",
    holds:
      "new connections to others are as quick as before, a change is written to disk, a cut stream comes back by the control plane's name, a disabled key is refused",
    target: "0 lost, disabled key refused within 1 s",
  },
  async () => {
    await using upstream = await Upstream.start({
      // Each request is a new connection, and so a name to resolve.
      behaviour: () => ({ status: 200, headers: ["Connection", "close"], body: "well" }),
    });
    const { port } = new URL(upstream.url);
    await using names = await NameServer.start(
      { "good.test": ["127.0.0.1"], "control.test": ["127.0.0.1"], "dead.test": "silent" },
      { ttlSeconds: TTL_SECONDS },
    );
    const dataDir = mkdtempSync(join(tmpdir(), "latchkey-names-"));
    const targets = { good: `http://good.test:${port}/`, dead: `http://dead.test:${port}/` };
    await using node = await SmallNode.start(resourcesOf(targets), {
      env: {
        LATCHKEY_INGRESS_DNS_SERVERS: names.address,
        LATCHKEY_INGRESS_CONTROL_PLANE_RETRY_MAX_MS: "250",
      },
      addressOf: ({ port: controlPort }) => `control.test:${controlPort}`,
      dataDir,
    });
    const good = { url: `${node.url}/good`, key };
    const dead = { url: `${node.url}/dead`, key };
    const measure = async (count: number): Promise<number[]> => {
      const tookMs: number[] = [];
      for (let i = 0; i < count; i++) {
        const startedMs = performance.now();
        expect(await shoot(good)).toMatchObject({ status: 200, body: "well" });
        tookMs.push(performance.now() - startedMs);
      }
      return tookMs;
    };
    const count = rounds(100, 1_000);
    const before = quantile(await measure(count), 0.99);
    const lost = Array.from({ length: 100 }, () => shoot(dead)); // as many as a thread pool of four never gets rid of
    const drip = setInterval(() => lost.push(shoot(dead)), 200);
    await names.until(() => names.count("dead.test") > 0);
    const during = quantile(await measure(count), 0.99);

    const bytesBefore = bytesIn(dataDir);
    const changedMs = performance.now();
    node.server.change(resourcesOf(targets, "another title"));
    await eventually(async () => bytesIn(dataDir) > bytesBefore || undefined, "the change is on disk");
    const writtenMs = performance.now() - changedMs;

    const hellos = node.server.hellos.length;
    node.server.cut();
    await node.server.when(() => node.server.hellos.length > hellos);
    const revokedMs = performance.now();
    node.server.change(served(aKey("key_1", "api_1", { active: false }, key).resource));
    await eventually(
      async () => (await shoot(good)).status === 403 || undefined,
      "the disabled key is refused",
    );
    const refusedMs = performance.now() - revokedMs;
    clearInterval(drip);
    const codes = new Set((await Promise.all(lost)).map(({ status, error }) => `${status} ${error ?? ""}`));
    codes.delete("403 key.disabled");
    expect([...codes]).toEqual(["502 upstream.dns_failed"]);
    rmSync(dataDir, { recursive: true, force: true });
    return `p99 of ${count} new connections ${before.toFixed(1)} ms before, ${during.toFixed(1)} ms during; last-known-good written after ${seconds(writtenMs)}; disabled key refused after ${refusedMs.toFixed(0)} ms; ${names.count("dead.test")} questions about the dead name for ${lost.length} requests`;
  },
);

fault(
  {
    row: "50",
    fault: "the address record of an integration changes while its connections are in use",
    holds: "requests go to the new address, and nobody loses one",
    target: "0 requests to the old address after TTL + 5 s",
  },
  async () => {
    const lastAtMs: Record<string, number> = {};
    let port = 0;
    const servers: Server[] = [];
    for (const host of ["127.0.0.2", "127.0.0.3"]) {
      const server = createServer((_req, res) => {
        lastAtMs[host] = performance.now();
        res.end(host);
      });
      await new Promise<void>((resolve) => server.listen(port, host, resolve));
      port = (server.address() as AddressInfo).port;
      servers.push(server);
    }
    await using names = await NameServer.start({ "moving.test": ["127.0.0.2"] }, { ttlSeconds: TTL_SECONDS });
    await using node = await SmallNode.start(resourcesOf({ moving: `http://moving.test:${port}/` }), {
      env: { LATCHKEY_INGRESS_DNS_SERVERS: names.address },
    });
    let isOver = false;
    let sent = 0;
    const clients = Array.from({ length: 8 }, async () => {
      while (!isOver) {
        expect((await shoot({ url: `${node.url}/moving`, key })).status).toBe(200);
        sent++;
        await sleep(20); // keeps its connections in use without filling the machine
      }
    });
    await eventually(
      async () => (lastAtMs["127.0.0.2"] !== undefined && sent > 50) || undefined,
      "traffic flows",
    );
    names.records.set("moving.test", ["127.0.0.3"]);
    const changedMs = performance.now();
    await eventually(
      async () => performance.now() - changedMs > DRAINED_MS_MAX + 500 || undefined,
      "the time for draining is over",
    );
    isOver = true;
    await Promise.all(clients);
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
    const lateMs = (lastAtMs["127.0.0.2"] as number) - changedMs;
    expect(lateMs).toBeLessThan(DRAINED_MS_MAX);
    expect(lastAtMs["127.0.0.3"] as number).toBeGreaterThan(changedMs);
    return `${sent} requests, 0 lost; the last one to the old address ${seconds(lateMs)} after the change (TTL ${TTL_SECONDS} s)`;
  },
);
