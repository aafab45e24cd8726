import { expect, it } from "vitest";
import { createMetrics } from "./metrics.js";

it("observes the process once, however many registries have its metrics", async () => {
  const registries = [createMetrics({ runtime: true }), createMetrics({ runtime: true })];
  const [first, second] = registries.map((registry) =>
    registry.getSingleMetric("latchkey_nodejs_gc_duration_seconds"),
  );
  expect(first).toBeDefined();
  expect(second).toBe(first);
  for (const registry of registries) {
    const text = await registry.metrics();
    expect(text).toContain("latchkey_nodejs_eventloop_lag_seconds ");
    expect(text).not.toContain("active_handles_total");
  }
  expect(await createMetrics().metrics()).toBe("\n");
});
