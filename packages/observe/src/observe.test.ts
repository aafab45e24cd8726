import { expect, it } from "vitest";
import { createLogger } from "./logger.js";
import { counter, createMetrics } from "./metrics.js";

it("keeps secrets given under their usual names out of the log", () => {
  const lines: string[] = [];
  const log = createLogger({ name: "test", stream: { write: (line: string) => lines.push(line) } });
  log.info({ token: "hush-1", req: { authorization: "hush-2" }, headers: { cookie: "hush-3" } }, "hello");
  expect(lines.join("")).not.toContain("hush");
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    name: "test",
    level: "info",
    msg: "hello",
    token: "(secret)",
  });
});

it("counts into its own registry", async () => {
  const registry = createMetrics();
  counter(registry, { name: "latchkey_tests_total", help: "Tests.", labels: ["kind"] }).inc({ kind: "unit" });
  expect(await registry.metrics()).toContain('latchkey_tests_total{kind="unit"} 1');
  expect(await createMetrics().metrics()).not.toContain("latchkey_tests_total");
});
