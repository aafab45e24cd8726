/**
 * A collector that is away, in each way that one can be, while a node serves and exports a span for each request and attempt, a log
 * record for each request, and its metrics each second.
 */
import { join } from "node:path";
import { ALL_SIGNALS, eventually, OtlpReceiver, RawClient, Upstream } from "@latchkey/testkit";
import { expect } from "vitest";
import { fault } from "./support/fault.js";
import { rounds } from "./support/mode.js";
import { key, resourcesOf, SmallNode } from "./support/small-node.js";
import { Traffic } from "./support/traffic.js";

const CLIENTS = 8;
/** So many that each of two workers has one (they share new connections by chance). */
const CLIENTS_OF_WORKERS = 24;
/** Of new connections, until each worker has served some. */
const BATCHES_MAX = 100;
/** Before, so that memory is what it is under load, and while spans are lost: in the longer modes some 130 MB, were they kept. */
const FLOODED_REQUESTS = rounds(2_000, 100_000);
const FLOOD_REQUESTS = 1_000;
/** Pipelined at a time. */
const PIPELINED = 100;
/** 4 MiB each of spans and log records wait, and a batch of each is under way. */
const MEMORY_MIB_MAX = 32;
const LIVE_MEMORY = { NODE_OPTIONS: `--import ${join(import.meta.dirname, "support/live-memory.mjs")}` };
/** Spans of the end, the requests in flight, and a busy machine. */
const STOP_MS_MAX = 20_000;

const TAKEN = 'latchkey_spans_total{outcome="exported"}';
const LOST = 'latchkey_spans_total{outcome="lost"}';

interface Away {
  readonly what: string;
  readonly protocol: "http/protobuf" | "grpc";
  readonly leave: (collector: OtlpReceiver) => Promise<void>;
  readonly comeBack: (collector: OtlpReceiver) => Promise<void>;
  readonly isLong?: boolean;
  /** Not spans alone. */
  readonly isAll?: boolean;
}

const ACCESS_LOG = { LATCHKEY_INGRESS_ACCESS_LOG_TO: "otlp" };

const behave = (behaviour: OtlpReceiver["behaviour"]) => async (collector: OtlpReceiver) => {
  collector.behaviour = behaviour;
};

const cases: readonly Away[] = [
  {
    what: "responds 503",
    protocol: "http/protobuf",
    leave: behave(503),
    comeBack: behave("take"),
  },
  {
    what: "of all signals accepts and does not respond",
    protocol: "http/protobuf",
    isAll: true,
    leave: behave("hang"),
    comeBack: behave("take"),
  },
  {
    what: "of all signals accepts over gRPC and does not respond",
    protocol: "grpc",
    isAll: true,
    isLong: true,
    leave: behave("hang"),
    comeBack: behave("take"),
  },
  {
    what: "of all signals refuses connections over gRPC",
    protocol: "grpc",
    isAll: true,
    isLong: true,
    leave: (collector) => collector.stopListening(),
    comeBack: (collector) => collector.listenAgain(),
  },
  {
    what: "refuses connections",
    protocol: "http/protobuf",
    isLong: true,
    leave: (collector) => collector.stopListening(),
    comeBack: (collector) => collector.listenAgain(),
  },
];

/** Requests without a route, pipelined: each has a span, and many are served at a time on a busy machine, too. */
async function flood(port: number, count: number): Promise<void> {
  using client = await RawClient.connect(port);
  const target = `/none/${"x".repeat(900)}`;
  const request = `GET ${target} HTTP/1.1\r\nHost: a\r\nConnxio-Api-Key: ${key}\r\n\r\n`.repeat(PIPELINED);
  for (let sent = 0; sent < count; sent += PIPELINED) {
    client.send(request);
    for (let i = 0; i < PIPELINED; i++) expect((await client.response()).status).toBe(404);
  }
}

/** What is left of the node's memory when its garbage is collected. */
async function liveMib({ process }: SmallNode): Promise<number> {
  const lines = () => [...process.output.matchAll(/live memory: (.+) MiB/g)];
  const before = lines().length;
  process.kill("SIGUSR2");
  return eventually(async () => {
    const line = lines()[before];
    return line === undefined ? undefined : Number(line[1]);
  }, "the node tells its memory");
}

for (const { what, protocol, leave, comeBack, isLong = false, isAll = false } of cases)
  fault(
    {
      row: "78",
      fault: `the collector ${what}`,
      holds:
        "no request fails or waits, memory is bounded, what is lost is counted, and the log says when it began and ended",
      target: `0 requests fail; at most ${MEMORY_MIB_MAX} MiB`,
    },
    async () => {
      await using collector = await OtlpReceiver.start();
      await using upstream = await Upstream.start({ behaviour: () => ({ body: "well" }) });
      await using node = await SmallNode.start(resourcesOf({ a: `${upstream.url}/` }), {
        env: { ...collector.env(protocol), ...LIVE_MEMORY, ...(isAll && { ...ALL_SIGNALS, ...ACCESS_LOG }) },
      });
      const traffic = new Traffic(CLIENTS, () => ({ url: `${node.url}/a`, key }));
      await flood(node.port, FLOODED_REQUESTS);
      const beforeMib = await liveMib(node);
      await leave(collector);
      // A flood may also lose spans that a collector takes too slowly.
      const lostBefore = await node.metric(LOST);
      while ((await node.metric(LOST)) === lostBefore) await flood(node.port, FLOOD_REQUESTS);
      await flood(node.port, FLOODED_REQUESTS);
      const moreMib = (await liveMib(node)) - beforeMib;
      const lost = await node.metric(LOST);
      const taken = await node.metric(TAKEN);
      if (isAll)
        for (const name of ["latchkey_log_records_total", "latchkey_metric_exports_total"])
          await eventually(
            async () => (await node.metric(`${name}{outcome="lost"}`)) > 0 || undefined,
            `${name} counts what is lost`,
          );
      await comeBack(collector);
      await eventually(
        async () => ((await node.metric(TAKEN)) > taken ? true : undefined),
        "spans are exported again",
      );
      if (isAll) {
        const metrics = collector.metrics.length;
        const logs = collector.logs.length;
        await collector.when(() => collector.metrics.length > metrics && collector.logs.length > logs);
      }
      const { sent, lost: failed, reasons } = await traffic.stop();
      expect(failed, reasons.join("; ")).toBe(0);
      expect(moreMib).toBeLessThanOrEqual(MEMORY_MIB_MAX);
      const told = (text: string) => node.process.output.split("\n").filter((line) => line.includes(text));
      expect(told("the collector does not take spans")).toHaveLength(1);
      expect(told("spans are exported again")).toHaveLength(1);

      await leave(collector);
      const endsAtMs = performance.now();
      expect(await node.process.stop()).toEqual({ code: 0, signal: null });
      const stopMs = performance.now() - endsAtMs;
      expect(stopMs).toBeLessThan(STOP_MS_MAX);
      return `0 of ${sent} requests failed; ${lost} spans lost and counted, ${moreMib.toFixed(0)} MiB more; ended ${(stopMs / 1000).toFixed(1)} s after its signal`;
    },
    { isLong },
  );

fault(
  {
    row: "78",
    fault: "the collector comes late, with two workers",
    holds:
      "both workers export spans and log records, and their counts add up; the node's metrics come once, with the sums of both",
    target: "each request has its two spans and its log record, and is in the metrics once",
  },
  async () => {
    await using collector = await OtlpReceiver.start();
    await collector.stopListening();
    await using upstream = await Upstream.start({ behaviour: () => ({ body: "well" }) });
    await using node = await SmallNode.start(resourcesOf({ a: `${upstream.url}/` }), {
      env: { ...collector.env(), ...ALL_SIGNALS, ...ACCESS_LOG, LATCHKEY_INGRESS_WORKERS: "2" },
    });
    let sent = 0;
    const send = async (requests: number): Promise<void> => {
      const traffic = new Traffic(CLIENTS_OF_WORKERS, () => ({ url: `${node.url}/a`, key }));
      await traffic.more(requests);
      const { lost, reasons, ...done } = await traffic.stop();
      expect(lost, reasons.join("; ")).toBe(0);
      sent += done.sent;
    };
    await send(100);
    await collector.listenAgain();
    const isAllThere = () => collector.when(() => collector.spans.length === 2 * sent);
    await isAllThere();
    const instancesOf = () => new Set(collector.spans.map(({ resource }) => resource["service.instance.id"]));
    // Which worker gets a connection is for the kernel to decide: on a busy machine the first may get all of them.
    for (let batch = 0; instancesOf().size < 2 && batch < BATCHES_MAX; batch++) {
      await send(CLIENTS_OF_WORKERS);
      await isAllThere();
    }
    const instances = instancesOf();
    expect(instances.size).toBe(2);
    await eventually(
      async () => ((await node.metric(TAKEN)) === 2 * sent ? true : undefined),
      "the metric has them",
    );
    const records = () =>
      collector.logs.filter(({ attributes }) => attributes["event.name"] === "latchkey.request");
    await collector.when(() => records().length === sent);
    expect(new Set(records().map(({ resource }) => resource["service.instance.id"]))).toEqual(instances);
    const counted = () =>
      (collector.metrics.at(-1) ?? [])
        .filter(({ name }) => name === "latchkey_ingress_requests_total")
        .reduce((sum, { value }) => sum + value, 0);
    await collector.when(() => counted() === sent);
    const ofMetrics = new Set(
      collector.metrics.flat().map(({ resource }) => resource["service.instance.id"]),
    );
    expect(ofMetrics.size).toBe(1);
    expect([...ofMetrics].some((instance) => instances.has(instance))).toBe(false);
    const line = collector.logs.find(({ body }) => body === "ingress listens");
    expect(line).toMatchObject({ severity: "SEVERITY_NUMBER_INFO", attributes: { workers: 2 } });
    return `${2 * sent} spans, ${sent} log records and the metrics of ${sent} requests from ${instances.size} workers`;
  },
);
