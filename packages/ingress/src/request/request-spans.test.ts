/** Spans of requests as a collector gets them, over HTTP and gRPC, and what the integration gets of the trace. */
import { OtlpReceiver, type ReceivedSpan } from "@latchkey/testkit";
import { describe, expect, it } from "vitest";
import type { IngressConfigInput } from "../config.js";
import type { EngineName } from "../fronts/front-request.js";
import { aKey, anApi, anIntegration, aRoute, engines, World } from "../testing/world.js";

const key = aKey("key_1", "api_1");
const header = { "connxio-api-key": key.secret };
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = "00f067aa0ba902b7";

type Protocol = "http/protobuf" | "grpc";

interface Settings extends IngressConfigInput {
  readonly protocol?: Protocol;
  readonly sampler?: NonNullable<IngressConfigInput["otlp"]>["sampler"];
  readonly samplerArg?: number;
}

async function start(
  collector: OtlpReceiver,
  engine: EngineName,
  { protocol = "http/protobuf", sampler, samplerArg, ...config }: Settings = {},
  urls: (world: World) => readonly string[] = ({ upstream }) => [`${upstream.url}/in?code=hidden`],
): Promise<World> {
  const endpoint = protocol === "grpc" ? collector.grpcUrl : collector.httpUrl;
  return World.of(
    (world) => {
      const [first = "", ...more] = urls(world);
      return [
        anIntegration("int_1", first, { urls: [first, ...more] }),
        anApi("api_1", [aRoute("ANY", "/orders/{id}", "int_1")]),
        key.resource,
      ];
    },
    { engine, config: { ...config, otlp: { endpoint, protocol, sampler, samplerArg } } },
  );
}

/** What the node has exported when it has ended. Nodes of other tests may still export to a port that they had before. */
async function spansOf(world: World, collector: OtlpReceiver): Promise<readonly ReceivedSpan[]> {
  const { port } = world.ingress;
  await world.ingress.close();
  const own = ofKind(collector.spans, "SERVER").filter(
    ({ attributes }) => attributes["server.port"] === port,
  );
  return collector.spans.filter(({ traceId }) => own.some((span) => span.traceId === traceId));
}

const ask = async (world: World, path: string, init: RequestInit = {}) => {
  const response = await fetch(`${world.url}${path}`, { ...init, headers: { ...header, ...init.headers } });
  await response.arrayBuffer();
  return response;
};

const ofKind = (spans: readonly ReceivedSpan[], kind: "SERVER" | "CLIENT") =>
  spans.filter((span) => span.kind === `SPAN_KIND_${kind}`);

const cases = engines.flatMap((engine) =>
  (["http/protobuf", "grpc"] as const).map((protocol) => ({ engine, protocol })),
);

describe.each(cases)("spans of $engine over $protocol", ({ engine, protocol }) => {
  it("are the gateway's and its attempt's, whose id the integration gets", async () => {
    await using collector = await OtlpReceiver.start();
    await using world = await start(collector, engine, { protocol });
    const response = await ask(world, "/orders/7?token=private", { method: "POST", body: "four" });
    expect(response.status).toBe(200);
    const spans = await spansOf(world, collector);
    expect(spans).toHaveLength(2);
    const [gateway] = ofKind(spans, "SERVER");
    const [attempt] = ofKind(spans, "CLIENT");
    if (gateway === undefined || attempt === undefined) throw new Error("a span is missing");
    expect(gateway).toMatchObject({
      name: "POST /orders/{id}",
      parentSpanId: "",
      isError: false,
      attributes: {
        "http.request.method": "POST",
        "http.route": "/orders/{id}",
        "http.response.status_code": 200,
        "url.path": "/orders/7",
        "url.scheme": "http",
        "server.address": "127.0.0.1",
        "server.port": world.ingress.port,
        "http.request.body.size": 4,
        "latchkey.api.id": "api_1",
        "latchkey.key.id": "key_1",
        "latchkey.integration.id": "int_1",
        "latchkey.interchange_id": response.headers.get("interchangeid"),
        "latchkey.revision": world.server.revision.number,
      },
      resource: { "service.name": "latchkey-ingress", "latchkey.node": "node-1" },
    });
    expect(gateway.attributes).not.toHaveProperty("client.address");
    expect(gateway.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(attempt).toMatchObject({
      name: "POST",
      traceId: gateway.traceId,
      parentSpanId: gateway.spanId,
      attributes: {
        "url.full": `${world.upstream.url}/in`,
        "server.address": "127.0.0.1",
        "server.port": world.upstream.port,
        "http.response.status_code": 200,
      },
    });
    expect(world.upstream.last.all("traceparent")).toEqual([`00-${gateway.traceId}-${attempt.spanId}-01`]);
    expect(attempt.startNs).toBeGreaterThanOrEqual(gateway.startNs);
    expect(attempt.endNs).toBeLessThanOrEqual(gateway.endNs + 2_000n); // both are rounded to microseconds
    expect(Math.abs(Number(gateway.endNs / 1_000_000n) - Date.now())).toBeLessThan(60_000);
    expect(attempt.attributes["latchkey.attempt.first_byte_us"]).toBeGreaterThan(0);
  });

  it("have no secret: no key, query, header or body", async () => {
    await using collector = await OtlpReceiver.start();
    await using world = await start(collector, engine, { protocol });
    await ask(world, `/orders/${key.secret}?token=private`, {
      method: "POST",
      body: "in the body",
      headers: { authorization: "Bearer of-the-client", cookie: "a=of-the-cookie" },
    });
    await ask(world, "/orders/7", { headers: { "connxio-api-key": `${key.secret.slice(0, -1)}x` } });
    await ask(world, `/orders/%256c${key.secret.slice(1)}`, {
      headers: { traceparent: `00-${TRACE}-${PARENT}-01`, tracestate: `vendor=${key.secret}` },
    });
    expect(world.upstream.last.all("tracestate")).toEqual([]);
    const spans = await spansOf(world, collector);
    expect(ofKind(spans, "SERVER")).toHaveLength(3);
    const sent = Buffer.concat(collector.bodies).toString("latin1");
    expect(sent).toContain("/orders/lk_");
    for (const secret of [key.secret.slice(12, -1), "private", "hidden", "of-the", "in the body"])
      expect(sent).not.toContain(secret);
  });
});

describe.each(engines)("the trace of %s", (engine) => {
  it("goes on from the client's when it is sampled, with its state", async () => {
    await using collector = await OtlpReceiver.start();
    await using world = await start(collector, engine, { io: "portable" });
    await ask(world, "/orders/7", {
      headers: { traceparent: `00-${TRACE}-${PARENT}-01`, tracestate: "vendor=1" },
    });
    const spans = await spansOf(world, collector);
    const [gateway] = ofKind(spans, "SERVER");
    expect(gateway).toMatchObject({ traceId: TRACE, parentSpanId: PARENT, traceState: "vendor=1" });
    const [attempt] = ofKind(spans, "CLIENT");
    expect(attempt).toMatchObject({ traceId: TRACE, parentSpanId: gateway?.spanId });
    expect(world.upstream.last.all("traceparent")).toEqual([`00-${TRACE}-${attempt?.spanId}-01`]);
    expect(world.upstream.last.all("tracestate")).toEqual(["vendor=1"]);
  });

  it("is the client's as it came when that is not sampled", async () => {
    await using collector = await OtlpReceiver.start();
    await using world = await start(collector, engine);
    const traceparent = `00-${TRACE}-${PARENT}-00`;
    await ask(world, "/orders/7", { headers: { traceparent, tracestate: "vendor=1" } });
    expect(await spansOf(world, collector)).toEqual([]);
    expect(world.upstream.last.all("traceparent")).toEqual([traceparent]);
    expect(world.upstream.last.all("tracestate")).toEqual(["vendor=1"]);
  });

  it("is left alone by a sampler that takes none, whatever the client says", async () => {
    await using collector = await OtlpReceiver.start();
    await using world = await start(collector, engine, { sampler: "traceidratio", samplerArg: 0 });
    const traceparent = `00-${TRACE}-${PARENT}-01`;
    await ask(world, "/orders/7", { headers: { traceparent } });
    await ask(world, "/orders/8");
    expect(await spansOf(world, collector)).toEqual([]);
    expect(world.upstream.seen[0]?.all("traceparent")).toEqual([traceparent]);
    expect(world.upstream.last.header("traceparent")).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  });

  it("has a span for each attempt, with what failed", async () => {
    const deadUrl = "http://127.0.0.1:1"; // nobody listens; a port that was closed may be another's at once
    await using collector = await OtlpReceiver.start();
    await using world = await start(collector, engine, {}, ({ upstream }) => [deadUrl, upstream.url]);
    expect((await ask(world, "/orders/7")).status).toBe(200);
    const spans = await spansOf(world, collector);
    const [failed, taken] = ofKind(spans, "CLIENT");
    expect(failed).toMatchObject({
      isError: true,
      attributes: { "error.type": "upstream.connect_refused", "url.full": deadUrl },
    });
    expect(taken).toMatchObject({
      isError: false,
      attributes: { "http.response.status_code": 200, "http.request.resend_count": 1 },
    });
    expect(ofKind(spans, "SERVER")).toMatchObject([{ isError: false }]);
    expect(world.upstream.last.header("traceparent")).toContain(taken?.spanId);
  });

  it("has why a request was refused", async () => {
    await using collector = await OtlpReceiver.start();
    await using world = await start(collector, engine);
    expect((await ask(world, "/none")).status).toBe(404);
    expect((await ask(world, "/orders/7", { headers: { "connxio-api-key": "lk_none" } })).status).toBe(401);
    const spans = await spansOf(world, collector);
    expect(spans).toMatchObject([
      {
        name: "GET",
        attributes: {
          "error.type": "route.not_found",
          "http.response.status_code": 404,
          "latchkey.api.id": "api_1",
        },
      },
      { name: "GET", attributes: { "error.type": "key.unknown", "http.response.status_code": 401 } },
    ]);
    expect(spans.map(({ isError }) => isError)).toEqual([false, false]);
  });
});
