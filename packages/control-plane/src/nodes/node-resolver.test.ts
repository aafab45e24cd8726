/** Nodes, receipts and traffic as clients see them: through GraphQL on a real database. */
import { eventually } from "@latchkey/testkit";
import { type ExecutionResult, parse, subscribe } from "graphql";
import { afterEach, describe, expect, test } from "vitest";
import { LiveQueries } from "../graphql-app/live-queries.js";
import { createLoaders } from "../graphql-app/loaders.js";
import { objectFinders } from "../graphql-app/relay-lookup.js";
import { createResolvers } from "../graphql-app/resolvers.js";
import { buildLatchkeySchema, instancesOf } from "../graphql-app/schema.js";
import type { UsageReport } from "../snapshot/node-observer.js";
import { Fixture } from "../testing/fixture.js";

/** All nodes are written this often anyway. */
const SYNC_INTERVAL_MS = 30_000;

const fixtures: Fixture[] = [];

async function start(): Promise<Fixture> {
  const fixture = await Fixture.start();
  fixtures.push(fixture);
  return fixture;
}

afterEach(async () => {
  for (const fixture of fixtures.splice(0)) await fixture[Symbol.asyncDispose]();
});

async function createNode(fixture: Fixture, name: string): Promise<{ id: string; token: string }> {
  const payload = await fixture.mutate("createNode", { name }, "node { id name status } token");
  expect(payload.userErrors).toEqual([]);
  return { id: payload.node.id, token: payload.token };
}

/** What the node's stream would report. */
function ack(fixture: Fixture, nodeId: string, number: number): void {
  const { epoch } = fixture.nodes.registry.newest;
  fixture.nodes.registry.acked(nodeId, {
    revision: { epoch, number },
    digestMatches: true,
    digest: Buffer.alloc(32, 9),
    rejected: [],
    applyUs: 12,
  });
}

const usage: UsageReport = {
  fromMs: 0,
  toMs: 1_000,
  dropped: 0,
  sequence: 0,
  ageMs: 0,
  counts: [
    {
      apiId: "api_1",
      routeId: "rte_1",
      keyId: "key_1",
      integrationId: "int_1",
      status: 200,
      count: 20,
      requestBytes: 1,
      responseBytes: 2,
      latencyBuckets: [20],
      errorCode: "",
      previousSecret: false,
    },
  ],
  samples: [
    {
      atMs: 5,
      interchangeId: "x",
      apiId: "api_1",
      keyId: "key_1",
      routeId: "",
      integrationId: "",
      method: "GET",
      path: "/a",
      status: 404,
      errorCode: "route.not_found",
      durationUs: 1_500,
      revision: null,
      requestBytes: 0,
      responseBytes: 0,
      attempts: [],
      content: null,
    },
  ],
};

/** Runs a subscription as the socket would; gives its values. */
async function listen(fixture: Fixture, query: string): Promise<AsyncGenerator<ExecutionResult, void, void>> {
  const resolvers = createResolvers({
    services: fixture.services,
    nodes: fixture.nodes,
    messages: fixture.messages,
    clock: fixture.clock,
    sessions: fixture.sessions,
    finders: objectFinders(fixture.services, fixture.nodes.registry, fixture.sessions),
    server: { version: "0", ingressUrl: null, keyHeader: "", webhookFlag: "", canRecover: false },
  });
  const result = await subscribe({
    schema: buildLatchkeySchema(
      instancesOf(resolvers),
      new LiveQueries({ ...fixture.nodes, messages: fixture.messages }),
    ),
    document: parse(query),
    contextValue: {
      principal: { actor: "admin", via: "token" },
      requestId: "r",
      loaders: createLoaders(fixture.services, fixture.nodes.usage.recent),
    },
  });
  if (!(Symbol.asyncIterator in result)) throw new Error(JSON.stringify(result));
  return result;
}

describe("nodes", () => {
  test("are registered with a token that is shown once and rests as a digest", async () => {
    const fixture = await start();
    const { id, token } = await createNode(fixture, "edge-1");
    expect(token).toMatch(/^lkn_[\w-]{43}$/);
    const rows = await fixture.db.selectFrom("node").selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(fixture.nodes.registry.authenticate(token)).toBe(id);
    const { ingressNodes, node, ingressNode } = await fixture.run(
      `query ($id: ID!) { ingressNodes { nodes { id name status connected lastSeenAt lagRevisions requestsPerSecond } } node(id: $id) { id ... on IngressNode { name } } ingressNode(id: $id) { name } }`,
      { id },
    );
    expect(ingressNodes.nodes).toEqual([
      {
        id,
        name: "edge-1",
        status: "NEVER_SEEN",
        connected: false,
        lastSeenAt: null,
        lagRevisions: null,
        requestsPerSecond: 0,
      },
    ]);
    expect(node).toEqual({ id, name: "edge-1" });
    expect(ingressNode).toEqual({ name: "edge-1" });
  });

  test("have names of their own", async () => {
    const fixture = await start();
    await createNode(fixture, "edge-1");
    const twice = await fixture.mutate("createNode", { name: " edge-1 " }, "node { id } token");
    expect(twice).toMatchObject({
      node: null,
      token: null,
      userErrors: [{ code: "CONFLICT", field: ["input", "name"] }],
    });
    const blank = await fixture.mutate("createNode", { name: "  " }, "token");
    expect(blank.userErrors[0].code).toBe("REQUIRED");
  });

  test("lose their token when they get another or are removed, and the audit log tells", async () => {
    const fixture = await start();
    const { id, token } = await createNode(fixture, "edge-1");
    const renewed = await fixture.mutate("regenerateNodeToken", { id }, "token node { id }");
    expect(fixture.nodes.registry.authenticate(token)).toBeNull();
    expect(fixture.nodes.registry.authenticate(renewed.token)).toBe(id);
    const gone = await fixture.mutate("deleteNode", { id }, "deletedNodeId");
    expect(gone.deletedNodeId).toBe(id);
    expect(fixture.nodes.registry.authenticate(renewed.token)).toBeNull();
    const { auditLog } = await fixture.run(`{ auditLog { nodes { action targetName after } } }`);
    expect(auditLog.nodes.map(({ action }: { action: string }) => action).sort()).toEqual([
      "node.create",
      "node.delete",
      "node.regenerateToken",
    ]);
    expect(JSON.stringify(auditLog)).not.toContain(token);
    const again = await fixture.mutate("deleteNode", { id }, "deletedNodeId");
    expect(again.userErrors[0].code).toBe("NOT_FOUND");
  });

  test("are known with their process soon after it came: a crash makes no gap of it", async () => {
    const fixture = await start();
    const { id } = await createNode(fixture, "edge-1");
    const session = (instanceId: string) => ({
      nodeId: id,
      instanceId,
      softwareVersion: "1",
      peer: "127.0.0.1:1",
      close: () => {},
      usageStored: () => {},
    });
    const { registry } = fixture.nodes;
    const stored = async () =>
      (await fixture.db.selectFrom("node").select("instance_id").where("id", "=", id).executeTakeFirst())
        ?.instance_id;
    for (const instanceId of ["first", "second"]) {
      registry.opened(session(instanceId));
      await eventually(async () => (await stored()) === instanceId || undefined, `${instanceId} is stored`, {
        timeoutMs: SYNC_INTERVAL_MS / 2,
      });
    }
  });

  test("that come with a forged token are in the audit log, a flood of them as a count", async () => {
    const fixture = await start();
    const { registry } = fixture.nodes;
    for (let i = 0; i < 500; i++) registry.refused(`10.0.0.1:${i}`, null);
    registry.refused("10.0.0.1:9", "edge-1");
    await fixture.nodes[Symbol.asyncDispose]();
    const { auditLog } = await fixture.run(`{ auditLog { nodes { action after } } }`);
    const attempts = auditLog.nodes.map(({ after }: { after: { attempts: number; reason: string } }) => [
      after.reason,
      after.attempts,
    ]);
    expect(attempts.sort()).toEqual([
      ["a token of another node", 1],
      ["a token that is nobody's", 1],
      ["a token that is nobody's", 499],
    ]);
  });
});

describe("receipts", () => {
  test("list for a mutation's revision the nodes that enforce it", async () => {
    const fixture = await start();
    const one = await createNode(fixture, "edge-1");
    const two = await createNode(fixture, "edge-2");
    await createNode(fixture, "never-came");
    const subscription = await fixture.subscription();
    ack(fixture, two.id, await fixture.revision());
    const { revision } = await fixture.mutate(
      "createIntegration",
      { subscriptionId: subscription, name: "Orders", urls: ["https://orders.example/in"] },
      "integration { id }",
    );
    ack(fixture, one.id, revision.number);
    const query = `query ($revision: RevisionInput!, $nodes: ReceiptScope!) {
      revision { number }
      awaitRevision(revision: $revision, nodes: $nodes, timeoutMs: 20) { revision { number } acknowledged { node nodeId afterMs } pending { node status reason } complete message }
    }`;
    const all = await fixture.run(query, { revision, nodes: "ALL" });
    expect(all.revision.number).toBe(revision.number);
    expect(all.awaitRevision).toEqual({
      revision: { number: revision.number },
      acknowledged: [{ node: "edge-1", nodeId: one.id, afterMs: 0 }],
      pending: [{ node: "edge-2", status: "HEALTHY", reason: `at revision ${revision.number - 1}` }],
      complete: false,
      message: expect.stringMatching(/^enforced on 1 of 2 nodes after 0 ms; not confirmed by edge-2 \(at /),
    });
    const { errors } = await fixture.raw(
      `{ awaitRevision(revision: {number: 1}, timeoutMs: 60001) { complete } }`,
    );
    expect(errors[0].extensions.code).toBe("BAD_USER_INPUT");
  });

  test("can be subscribed to, and end when they are complete", async () => {
    const fixture = await start();
    const one = await createNode(fixture, "edge-1");
    const subscription = await fixture.subscription();
    ack(fixture, one.id, await fixture.revision());
    await fixture.integration(subscription);
    const number = await fixture.revision();
    const receipts = await listen(
      fixture,
      `subscription { revisionAcknowledged(revision: {number: ${number}}) { complete acknowledged { node } } }`,
    );
    const seen = [(await receipts.next()).value];
    ack(fixture, one.id, number);
    for await (const value of receipts) seen.push(value);
    expect(
      seen.map(
        (value) =>
          (value as ExecutionResult<Record<string, { complete: boolean }>>).data?.revisionAcknowledged
            ?.complete,
      ),
    ).toEqual([false, true]);
  });
});

describe("subscriptions", () => {
  test("show nodes as they change, traffic by the second, and sampled requests as they come", async () => {
    const fixture = await start();
    const { id } = await createNode(fixture, "edge-1");
    const nodes = await listen(fixture, `subscription { nodesChanged { id status } }`);
    expect((await nodes.next()).value).toMatchObject({
      data: { nodesChanged: [{ id, status: "NEVER_SEEN" }] },
    });
    ack(fixture, id, 0);
    expect((await nodes.next()).value).toMatchObject({ data: { nodesChanged: [{ id, status: "HEALTHY" }] } });
    await nodes.return();

    const traffic = await listen(
      fixture,
      `subscription { traffic(apiId: "api_1") { requests requestsPerSecond } }`,
    );
    expect((await traffic.next()).value).toMatchObject({ data: { traffic: { requests: 0 } } });
    const tail = await listen(
      fixture,
      `subscription { requestTail(filter: { outcome: FAILED, apiId: "api_1" }) { nodeName path status errorCode keyId routeId durationMs } }`,
    );
    const sample = tail.next();
    fixture.nodes.registry.usage(id, usage);
    fixture.clock.advance(1_000);
    expect((await traffic.next()).value).toMatchObject({
      data: { traffic: { requests: 20, requestsPerSecond: 20 } },
    });
    expect((await sample).value).toEqual({
      data: {
        requestTail: {
          nodeName: "edge-1",
          path: "/a",
          status: 404,
          errorCode: "route.not_found",
          keyId: "key_1",
          routeId: null,
          durationMs: 1.5,
        },
      },
    });
    // One that waits for a value that may never come ends at once all the same.
    const waiting = tail.next();
    await tail.return();
    expect(await waiting).toEqual({ value: undefined, done: true });
    await traffic.return();
  });

  test("latencies are right before the node's first health report, which says how they are counted", async () => {
    const fixture = await start();
    const { id } = await createNode(fixture, "edge-1");
    const counts = usage.counts
      .slice(0, 1)
      .map((count) => ({ ...count, count: 20, latencyBuckets: [0, 0, 0, 0, 20] }));
    fixture.nodes.registry.usage(id, { ...usage, counts });
    await fixture.nodes.usage.flush();
    const { usage: shown } = await fixture.run("{ usage { total { requests p50Ms p99Ms } } }");
    expect(shown.total.requests).toBe(20);
    expect(shown.total.p50Ms).toBeGreaterThan(1);
    expect(shown.total.p99Ms).toBeLessThanOrEqual(2.5);
  });

  test("queries show the same as charts and totals, and how a key is used", async () => {
    const fixture = await start();
    const subscription = await fixture.subscription();
    const { key } = await fixture.api(subscription);
    const { id } = await createNode(fixture, "edge-1");
    fixture.nodes.registry.usage(id, {
      ...usage,
      counts: usage.counts.map((count) => ({ ...count, keyId: key.id })),
    });
    await fixture.nodes.usage.flush();
    const response = await fixture.run(
      `query ($keyId: ID!, $nodeId: ID!) {
        traffic(nodeId: $nodeId, points: 2) { points { requests seconds at } total { requests p50Ms } }
        keyUsage(keyId: $keyId) { requestsLastHour lastUsedAt }
        ingressNodes { nodes { requestsPerSecond } }
      }`,
      { keyId: key.id, nodeId: id },
    );
    expect(response.traffic.points.map(({ requests }: { requests: number }) => requests)).toEqual([0, 20]);
    expect(response.traffic.total.requests).toBe(20);
    expect(response.keyUsage.requestsLastHour).toBe(20);
    expect(response.ingressNodes.nodes).toEqual([{ requestsPerSecond: 2 }]);
    await fixture.nodes.usage.save();
    const { apiKey } = await fixture.run(`query ($id: ID!) { apiKey(id: $id) { lastUsedAt } }`, {
      id: key.id,
    });
    expect(apiKey.lastUsedAt).toBe(response.keyUsage.lastUsedAt);
    const { errors } = await fixture.raw(`{ traffic(points: 301) { total { requests } } }`);
    expect(errors[0].extensions.code).toBe("BAD_USER_INPUT");
  });
});
