// A peer that vanished without a FIN holds no connection for ever: the kernel probes quiet ones, at both of our ends.

import { expect, it } from "vitest";
import { fetchOnce } from "./testing/collect.js";
import { hasKernelProbes, kernelProbesMs } from "./testing/kernel-probes.js";
import { poolTo } from "./testing/test-pool.js";
import { echo, serve } from "./testing/test-server.js";

it.runIf(hasKernelProbes)("probes a quiet connection after 30 s, as a server and as a client", async () => {
  const { port } = await serve(echo);
  expect((await fetchOnce(poolTo({ port }))).status).toBe(200);
  // An acknowledgement may still be on its way.
  await expect.poll(() => kernelProbesMs(port).filter((ms) => ms !== null)).toHaveLength(2);
  for (const ms of kernelProbesMs(port)) expect(ms).toBeLessThanOrEqual(30_000);
});
