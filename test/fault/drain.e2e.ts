/** SIGTERM under load: what is in flight finishes, /readyz says so first, a limit ends it; one node after the other. */
import { Agent } from "node:http";
import { eventually, Upstream } from "@latchkey/testkit";
import { expect } from "vitest";
import { engines } from "../support/engines.js";
import { BusyStack } from "./support/busy-stack.js";
import { fault } from "./support/fault.js";
import { checkInvariants } from "./support/invariants.js";
import { mode, rounds } from "./support/mode.js";
import { key, resourcesOf, SmallNode } from "./support/small-node.js";
import { pause, shoot, Traffic } from "./support/traffic.js";

const DRAIN_MS = 1_500;

for (const engine of mode === "quick" ? engines.slice(0, 1) : engines)
  fault(
    {
      row: "45",
      fault: `SIGTERM with requests in flight (engine ${engine})`,
      holds:
        "/readyz turns 503 while it still serves; what is in flight finishes; what takes too long is ended",
      target: "0 failed in flight within the limit; exit code 0",
    },
    async () => {
      let release = (): void => undefined;
      await using upstream = await Upstream.start({
        behaviour: ({ header }) => {
          if (header("x-how") === "never") return new Promise(() => undefined);
          if (header("x-how") === "late")
            return new Promise((resolve) => {
              const before = release;
              release = () => {
                before();
                resolve({ body: "late" });
              };
            });
          return { body: "well" };
        },
      });
      await using node = await SmallNode.start(resourcesOf({ a: `${upstream.url}/` }), {
        env: {
          LATCHKEY_INGRESS_ENGINE: engine,
          LATCHKEY_INGRESS_DRAIN_DELAY_MS: "400",
          LATCHKEY_INGRESS_DRAIN_MS: String(DRAIN_MS),
        },
      });
      const agent = new Agent({ keepAlive: true });
      const ask = (how: string) => shoot({ url: `${node.url}/a`, key, headers: { "x-how": how } }, agent);
      const late = Array.from({ length: 20 }, () => ask("late"));
      const never = ask("never").catch((error: Error) => error);
      await upstream.sawRequests(21);
      const startedMs = performance.now();
      node.process.kill("SIGTERM");
      await eventually(
        async () => ((await shoot({ url: `${node.adminUrl}/readyz` })).status === 503 ? true : undefined),
        "/readyz says 503",
        { everyMs: 5 },
      );
      const unreadyMs = performance.now() - startedMs;
      // It serves on, so that a load balancer may notice in peace.
      expect((await ask("well")).status).toBe(200);
      await pause(600);
      release();
      const responses = await Promise.all(late);
      expect(responses.map(({ status, body }) => `${status} ${body}`)).toEqual(
        responses.map(() => "200 late"),
      );
      const ended = await never;
      const { code } = await node.process.exited;
      const tookMs = performance.now() - startedMs;
      expect(code).toBe(0);
      expect(ended instanceof Error ? "cut" : `${ended.status} ${ended.error}`).toMatch(
        /^(cut|503 gateway.draining)$/,
      );
      agent.destroy();
      return `/readyz 503 after ${unreadyMs.toFixed(0)} ms and served on; ${responses.length} of ${responses.length} in flight finished; the one that never would was ended (${ended instanceof Error ? "cut" : ended.error}), exit code 0 after ${(tookMs / 1000).toFixed(1)} s (delay 0.4 s, limit ${DRAIN_MS / 1000} s)`;
    },
  );

const restarts = rounds(1, 10, 100);

fault(
  {
    row: "45",
    fault: `rolling restart of two nodes under load, ${restarts} times`,
    holds: "no keep-alive client sees a failed request, and each node comes back to the newest revision",
    target: "0 failed requests",
  },
  async () => {
    await using busy = await BusyStack.start({
      nodes: 2,
      ingressEnv: { LATCHKEY_INGRESS_DRAIN_DELAY_MS: "300", LATCHKEY_INGRESS_DRAIN_MS: "5000" },
    });
    const { stack, api } = busy;
    await busy.traffic.stop();
    // A load balancer: asks /readyz every 20 ms and sends only to those that are ready.
    const ready = new Set(stack.ingresses);
    let isOver = false;
    const checks = stack.ingresses.map(async (ingress) => {
      while (!isOver) {
        const { adminUrl } = ingress;
        const status = await shoot({ url: `${adminUrl}/readyz` }).then(
          (response) => response.status,
          () => 0,
        );
        if (status === 200) ready.add(ingress);
        else ready.delete(ingress);
        await pause(20);
      }
    });
    let turn = 0;
    const traffic = new Traffic(8, () => {
      const all = [...ready];
      const ingress = all[turn++ % all.length];
      return ingress === undefined ? null : { url: `${ingress.url}/a`, key: api.secret };
    });
    for (let i = 0; i < restarts; i++)
      for (const ingress of stack.ingresses) {
        await traffic.more(100);
        expect(await ingress.process.stop("SIGTERM")).toEqual({ code: 0, signal: null });
        ready.delete(ingress);
        stack.restartIngress(ingress);
        await stack.ingressReady(ingress);
      }
    await traffic.more(100);
    const report = await traffic.stop();
    isOver = true;
    await Promise.all(checks);
    await checkInvariants(stack);
    expect(report.reasons).toEqual([]);
    return `${2 * restarts} restarts, ${report.sent} requests over keep-alive connections, 0 failed`;
  },
  { timeoutMs: 300_000 + restarts * 20_000 },
);
