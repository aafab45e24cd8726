/** Spans of the control plane as a collector gets them: an operation, its queries, its transaction, and the way of its revision to a node. */
import { OtlpReceiver, SimulatedNode } from "@latchkey/testkit";
import { expect, it } from "vitest";
import { bearer, controlPlane, graphql, setUpAccess, start, TOKEN } from "./testing/access.js";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = "00f067aa0ba902b7";

setUpAccess();

it("follows a mutation from the client's trace through the database to the node that enforces it", async () => {
  await using collector = await OtlpReceiver.start();
  await start({ otlp: { endpoint: collector.httpUrl, headers: "x-token=of%20the%20collector" } });
  const made = await graphql(
    'mutation { createNode(input: {name: "one"}) { node { id } token } createSubscription(input: {name: "a"}) { subscription { id } } }',
  );
  const { createNode, createSubscription } = made.data as {
    createNode: { token: string };
    createSubscription: { subscription: { id: string } };
  };
  const node = new SimulatedNode({
    address: controlPlane.grpcAddress,
    nodeId: "one",
    token: createNode.token,
  });
  node.connect();
  const text = `mutation MakeIntegration($name: String!) {
    createIntegration(input: { subscriptionId: "${createSubscription.subscription.id}", name: $name, urls: ["https://i.example/in?code=private"] }) {
      receipt { revision { number } }
    }
  }`.replace("$name: String!", '$name: String! = "a private name"');
  await graphql(text, undefined, { ...bearer(), traceparent: `00-${TRACE}-${PARENT}-01` });
  const traced = () => collector.spans.filter(({ traceId }) => traceId === TRACE);
  await collector.when(() => traced().some(({ name }) => name.endsWith("/Subscribe")));
  node.close();
  await controlPlane.close();

  const operation = traced().find(({ kind }) => kind === "SPAN_KIND_SERVER");
  expect(operation).toMatchObject({
    name: "mutation MakeIntegration",
    parentSpanId: PARENT,
    isError: false,
    attributes: {
      "graphql.operation.type": "mutation",
      "graphql.operation.name": "MakeIntegration",
      "http.request.method": "POST",
      "http.response.status_code": 200,
    },
    resource: { "service.name": "latchkey-control-plane" },
  });
  const transaction = traced().find(({ name }) => name === "transaction");
  expect(transaction?.parentSpanId).toBe(operation?.spanId);
  const insert = traced().find(({ name }) => name === "INSERT integration");
  expect(insert).toMatchObject({
    parentSpanId: transaction?.spanId,
    kind: "SPAN_KIND_CLIENT",
    attributes: {
      "db.system.name": "sqlite",
      "db.operation.name": "INSERT",
      "db.collection.name": "integration",
    },
  });
  const publication = traced().find(({ name }) => name.endsWith("/Subscribe"));
  expect(publication).toMatchObject({
    parentSpanId: operation?.spanId,
    attributes: { "rpc.system.name": "grpc" },
  });

  expect(collector.headers.at(-1)).toMatchObject({ "x-token": "of the collector" });
  const sent = Buffer.concat(collector.bodies).toString("latin1");
  for (const secret of [TOKEN, createNode.token, "private", "of the collector"])
    expect(sent).not.toContain(secret);
});

it("exports the metrics that /metrics shows", async () => {
  await using collector = await OtlpReceiver.start();
  await start({
    otlp: {
      endpoint: collector.httpUrl,
      traces: { exporter: "none" },
      metrics: { exporter: "otlp", intervalMs: 1_000 },
    },
  });
  await graphql('mutation { createSubscription(input: {name: "a"}) { subscription { id } } }');
  await controlPlane.close();
  const last = collector.metrics.at(-1) ?? [];
  expect(last.find(({ name }) => name === "latchkey_revision")).toMatchObject({
    kind: "gauge",
    resource: { "service.name": "latchkey-control-plane" },
  });
  const names = new Set(last.map(({ name }) => name));
  expect(names).toContain("latchkey_log_records_total");
  expect(collector.spans).toEqual([]);
});
