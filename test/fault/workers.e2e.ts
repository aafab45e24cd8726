/** What several workers share: the limits of a key, the socket of their primary, and a disk that does not respond. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { aKey, anApi, anIntegration, aRoute, eventually, served, Upstream } from "@latchkey/testkit";
import { expect } from "vitest";
import { fault } from "./support/fault.js";
import { seconds } from "./support/figures.js";
import { mode, rounds } from "./support/mode.js";
import { childrenOf, isRunning } from "./support/processes.js";
import { key, resourcesOf, SmallNode, startIngress } from "./support/small-node.js";
import { shoot } from "./support/traffic.js";

const WINDOW_S = 1_000_000;
const keys = rounds(20, 200);

fault(
  {
    row: "66",
    fault: `requests of ${keys} limited keys come to four workers at once`,
    holds: "the workers together let through exactly what each key has",
    target: "a quota of 1 is 1",
  },
  async () => {
    await using upstream = await Upstream.start({ behaviour: () => ({ body: "well" }) });
    const limited = Array.from({ length: keys }, (_, i) => {
      const limit = (requests: number) => ({ limit: requests, windowSeconds: WINDOW_S, burst: 0 });
      const allowed = i % 2 === 0 ? 1 : 7;
      const limits = i % 3 === 0 ? { rateLimit: limit(allowed) } : { quota: limit(allowed) };
      return { allowed, made: aKey(`key_${i}`, "api_1", limits) };
    });
    // What all keys share: the API, its routes, and their integration.
    const quota = (limit: number) => ({ limit, windowSeconds: WINDOW_S, burst: 0 });
    const sharing = ["key_s1", "key_s2"].map((id) => aKey(id, "api_2"));
    const resources = served(
      anIntegration("int_1", `${upstream.url}/`),
      anIntegration("int_2", `${upstream.url}/`, { quota: quota(9) }),
      anApi("api_1", [aRoute("ANY", "/a", "int_1")]),
      anApi(
        "api_2",
        [
          { ...aRoute("ANY", "/a", "int_1"), quota: quota(3) },
          aRoute("ANY", "/b", "int_2"),
          aRoute("ANY", "/c", "int_1"),
        ],
        { quota: quota(14) },
      ),
      ...sharing.map(({ resource }) => resource),
      ...limited.map(({ made }) => made.resource),
    );
    await using node = await SmallNode.start(resources, { env: { LATCHKEY_INGRESS_WORKERS: "4" } });
    let asked = 0;
    for (const { allowed, made } of limited) {
      // Each request has a connection of its own, so that they go to all workers.
      const shots = Array.from({ length: 16 }, () =>
        shoot({ url: `${node.url}/a`, key: made.secret, headers: { connection: "close" } }),
      );
      const statuses = (await Promise.all(shots)).map(({ status }) => status);
      asked += statuses.length;
      expect(statuses.filter((status) => status === 200)).toHaveLength(allowed);
      expect(statuses.filter((status) => status === 429)).toHaveLength(16 - allowed);
    }
    for (const [path, allowed] of [
      ["/a", 3],
      ["/b", 9],
      ["/c", 2],
    ] as const) {
      const shots = Array.from({ length: 16 }, (_, i) =>
        shoot({ url: node.url + path, key: sharing[i % 2]!.secret, headers: { connection: "close" } }),
      );
      const statuses = (await Promise.all(shots)).map(({ status }) => status);
      asked += statuses.length;
      expect([path, statuses.filter((status) => status === 200).length]).toEqual([path, allowed]);
    }
    return `${asked} requests of ${keys} keys with limits of 1 and 7: none too many, none too few`;
  },
);

fault(
  {
    row: "67",
    fault: "the workers' socket is removed, then a worker ends; the primary is killed",
    holds: "the primary listens anew, the worker is replaced; the next start clears what was left",
    target: "changes enforced by all workers; nothing left",
  },
  async () => {
    await using upstream = await Upstream.start({ behaviour: () => ({ body: "well" }) });
    const dataDir = mkdtempSync(join(tmpdir(), "latchkey-relay-"));
    const sockets = () => readdirSync(dataDir).filter((name) => name.endsWith(".sock"));
    const env = { LATCHKEY_INGRESS_WORKERS: "2" };
    const resources = resourcesOf({ a: `${upstream.url}/` });
    const ask = async (node: SmallNode) => (await shoot({ url: `${node.url}/a`, key })).status;
    try {
      await using node = await SmallNode.start(resources, { env, dataDir });
      const [socket] = sockets() as [string];
      expect(statSync(join(dataDir, socket)).mode & 0o077, "for its user only").toBe(0);
      rmSync(join(dataDir, socket));
      const startedMs = performance.now();
      await eventually(async () => (existsSync(join(dataDir, socket)) ? true : undefined), "it listens anew");
      const againMs = performance.now() - startedMs;
      const [victim] = childrenOf(node.process.pid) as [number];
      process.kill(victim, "SIGKILL");
      await eventually(async () => {
        const now = childrenOf(node.process.pid);
        return now.length === 2 && !now.includes(victim) && (await ask(node)) === 200 ? true : undefined;
      }, "it is replaced");
      const off = aKey("key_1", "api_1", { active: false }, key).resource;
      node.server.change(served(off));
      await node.server.acked();
      for (let i = 0; i < 20; i++) expect(await ask(node)).toBe(403);

      const workers = childrenOf(node.process.pid);
      await node.process.stop("SIGKILL");
      await eventually(
        async () => (workers.some((pid) => isRunning(pid)) ? undefined : true),
        "its workers end with it",
      );
      expect(sockets()).toHaveLength(1);
      for (const name of readdirSync(dataDir))
        expect(statSync(join(dataDir, name)).mode & 0o077, `${name} is its user's only`).toBe(0);
      chmodSync(dataDir, 0o755);
      await using next = startIngress(node.server.address, dataDir, env);
      await next.waitForJson();
      expect(next.stderr).toContain("other users of this machine can open these files");
      expect(sockets()).toHaveLength(1);
      expect(sockets()).not.toContain(socket);
      expect(await next.stop()).toEqual({ code: 0, signal: null });
      expect(sockets()).toEqual([]);
      return `listened anew after ${seconds(againMs)}; a killed primary's socket was cleared by the next start`;
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  },
);

fault(
  {
    row: "68",
    fault: "the disk of the last-known-good file does not respond",
    holds: "changes are enforced and requests served meanwhile; the node ends at SIGTERM",
    target: "0 requests failed; ends within 15 s",
  },
  async () => {
    await using upstream = await Upstream.start({ behaviour: () => ({ body: "well" }) });
    const dataDir = mkdtempSync(join(tmpdir(), "latchkey-hung-"));
    try {
      await using node = await SmallNode.start(resourcesOf({ a: `${upstream.url}/` }), { dataDir });
      await eventually(
        async () => (existsSync(join(dataDir, "journal-00000001.lkg")) ? true : undefined),
        "the first file is there",
      );
      // Opening a pipe for writing waits for its reader, in the same thread that a hung disk would hold.
      execFileSync("mkfifo", [join(dataDir, "base-00000002.lkg.tmp")]);
      node.server.sendSnapshotToAll();
      const { resource } = aKey("key_1", "api_1", {}, key);
      const changes = rounds(50, 500);
      const startedMs = performance.now();
      for (let i = 0; i < changes; i++) {
        const active = i % 2 === 1;
        node.server.change(served({ ...resource, active }));
        await node.server.acked();
        expect((await shoot({ url: `${node.url}/a`, key })).status).toBe(active ? 200 : 403);
      }
      const eachMs = (performance.now() - startedMs) / changes;
      const enforced = `${changes} changes enforced in ${eachMs.toFixed(1)} ms each, all requests right`;
      if (mode === "quick") {
        await node.process.stop("SIGKILL"); // its own end takes ten seconds
        return enforced;
      }
      const stoppedMs = performance.now();
      const { code, signal } = await node.process.stop();
      expect([0, null]).toContain(code);
      const endMs = performance.now() - stoppedMs;
      expect(endMs).toBeLessThan(15_000);
      return `${enforced}; ended ${seconds(endMs)} after SIGTERM (${signal ?? code})`;
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  },
);
