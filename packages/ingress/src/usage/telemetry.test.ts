/** Metrics and the access log as a collector gets them, over HTTP and gRPC. */
import { OtlpReceiver, parseExposition, type ReceivedPoint } from "@latchkey/testkit";
import { describe, expect, it } from "vitest";
import type { IngressConfigInput } from "../config.js";
import { aKey, anApi, anIntegration, aRoute, World } from "../testing/world.js";

const key = aKey("key_1", "api_1");
const protocols = ["http/protobuf", "grpc"] as const;

type Otlp = NonNullable<IngressConfigInput["otlp"]>;

async function start(
  collector: OtlpReceiver,
  protocol: (typeof protocols)[number],
  otlp: Partial<Otlp>,
  config: IngressConfigInput = {},
): Promise<World> {
  const endpoint = protocol === "grpc" ? collector.grpcUrl : collector.httpUrl;
  return World.of(
    ({ upstream }) => [
      anIntegration("int_1", upstream.url),
      anApi("api_1", [aRoute("ANY", "/orders/{id}", "int_1")]),
      key.resource,
    ],
    { engine: "strict", config: { ...config, otlp: { endpoint, protocol, ...otlp } } },
  );
}

async function ask(world: World, path: string): Promise<Response> {
  const response = await fetch(`${world.url}${path}`, { headers: { "connxio-api-key": key.secret } });
  await response.arrayBuffer();
  return response;
}

function lineOf(name: string, labels: Readonly<Record<string, unknown>>, value: number): string {
  const sorted = Object.entries(labels)
    .map(([label, text]) => `${label}="${String(text)}"`)
    .sort();
  return `${name}{${sorted.join(",")}} ${value}`;
}

/** As lines of Prometheus, with sorted labels. */
function linesOf(points: readonly ReceivedPoint[]): string[] {
  const lines = points.flatMap(({ name, kind, attributes, value, count, bucketCounts, bounds }) => {
    if (kind !== "histogram") return lineOf(name, attributes, value);
    let sum = 0;
    const buckets = bucketCounts.map((more, i) => {
      sum += more;
      return lineOf(`${name}_bucket`, { ...attributes, le: bounds[i] ?? "+Inf" }, sum);
    });
    return [...buckets, lineOf(`${name}_sum`, attributes, value), lineOf(`${name}_count`, attributes, count)];
  });
  return lines.sort();
}

/** As `linesOf`, of Prometheus' text. */
const linesOfText = (text: string) =>
  parseExposition(text)
    .samples.map(({ name, labels, value }) => lineOf(name, labels, value))
    .sort();

/** What moves by itself: the process, and what counts the exports themselves. */
const isSteady = (line: string) =>
  !/^latchkey_(?:process|nodejs|metric_exports|ingress_event_loop|ingress_config_age)/.test(line);

describe.each(protocols)("metrics over %s", (protocol) => {
  it("are those of /metrics at that moment: sums, gauges and histograms", async () => {
    await using collector = await OtlpReceiver.start();
    await using world = await start(collector, protocol, {
      traces: { exporter: "none" },
      metrics: { exporter: "otlp", intervalMs: 1_000 },
      resourceAttributes: "team=a",
    });
    for (const path of ["/orders/1", "/orders/2", "/none"]) await ask(world, path);
    // The next one but one is read after all of them are counted.
    const exports = collector.metrics.length + 2;
    await collector.when(() => collector.metrics.length >= exports);
    const points = collector.metrics.at(-1) ?? [];
    const text = await (await fetch(`${world.adminUrl}/metrics`)).text();
    expect(linesOf(points).filter(isSteady)).toEqual(linesOfText(text).filter(isSteady));
    expect(linesOf(points)).toContain('latchkey_ingress_requests_total{status="2xx"} 2');

    const named = (name: string) => points.filter((point) => point.name === name);
    const [requests] = named("latchkey_ingress_requests_total");
    expect(requests).toMatchObject({ kind: "sum", isCounter: true });
    expect(requests?.resource).toMatchObject({
      "service.name": "latchkey-ingress",
      "latchkey.node": "node-1",
      team: "a",
    });
    expect(named("latchkey_ingress_in_flight")).toMatchObject([{ kind: "gauge", value: 0 }]);
    const [duration] = named("latchkey_ingress_request_duration_seconds");
    expect(duration).toMatchObject({ kind: "histogram", isCounter: true, unit: "s", count: 2 });
    expect(duration?.bucketCounts).toHaveLength((duration?.bounds.length ?? 0) + 1);
    expect(requests?.atNs).toBeGreaterThan(requests?.startNs ?? 0n);
    expect(Math.abs(Number((requests?.atNs ?? 0n) / 1_000_000n) - Date.now())).toBeLessThan(60_000);
  });

  it("come once more at the end, with the last counts", async () => {
    await using collector = await OtlpReceiver.start();
    await using world = await start(collector, protocol, {
      traces: { exporter: "none" },
      metrics: { exporter: "otlp", intervalMs: 3_600_000 },
    });
    await ask(world, "/orders/1");
    await world.ingress.close();
    expect(collector.metrics).toHaveLength(1);
    expect(linesOf(collector.metrics[0] ?? [])).toContain('latchkey_ingress_requests_total{status="2xx"} 1');
    expect(collector.spans).toEqual([]);
  });
});

describe.each(protocols)("the access log over %s", (protocol) => {
  it("is a record for each request, with the ids of its span", async () => {
    await using collector = await OtlpReceiver.start();
    await using world = await start(
      collector,
      protocol,
      { logs: { exporter: "otlp" } },
      {
        accessLog: {
          to: "otlp",
          fields: ["interchangeId", "method", "path", "status", "code", "requestBytes"],
        },
      },
    );
    const response = await ask(world, "/orders/7?token=private");
    await ask(world, "/none");
    await world.ingress.close();
    const records = collector.logs.filter(
      ({ attributes }) => attributes["event.name"] === "latchkey.request",
    );
    expect(records).toMatchObject([
      {
        severity: "SEVERITY_NUMBER_INFO",
        body: "GET /orders/7 200",
        resource: { "service.name": "latchkey-ingress" },
      },
      { severity: "SEVERITY_NUMBER_WARN", body: "GET /none 404" },
    ]);
    expect(records.map(({ attributes }) => attributes)).toEqual([
      {
        "event.name": "latchkey.request",
        "latchkey.interchange_id": response.headers.get("interchangeid"),
        "http.request.method": "GET",
        "url.path": "/orders/7",
        "http.response.status_code": 200,
        "http.request.body.size": 0,
      },
      expect.objectContaining({ "error.type": "route.not_found", "http.response.status_code": 404 }),
    ]);
    for (const { traceId, spanId, attributes } of records) {
      const span = collector.spans.find((each) => each.spanId === spanId);
      expect(span?.traceId).toBe(traceId);
      expect(span?.attributes["latchkey.interchange_id"]).toBe(attributes["latchkey.interchange_id"]);
    }
    expect(Buffer.concat(collector.bodies).toString("latin1")).not.toContain("private");
  });
});

it("has bodies of method, path and status in that order, in whatever order the fields are chosen", async () => {
  await using collector = await OtlpReceiver.start();
  await using world = await start(
    collector,
    "http/protobuf",
    { traces: { exporter: "none" }, logs: { exporter: "otlp" } },
    { accessLog: { to: "otlp", fields: ["status", "path", "method", "status"] } },
  );
  await ask(world, "/orders/7");
  await world.ingress.close();
  const bodies = collector.logs
    .filter(({ attributes }) => attributes["event.name"] === "latchkey.request")
    .map(({ body }) => body);
  expect(bodies).toEqual(["GET /orders/7 200"]);
});

it("goes to each signal's own endpoint, and leaves out what is turned off", async () => {
  await using collector = await OtlpReceiver.start();
  await using other = await OtlpReceiver.start();
  await using world = await start(collector, "http/protobuf", {
    traces: { exporter: "none" },
    metrics: {
      exporter: "otlp",
      endpoint: `${other.httpUrl}/v1/metrics`,
      headers: "x-token=of%20metrics",
    },
  });
  await ask(world, "/orders/1");
  await world.ingress.close();
  expect(collector.bodies).toEqual([]);
  expect(other.metrics).toHaveLength(1);
  expect(other.headers.at(-1)).toMatchObject({ "x-token": "of metrics" });
});
