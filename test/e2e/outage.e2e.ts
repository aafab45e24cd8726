/**
 * The control plane is killed: traffic goes on, a restarted ingress serves from its last-known-good file, and when the
 * control plane is back the node resumes by delta.
 */
import { eventually } from "@latchkey/testkit";
import { expect, it } from "vitest";
import { Recorder } from "../support/recorder.js";
import { enforced, makeApi, makeIntegration, makeSubscription, mutate } from "../support/seed.js";
import { Stack } from "../support/stack.js";

/** A counter of the control plane's process, summed over its labels. */
async function metric(stack: Stack, name: string): Promise<number> {
  const headers = { authorization: `Bearer ${stack.adminToken}` };
  const response = await fetch(new URL("/metrics", stack.graphqlUrl), { headers });
  expect(response.status).toBe(200);
  let sum = 0;
  for (const line of (await response.text()).split("\n"))
    if (line.startsWith(name)) sum += Number(line.split(" ").at(-1));
  return sum;
}

it("serves through a dead control plane, from disk after a restart, and resumes by delta", async () => {
  await using recorder = await Recorder.start();
  await using stack = await Stack.start();
  const { ingress } = stack;
  const subscriptionId = await makeSubscription(stack);
  const integrationId = await makeIntegration(stack, subscriptionId, "only", `${recorder.url}/only`);
  const routes = [{ method: "GET", path: "/ping", integrationId }];
  const api = await makeApi(stack, subscriptionId, "outage", routes);
  await enforced(stack, api.revision);
  const status = async (secret = api.secret) => {
    const response = await fetch(`${ingress.url}/ping`, { headers: { "Connxio-Api-Key": secret } });
    await response.arrayBuffer();
    return response.status;
  };
  expect(await status()).toBe(200);

  await stack.controlPlane.stop("SIGKILL");
  for (let i = 0; i < 500; i++) expect(await status()).toBe(200);

  await ingress.process.stop("SIGKILL");
  stack.restartIngress(ingress);
  await stack.ingressReady(ingress);
  expect(await status()).toBe(200);

  await stack.restartControlPlane();
  const second = await makeApi(stack, subscriptionId, "after the outage", routes);
  await eventually(
    async () => ((await status(second.secret)) === 200 ? true : undefined),
    "the node resumes",
  );
  const off = await mutate(stack, "updateApiKey", { id: api.keyId, active: false }, "key { id }");
  await enforced(stack, off.revision);
  expect(await status()).toBe(403);
  // By delta: the control plane that came back has sent no full snapshot.
  expect(await metric(stack, "latchkey_snapshots_sent_total")).toBe(0);
  expect(await metric(stack, "latchkey_deltas_sent_total")).toBeGreaterThan(0);
});
