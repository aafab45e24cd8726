/** A process that ends by an exception that nobody catches, and who brings it back: the primary of workers, `latchkey dev`. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { eventually, Upstream } from "@latchkey/testkit";
import { expect } from "vitest";
import { Stack } from "../support/stack.js";
import { fault } from "./support/fault.js";
import { quantile, seconds } from "./support/figures.js";
import { rounds } from "./support/mode.js";
import { key, resourcesOf, SmallNode } from "./support/small-node.js";
import { shoot, Traffic } from "./support/traffic.js";

const throws = { NODE_OPTIONS: `--import ${join(import.meta.dirname, "support/throws.mjs")}` };

/** Process ids of a process's children whose command line has the word. */
function childrenOf(pid: number, word = ""): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return text
    .split(" ")
    .filter(Boolean)
    .map(Number)
    .filter((child) => commandOf(child).includes(word));
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return ""; // it ended in between
  }
}

const crashes = rounds(1, 10, 100);

fault(
  {
    row: "46",
    fault: "a worker, and then all workers, end by an uncaught exception, while the control plane is away",
    holds: "the primary replaces them, the others serve meanwhile, the new ones have what the node knew",
    target: "back ≤ 2 s",
  },
  async () => {
    await using upstream = await Upstream.start({ behaviour: () => ({ body: "well" }) });
    await using node = await SmallNode.start(resourcesOf({ a: `${upstream.url}/` }), {
      env: { ...throws, LATCHKEY_INGRESS_WORKERS: "2" },
    });
    const { pid } = node.process;
    const shot = { url: `${node.url}/a`, key };
    await node.server.close();
    const fresh = async () => (await shoot(shot).catch(() => null))?.status;
    // Its own connections break with it: that is the fault's; a wrong response is not.
    const traffic = new Traffic(4, () => ({ ...shot, mayBreak: true }), 2);
    await traffic.more(100);
    const streams = () => node.process.output.split("stream to the control plane is up").length;
    let passed = 0;
    const onesMs: number[] = [];
    const allMs: number[] = [];
    for (let i = 0; i < crashes; i++) {
      for (const [victims, into] of [
        [1, onesMs],
        [2, allMs],
      ] as const) {
        const before = childrenOf(pid);
        expect(before).toHaveLength(2);
        const ups = streams();
        const startedMs = performance.now();
        for (const child of before.slice(0, victims)) process.kill(child, "SIGUSR2");
        await eventually(
          async () =>
            childrenOf(pid).some((child) => before.slice(0, victims).includes(child)) ? undefined : true,
          "the victims are gone",
          { everyMs: 2 },
        );
        const response = await eventually(async () => await fresh(), "it responds", { everyMs: 2 });
        expect(response).toBe(200);
        if (victims === 2) into.push(performance.now() - startedMs);
        await eventually(
          async () => (streams() >= ups + victims ? true : undefined),
          "the new ones know what the node knows",
          { everyMs: 2 },
        );
        if (victims === 1) into.push(performance.now() - startedMs);
        for (let j = 0; j < 20; j++, passed++) expect(await fresh()).toBe(200);
      }
    }
    const report = await traffic.stop();
    expect(report.reasons).toEqual([]);
    const worstMs = Math.max(...allMs);
    return `one of two: replaced after ${seconds(quantile(onesMs, 0.5))} (the other served); both: first 200 after ${seconds(quantile(allMs, 0.5))}, worst ${seconds(worstMs)}; ${passed} fresh connections afterwards and ${report.sent} requests, 0 wrong responses`;
  },
);

fault(
  {
    row: "46",
    fault: "an exception that nobody catches, while a request is in flight",
    holds: "the node logs it, finishes the request, takes no new ones, and ends with 1",
    target: "the request is finished; exit code 1",
  },
  async () => {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let arrived = (): void => undefined;
    const hasArrived = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    await using upstream = await Upstream.start({
      behaviour: async () => {
        arrived();
        await released;
        return { body: "well" };
      },
    });
    await using node = await SmallNode.start(resourcesOf({ a: `${upstream.url}/` }), { env: throws });
    const inFlight = shoot({ url: `${node.url}/a`, key });
    await hasArrived;
    node.process.kill("SIGUSR2");
    await node.process.waitFor((_, stderr) => (stderr.includes('"draining"') ? true : undefined));
    const startedMs = performance.now();
    release();
    expect((await inFlight).status).toBe(200);
    expect(await node.process.exited).toEqual({ code: 1, signal: null });
    expect(node.process.stderr).toContain("thrown on purpose");
    return `finished, and ended after ${seconds(performance.now() - startedMs)}`;
  },
);

fault(
  {
    row: "65",
    fault: "SIGUSR1, which opens Node's debugger, to a node, each of its workers and a control plane",
    holds: "no debugger opens",
    target: "0 debuggers",
  },
  async () => {
    await using stack = await Stack.start({ ingressEnv: { LATCHKEY_INGRESS_WORKERS: "2" } });
    const node = stack.ingress.process.pid;
    const pids = [stack.controlPlane.pid, node, ...childrenOf(node)];
    expect(pids).toHaveLength(4);
    for (const pid of pids) process.kill(pid, "SIGUSR1");
    // Each has handled it when it has responded afterwards.
    expect((await shoot({ url: `${stack.ingress.adminUrl}/status` })).status).toBe(200);
    await stack.graphql("{ apis(first: 1) { totalCount } }");
    for (let i = 0; i < 20; i++) await shoot({ url: `${stack.ingress.url}/` });
    const output = stack.ingress.process.output + stack.controlPlane.output;
    expect(output).not.toContain("Debugger");
    for (const pid of pids) expect(listensOnDebugPort(pid)).toBe(false);
    return `${pids.length} processes, 0 debuggers`;
  },
);

/** Whether one of the process's sockets listens on 9229. */
function listensOnDebugPort(pid: number): boolean {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).map((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`);
      } catch {
        return ""; // closed in between
      }
    }),
  );
  return readFileSync(`/proc/${pid}/net/tcp`, "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .some((fields) => fields[1]?.endsWith(":240D") === true && inodes.has(`socket:[${fields[9]}]`));
}
