/** `latchkey backup` and `restore` with a running stack. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Recorder } from "../support/recorder.js";
import { enforced, makeApi, makeIntegration, makeSubscription, mutate } from "../support/seed.js";
import { latchkeyCommand, Stack } from "../support/stack.js";

it("backs up a running control plane and restores it as a new epoch", async () => {
  await using recorder = await Recorder.start();
  await using stack = await Stack.start();
  const latchkey = (...args: string[]) => {
    const env = { ...process.env, LATCHKEY_URL: stack.graphqlUrl, LATCHKEY_TOKEN: stack.adminToken };
    return spawnSync(process.execPath, [latchkeyCommand, ...args], { encoding: "utf8", env });
  };
  const subscriptionId = await makeSubscription(stack);
  const integrationId = await makeIntegration(stack, subscriptionId, "orders", recorder.url);
  const api = await makeApi(stack, subscriptionId, "Orders", [
    { method: "PUT", path: "/orders/{orderId}", integrationId },
  ]);
  await enforced(stack, api.revision);
  const backup = join(stack.dir, "backup.db");
  const dataDir = join(stack.dir, "control-plane");
  const made = latchkey("backup", backup, "--data-dir", dataDir);
  expect(made.status, made.stderr).toBe(0);
  const later = await makeApi(stack, subscriptionId, "after the backup", [
    { method: "GET", path: "/later", integrationId },
  ]);
  await enforced(stack, later.revision);
  const status = async (path: string, secret: string, method = "GET") =>
    (
      await fetch(stack.ingress.url + path, {
        method,
        headers: { "Connxio-Api-Key": secret },
        ...(method === "PUT" ? { body: '{"quantity":1}' } : {}),
      })
    ).status;
  expect(await status("/later", later.secret)).toBe(200);

  await stack.controlPlane.stop("SIGTERM");
  const restored = latchkey("restore", backup, "--data-dir", dataDir);
  expect(restored.status, restored.stderr).toBe(0);
  await stack.restartControlPlane();
  const touched = await mutate(stack, "updateApiKey", { id: api.keyId, name: "after restore" }, "key { id }");
  await enforced(stack, touched.revision);
  expect(await status("/orders/1", api.secret, "PUT")).toBe(200);
  expect(await status("/later", later.secret)).toBe(401);
});
