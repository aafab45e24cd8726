import { OtlpReceiver } from "@latchkey/testkit";
import { expect, it } from "vitest";
import { NameResolver } from "../dns/name-resolver.js";
import { createLogger } from "../logger.js";
import { openTelemetry } from "./open-telemetry.js";
import { noTelemetryCounts } from "./telemetry.js";

it("exports lines of the log with their severity, attributes, error and span, and nothing that is redacted", async () => {
  await using collector = await OtlpReceiver.start();
  const counts = noTelemetryCounts();
  const telemetry = await openTelemetry({
    settings: {
      endpoint: collector.httpUrl,
      protocol: "http/protobuf",
      sampler: "always_off",
      samplerArg: 1,
      traces: { exporter: "none" },
      metrics: { exporter: "none", intervalMs: 60_000 },
      logs: { exporter: "otlp" },
    },
    resource: { "service.name": "test" },
    resolver: new NameResolver(),
    log: createLogger({ name: "test", level: "silent" }),
    counts,
  });
  const { logs } = telemetry;
  if (logs === null) throw new Error("logs are not exported");
  const log = createLogger({ name: "test", level: "debug", stream: logs });
  log.info(
    { port: 8080, isNew: true, of: ["a", 1], share: 0.5, below: -3, password: "hidden" },
    "it listens ✓",
  );
  logs.spanNow = () => ({ traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7" });
  log.error({ err: new TypeError("it is broken") }, "half a pair: \ud800");
  logs.write("(node:1) Warning: no JSON\n");
  await telemetry.close();
  expect(collector.logs).toMatchObject([
    {
      severity: "SEVERITY_NUMBER_INFO",
      body: "it listens ✓",
      traceId: "",
      attributes: { port: 8080, isNew: true, of: '["a",1]', share: 0.5, below: -3, password: "(secret)" },
      resource: { "service.name": "test" },
    },
    {
      severity: "SEVERITY_NUMBER_ERROR",
      body: "half a pair: \ufffd",
      traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
      spanId: "00f067aa0ba902b7",
      attributes: { "exception.type": "TypeError", "exception.message": "it is broken" },
    },
  ]);
  expect(counts.logRecords).toEqual({ exported: 2, lost: 0 });
});
