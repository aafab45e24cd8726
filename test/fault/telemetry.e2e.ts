/** A collector that is away, in each way that one can be, while a node serves and exports a span for each request and attempt. */
import { eventually, OtlpReceiver, RawClient, Upstream } from "@latchkey/testkit";
import { expect } from "vitest";
import { fault } from "./support/fault.js";
import { rounds } from "./support/mode.js";
import { key, resourcesOf, SmallNode } from "./support/small-node.js";
import { Traffic } from "./support/traffic.js";

const CLIENTS = 8;
/** So many that each of two workers has one (they share new connections by chance). */
const CLIENTS_OF_WORKERS = 24;
/** Before, so that memory is what it is under load, and while spans are lost: in the longer modes some 130 MB, were they kept. */
const FLOODED_REQUESTS = rounds(2_000, 100_000);
const FLOOD_REQUESTS = 1_000;
/** Pipelined at a time. */
const PIPELINED = 100;
/** 4 MiB of spans wait; V8's young generation alone grows by up to 48 MiB. */
const MEMORY_MIB_MAX = 64;
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
}

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
    what: "accepts and does not respond",
    protocol: "http/protobuf",
    leave: behave("hang"),
    comeBack: behave("take"),
  },
  {
    what: "accepts over gRPC and does not respond",
    protocol: "grpc",
    isLong: true,
    leave: behave("hang"),
    comeBack: behave("take"),
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

for (const { what, protocol, leave, comeBack, isLong = false } of cases)
  fault(
    {
      row: "78",
      fault: `the collector of traces ${what}`,
      holds:
        "no request fails or waits, memory is bounded, lost spans are counted, and the log says when it began and ended",
      target: `0 requests fail; at most ${MEMORY_MIB_MAX} MiB`,
    },
    async () => {
      await using collector = await OtlpReceiver.start();
      await using upstream = await Upstream.start({ behaviour: () => ({ body: "well" }) });
      await using node = await SmallNode.start(resourcesOf({ a: `${upstream.url}/` }), {
        env: collector.env(protocol),
      });
      const traffic = new Traffic(CLIENTS, () => ({ url: `${node.url}/a`, key }));
      await flood(node.port, FLOODED_REQUESTS);
      const beforeMib = node.rssMib;
      await leave(collector);
      // A flood may also lose spans that a collector takes too slowly.
      const lostBefore = await node.metric(LOST);
      while ((await node.metric(LOST)) === lostBefore) await flood(node.port, FLOOD_REQUESTS);
      await flood(node.port, FLOODED_REQUESTS);
      const moreMib = node.rssMib - beforeMib;
      const lost = await node.metric(LOST);
      const taken = await node.metric(TAKEN);
      await comeBack(collector);
      await eventually(
        async () => ((await node.metric(TAKEN)) > taken ? true : undefined),
        "spans are exported again",
      );
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
    fault: "the collector of traces comes late, with two workers",
    holds: "both workers export, and their counts add up",
    target: "each request has its two spans",
  },
  async () => {
    await using collector = await OtlpReceiver.start();
    await collector.stopListening();
    await using upstream = await Upstream.start({ behaviour: () => ({ body: "well" }) });
    await using node = await SmallNode.start(resourcesOf({ a: `${upstream.url}/` }), {
      env: { ...collector.env(), LATCHKEY_INGRESS_WORKERS: "2" },
    });
    const traffic = new Traffic(CLIENTS_OF_WORKERS, () => ({ url: `${node.url}/a`, key }));
    await traffic.more(100);
    const { sent, lost, reasons } = await traffic.stop();
    expect(lost, reasons.join("; ")).toBe(0);
    await collector.listenAgain();
    await collector.when(() => collector.spans.length === 2 * sent);
    const instances = new Set(collector.spans.map(({ resource }) => resource["service.instance.id"]));
    expect(instances.size).toBe(2);
    await eventually(
      async () => ((await node.metric(TAKEN)) === 2 * sent ? true : undefined),
      "the metric has them",
    );
    return `${2 * sent} spans of ${sent} requests from ${instances.size} workers`;
  },
);
