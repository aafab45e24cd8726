/**
 * An upgrade as docs/deploy.md describes it, from another release to this one: nodes of either release work with control
 * planes of either, through the upgrade of the control plane, then of the node, and an old node beside a new one. Needs the
 * other release: `LATCHKEY_OTHER_RELEASE` is the path of its command (`npm install latchkey@<release>` in a folder of its own).
 */
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "@latchkey/testkit";
import { describe, expect, it } from "vitest";
import { Recorder } from "../support/recorder.js";
import {
  enforced,
  type MadeApi,
  makeApi,
  makeIntegration,
  makeSubscription,
  mutate,
} from "../support/seed.js";
import { latchkeyCommand, Stack } from "../support/stack.js";

const other = process.env.LATCHKEY_OTHER_RELEASE ?? "";
if (other === "") process.stderr.write("upgrades are not tested: LATCHKEY_OTHER_RELEASE is not set\n");

const operation = {
  requestBody: {
    required: true,
    content: { "application/json": { schema: { type: "object", required: ["sku"] } } },
  },
};

/** Keys, routes, checks of requests, rotation and revocation, on all nodes. */
async function worksThroughout(stack: Stack, recorder: Recorder, name: string): Promise<MadeApi> {
  const subscriptionId = await makeSubscription(stack, name);
  const integrationId = await makeIntegration(stack, subscriptionId, name, `${recorder.url}/in`);
  const api = await makeApi(stack, subscriptionId, name, [
    { method: "PUT", path: "/orders/{id}", integrationId, validate: true, operation },
  ]);
  await enforced(stack, api.revision);
  expect(await statuses(stack, api.secret)).toEqual(stack.ingresses.map(() => 200));
  expect(await statuses(stack, api.secret, "{}")).toEqual(stack.ingresses.map(() => 422));
  const rotated = await mutate<{ secret: string }>(stack, "regenerateApiKey", { id: api.keyId }, "secret");
  stack.secrets.add(rotated.secret);
  await enforced(stack, rotated.revision);
  expect(await statuses(stack, api.secret)).toEqual(stack.ingresses.map(() => 401));
  expect(await statuses(stack, rotated.secret)).toEqual(stack.ingresses.map(() => 200));
  const off = await mutate(stack, "updateApiKey", { id: api.keyId, active: false }, "key { id }");
  await enforced(stack, off.revision);
  expect(await statuses(stack, rotated.secret)).toEqual(stack.ingresses.map(() => 403));
  const on = await mutate(stack, "updateApiKey", { id: api.keyId, active: true }, "key { id }");
  await enforced(stack, on.revision);
  return { ...api, secret: rotated.secret };
}

function statuses(stack: Stack, secret: string, body = '{"sku":"a"}'): Promise<number[]> {
  return Promise.all(
    stack.ingresses.map(async ({ url }) => {
      const headers = { "Connxio-Api-Key": secret, "Content-Type": "application/json" };
      const response = await fetch(`${url}/orders/7`, { method: "PUT", headers, body });
      await response.arrayBuffer();
      return response.status;
    }),
  );
}

/** Whether the control plane has counts of each node, and agrees with it on the state. */
async function nodesAreHealthy(stack: Stack): Promise<void> {
  interface Node {
    readonly name: string;
    readonly status: string;
    readonly lastNack: { readonly reason: string } | null;
  }
  await eventually(async () => {
    const { ingressNodes, traffic } = await stack.graphql<{
      ingressNodes: { nodes: readonly Node[] };
      traffic: { total: { requests: number } };
    }>(
      `{ ingressNodes(first: 10) { nodes { name status lastNack { reason } } }
         traffic(points: 60) { total { requests } } }`,
    );
    const healthy = ingressNodes.nodes.filter((node) => node.status === "HEALTHY" && node.lastNack === null);
    return healthy.length === stack.ingresses.length && traffic.total.requests > 0 ? true : undefined;
  }, "nodes are healthy and report traffic");
}

/** Requests one after the other until it is stopped; gives those that had no 200. */
function watch(stack: Stack, secret: string): () => Promise<readonly number[]> {
  let isOver = false;
  const failures: number[] = [];
  const watching = (async () => {
    while (!isOver) {
      failures.push(...(await statuses(stack, secret)).filter((status) => status !== 200));
      await sleep(20);
    }
  })();
  return async () => {
    isOver = true;
    await watching;
    return failures;
  };
}

describe.skipIf(other === "")("another release", { timeout: 300_000 }, () => {
  it("is upgraded: control plane first, then its nodes, without a request lost on the way", async () => {
    await using recorder = await Recorder.start();
    await using stack = await Stack.start({ commands: { controlPlane: other, ingress: other } });
    const before = await worksThroughout(stack, recorder, "before");

    const failures = watch(stack, before.secret);
    await stack.controlPlane.stop("SIGTERM");
    stack.commands.controlPlane = latchkeyCommand;
    await stack.restartControlPlane();
    const between = await worksThroughout(stack, recorder, "between");
    await nodesAreHealthy(stack);
    expect(await failures()).toEqual([]);

    stack.commands.ingress = latchkeyCommand;
    await stack.addIngress("node-2");
    await worksThroughout(stack, recorder, "beside");
    await stack.ingress.process.stop("SIGTERM");
    stack.restartIngress(stack.ingress);
    await stack.ingressReady(stack.ingress);
    for (const { secret } of [before, between]) expect(await statuses(stack, secret)).toEqual([200, 200]);
    await worksThroughout(stack, recorder, "after");
    await nodesAreHealthy(stack);
  });

  it("has a control plane that a node of this release works with", async () => {
    await using recorder = await Recorder.start();
    await using stack = await Stack.start({ commands: { controlPlane: other } });
    const api = await worksThroughout(stack, recorder, "newer node");
    await stack.ingress.process.stop("SIGTERM");
    stack.restartIngress(stack.ingress);
    await stack.ingressReady(stack.ingress);
    expect(await statuses(stack, api.secret)).toEqual([200]);
    await nodesAreHealthy(stack);
  });

  it("does not start on a database that this release has written, and says why", async () => {
    await using stack = await Stack.start({ nodes: 0 });
    await stack.controlPlane.stop("SIGTERM");
    stack.commands.controlPlane = other;
    stack.startControlPlane();
    expect((await stack.controlPlane.exited).code).not.toBe(0);
    expect(stack.controlPlane.output).toMatch(/newer release/);
  });
});
