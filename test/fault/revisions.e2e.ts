/** Revisions that a node cannot take, that come slowly, and that come in bursts. */
import { anApi, anIntegration, aRoute, eventually, SimulatedNode, served, Upstream } from "@latchkey/testkit";
import { expect } from "vitest";
import { enforced } from "../support/seed.js";
import { BusyStack, isRefused } from "./support/busy-stack.js";
import { fault } from "./support/fault.js";
import { seconds } from "./support/figures.js";
import { checkInvariants } from "./support/invariants.js";
import { rounds } from "./support/mode.js";
import { key, resourcesOf, SmallNode } from "./support/small-node.js";
import { pause, shoot, Traffic } from "./support/traffic.js";

fault(
  {
    row: "16, 20",
    fault:
      "a node cannot use an API, or refuses a revision as a whole; conflicting routes are to be published",
    holds:
      "the conflict never becomes a revision; the refusal is seen by name; everything else is enforced and served",
    target: "NACK visible ≤ 2 s; traffic untouched",
  },
  async () => {
    await using busy = await BusyStack.start();
    const { stack, traffic } = busy;
    const { name, token } = await stack.makeNode("picky");
    const rejects = ({ kind, body }: { kind: string; body: Uint8Array }) =>
      kind === "api" && Buffer.from(body).includes("bad one") ? "the pattern is beyond me" : null;
    const picky = new SimulatedNode({ address: stack.grpcAddress, nodeId: name, token, rejects });
    try {
      picky.connect();
      await picky.until(({ revision }) => revision !== null);
      const revisionOf = async () =>
        (await stack.graphql<{ revision: { number: number } }>("{ revision { number } }")).revision.number;
      const before = await revisionOf();
      const conflicts = [
        [{ path: "/x/{a}" }, { path: "/x/{b}" }],
        [{ path: "/x" }, { path: "/x" }],
        [{ path: "no slash" }],
      ];
      for (const paths of conflicts) {
        const routes = paths.map(({ path }) => ({ method: "GET", path, integrationId: busy.integrationId }));
        const { createApi } = await stack.graphql<{ createApi: { userErrors: { code: string }[] } }>(
          "mutation($input: CreateApiInput!) { createApi(input: $input) { userErrors { code } } }",
          { input: { title: "conflict", summary: "", subscriptionId: busy.subscriptionId, routes } },
        );
        expect(createApi.userErrors.length).toBeGreaterThan(0);
      }
      expect(await revisionOf()).toBe(before);

      interface Seen {
        rejectedResources: { resourceId: string; reason: string }[];
        lastNack: { reason: string } | null;
      }
      const seen = async (): Promise<Seen | undefined> =>
        (
          await stack.graphql<{ ingressNodes: { nodes: (Seen & { name: string })[] } }>(
            "{ ingressNodes { nodes { name rejectedResources { resourceId reason } lastNack { reason } } } }",
          )
        ).ingressNodes.nodes.find((node) => node.name === name);
      const good = await busy.makeApi("good");
      const publishedMs = performance.now();
      const bad = await busy.makeApi("bad one");
      await eventually(
        async () =>
          (await seen())?.rejectedResources.some(({ resourceId }) => resourceId === bad.id)
            ? true
            : undefined,
        "the control plane shows what the node quarantined",
        { everyMs: 5 },
      );
      const rejectedMs = performance.now() - publishedMs;
      const nackedMs = performance.now();
      picky.refuseNextDelta("cannot be read");
      await busy.makeApi("refused as a whole");
      await eventually(
        async () => ((await seen())?.lastNack?.reason.includes("cannot be read") ? true : undefined),
        "the control plane shows the refusal",
        { everyMs: 5 },
      );
      const shownMs = performance.now() - nackedMs;
      // The real node uses both; a revocation reaches all.
      for (const api of [good, bad]) {
        await enforced(stack, api.revision);
        expect((await shoot({ url: busy.url, key: api.secret })).status).toBe(200);
      }
      await enforced(stack, await busy.revoke(good));
      expect(isRefused((await shoot({ url: busy.url, key: good.secret })).status)).toBe(true);
      await checkInvariants(stack);

      // What no control plane would send, to a real node.
      await using upstream = await Upstream.start({ behaviour: () => ({ body: "well" }) });
      await using node = await SmallNode.start(resourcesOf({ a: `${upstream.url}/` }));
      const others = new Traffic(2, () => ({ url: `${node.url}/a`, key }), 1);
      const spoilt = [
        ...served(
          anApi("api_slash", [aRoute("GET", "no slash", "int_a")]),
          anApi("api_twice", [aRoute("GET", "/x/{a}", "int_a"), aRoute("GET", "/x/{b}", "int_a")]),
          anIntegration("int_url", "no url at all"),
        ),
        { kind: "api", id: "api_bytes", body: Buffer.from([0xff, 0xff, 0xff]) },
      ];
      node.server.change(spoilt);
      await node.server.acked();
      const rejected = node.server.acks.at(-1)?.rejected.map(({ resource }) => resource?.id ?? "") ?? [];
      expect(rejected.sort()).toEqual(spoilt.map(({ id }) => id).sort());
      await others.more(50);
      expect((await others.stop()).reasons).toEqual([]);
      expect(traffic.report.reasons).toEqual([]);
      return `${conflicts.length} conflicts refused before they were published; an API quarantined by a node shown after ${rejectedMs.toFixed(0)} ms, a refusal after ${shownMs.toFixed(0)} ms; ${rejected.length} spoilt resources quarantined by name; ${traffic.sent + others.sent} requests, 0 failed`;
    } finally {
      picky.close();
    }
  },
);

const delayMs = rounds(1_000, 5_000);

fault(
  {
    row: "4",
    fault: `control plane slow: each of its replies comes ${delayMs / 1000} s late`,
    holds: "the node waits on one stream, serves on with what it has, and enforces each change when it comes",
    target: "no extra streams; p99 unchanged",
  },
  async () => {
    await using busy = await BusyStack.start();
    const { stack, relay, traffic, api } = busy;
    const load = new Traffic(4, () => ({ url: busy.url, key: api.secret }), 2);
    await load.more(500);
    load.forgetLatencies();
    await load.more(1_000);
    const before = load.report;
    relay.delayMs = delayMs;
    relay.cut();
    load.forgetLatencies();
    const made = relay.connectionsMade;
    const waitsMs: number[] = [];
    for (let i = 0; i < rounds(1, 3, 20); i++) {
      const victim = await busy.makeApi(`slow ${i}`);
      const statusOf = async () => (await shoot({ url: busy.url, key: victim.secret })).status;
      await eventually(async () => ((await statusOf()) === 200 ? true : undefined), "the API is there");
      const startedMs = performance.now();
      await busy.revoke(victim);
      await eventually(
        async () => (isRefused(await statusOf()) ? true : undefined),
        "the revoked key is refused",
      );
      waitsMs.push(performance.now() - startedMs);
    }
    const during = load.report;
    expect(relay.connectionsMade - made).toBe(1);
    await checkInvariants(stack);
    const report = await load.stop();
    expect([...report.reasons, ...traffic.report.reasons]).toEqual([]);
    return `1 stream opened after the cut, none more; a revocation enforced ${seconds(Math.max(...waitsMs))} after its commit at worst; p99 ${before.p99Ms.toFixed(1)} ms before, ${during.p99Ms.toFixed(1)} ms meanwhile; ${report.sent + traffic.sent} requests, 0 failed`;
  },
  { isLong: true },
);

fault(
  {
    row: "39",
    fault: "a burst of changes, as many as go, for 20 nodes and more",
    holds:
      "changes are merged to ten revisions a second for each node; the last one always arrives, a revocation at once",
    target: "each node sees ≤ 10 revisions/s; last one always",
  },
  async () => {
    await using busy = await BusyStack.start();
    const { stack, traffic } = busy;
    const fleet: SimulatedNode[] = [];
    try {
      for (let i = 0; i < 20; i++) {
        const { name, token } = await stack.makeNode(`fleet-${i}`);
        const node = new SimulatedNode({ address: stack.grpcAddress, nodeId: name, token });
        fleet.push(node);
        node.connect();
      }
      await Promise.all(fleet.map((node) => node.until(({ revision }) => revision !== null)));
      for (const node of fleet) node.forget();
      const victim = await busy.makeApi("revoked in the burst");
      await enforced(stack, victim.revision);
      const count = rounds(100, 1_000, 20_000);
      const startedMs = performance.now();
      let sent = 0;
      let newest = 0;
      let revokedMs = 0;
      const change = async (): Promise<void> => {
        while (sent < count) {
          sent++;
          newest = Math.max(newest, (await busy.makeApi(`burst ${sent}`)).revision?.number ?? 0);
        }
      };
      const revoke = async (): Promise<void> => {
        while (sent < count / 2) await pause(2);
        const askedMs = performance.now();
        await enforced(stack, await busy.revoke(victim));
        revokedMs = performance.now() - askedMs;
        expect(isRefused((await shoot({ url: busy.url, key: victim.secret })).status)).toBe(true);
      };
      await Promise.all([change(), change(), change(), change(), revoke()]);
      const burstMs = performance.now() - startedMs;
      await Promise.all(fleet.map((node) => node.untilRevision(newest)));
      const lastMs = performance.now() - startedMs - burstMs;
      const revisions = Math.max(
        ...fleet.map(({ events }) => events.filter(({ kind }) => kind === "delta").length),
      );
      // Two more for the API and its key that are revoked, one for a window at each end.
      expect(revisions).toBeLessThanOrEqual(Math.ceil((burstMs + lastMs) / 100) + 4);
      expect(revisions).toBeLessThan(count);
      await checkInvariants(stack);
      expect(traffic.report.reasons).toEqual([]);
      return `${count} changes in ${seconds(burstMs)} (${Math.round(count / (burstMs / 1000))} a second) came as ${revisions} revisions (${(revisions / (burstMs / 1000)).toFixed(1)} a second); the last at all 20 nodes ${lastMs.toFixed(0)} ms after its commit; a revocation amid them acknowledged by all after ${revokedMs.toFixed(0)} ms; ${traffic.sent} requests, 0 failed`;
    } finally {
      for (const node of fleet) node.close();
    }
  },
);
