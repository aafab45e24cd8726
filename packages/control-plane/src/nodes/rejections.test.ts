/** What nodes cannot use, where the owners of the resources look: through GraphQL on a real database. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { RejectedReport } from "../snapshot/node-observer.js";
import { Fixture, type Json } from "../testing/fixture.js";

const REASON = "env:TOKEN is not set on this node";

const kinds = ["api", "integration", "credential", "key"] as const;

async function setUp(fixture: Fixture) {
  const { node } = await fixture.mutate("createNode", { name: "edge-1" }, "node { id }");
  const subscriptionId = await fixture.subscription();
  const { api, key } = await fixture.api(subscriptionId);
  const { credential } = await fixture.mutate(
    "createCredential",
    {
      subscriptionId,
      name: "Orders token",
      header: { name: "X-Api-Key" },
      secret: { reference: "env:TOKEN" },
    },
    "credential { id }",
  );
  return {
    nodeId: node.id as string,
    ids: {
      api: api.id as string,
      integration: await fixture.integration(subscriptionId),
      credential: credential.id as string,
      key: key.id as string,
    },
  };
}

const session = (nodeId: string, instanceId: string) => ({
  nodeId,
  instanceId,
  softwareVersion: "1",
  peer: "127.0.0.1:1",
  close: () => {},
  usageStored: () => {},
});

const rejected = (ids: Readonly<Record<(typeof kinds)[number], string>>): RejectedReport[] =>
  kinds.map((kind) => ({ ref: { kind, id: ids[kind] }, reason: REASON }));

const OF_RESOURCES = `query ($api: ID!, $integration: ID!, $credential: ID!, $key: ID!) {
  api(id: $api) { rejections { ...R } }
  integration(id: $integration) { rejections { ...R } }
  credential(id: $credential) { rejections { ...R } }
  apiKey(id: $key) { rejections { ...R } }
}
fragment R on Rejection { node { name status } reason since }`;

async function shown(fixture: Fixture, ids: object): Promise<Json[]> {
  const { api, integration, credential, apiKey } = await fixture.run(OF_RESOURCES, { ...ids });
  return [api, integration, credential, apiKey].map(({ rejections }) => rejections);
}

describe("what a node cannot use", () => {
  test("is named by each resource, and by the node with the resource's name", async () => {
    await using fixture = await Fixture.start();
    const { nodeId, ids } = await setUp(fixture);
    const { registry } = fixture.nodes;
    expect(await shown(fixture, ids)).toEqual([[], [], [], []]);
    registry.opened(session(nodeId, "a"));
    registry.rejected(nodeId, [
      ...rejected(ids),
      { ref: { kind: "api", id: "api_deleted" }, reason: REASON },
    ]);
    const since = new Date(fixture.clock.now()).toISOString();
    const rejection = { node: { name: "edge-1", status: "REJECTING" }, reason: REASON, since };
    expect(await shown(fixture, ids)).toEqual([[rejection], [rejection], [rejection], [rejection]]);
    const { ingressNodes } = await fixture.run(
      "{ ingressNodes { nodes { rejectedResources { kind resourceId name apiId since } } } }",
    );
    expect(ingressNodes.nodes[0].rejectedResources).toEqual([
      { kind: "API", resourceId: ids.api, name: "Orders API", apiId: null, since },
      { kind: "INTEGRATION", resourceId: ids.integration, name: "Orders", apiId: null, since },
      { kind: "CREDENTIAL", resourceId: ids.credential, name: "Orders token", apiId: null, since },
      { kind: "KEY", resourceId: ids.key, name: expect.any(String), apiId: ids.api, since },
      { kind: "API", resourceId: "api_deleted", name: null, apiId: null, since },
    ]);
    registry.rejected(nodeId, []);
    expect(await shown(fixture, ids)).toEqual([[], [], [], []]);
  });

  test("has its time until the node can use it or says another reason, through another stream as well", async () => {
    await using fixture = await Fixture.start();
    const { nodeId, ids } = await setUp(fixture);
    const { registry } = fixture.nodes;
    const sinceMs = () => registry.view(nodeId)?.rejected[0]?.sinceMs;
    const startMs = fixture.clock.now();
    registry.opened(session(nodeId, "a"));
    registry.rejected(nodeId, rejected(ids));
    fixture.clock.advance(60_000);
    registry.rejected(nodeId, rejected(ids));
    expect(sinceMs()).toBe(startMs);
    registry.opened(session(nodeId, "b"));
    expect(sinceMs()).toBeUndefined();
    registry.rejected(nodeId, rejected(ids));
    expect(sinceMs()).toBe(startMs);
    registry.rejected(
      nodeId,
      rejected(ids).map(({ ref }) => ({ ref, reason: "another" })),
    );
    expect(sinceMs()).toBe(startMs + 60_000);
    registry.rejected(nodeId, []);
    fixture.clock.advance(1_000);
    registry.rejected(nodeId, rejected(ids));
    expect(sinceMs()).toBe(startMs + 61_000);
  });

  test("is known after a restart of the control plane, before the node is there again", async () => {
    const folder = await mkdtemp(join(tmpdir(), "latchkey-rejections-"));
    try {
      const path = join(folder, "latchkey.db");
      const { nodeId, ids } = await (async () => {
        await using fixture = await Fixture.start({ path });
        const made = await setUp(fixture);
        fixture.nodes.registry.opened(session(made.nodeId, "a"));
        fixture.nodes.registry.rejected(made.nodeId, rejected(made.ids));
        return made;
      })();
      await using fixture = await Fixture.start({ path });
      expect((await shown(fixture, ids)).map(([first]) => first?.reason)).toEqual(Array(4).fill(REASON));
      fixture.nodes.registry.opened(session(nodeId, "b"));
      expect(await shown(fixture, ids)).toEqual([[], [], [], []]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("is named by few queries, however much nodes that lie claim", async () => {
    await using fixture = await Fixture.start();
    const { ids } = await setUp(fixture);
    const { registry } = fixture.nodes;
    const claims = Array.from({ length: 1_000 }, (_, i) => i);
    for (let n = 0; n < 40; n++) {
      const { node } = await fixture.mutate("createNode", { name: `n-${n}` }, "node { id }");
      registry.opened(session(node.id, "a"));
      registry.rejected(
        node.id,
        claims.map((i) => ({ ref: { kind: "api", id: `api_${n}_${i}` }, reason: REASON })),
      );
    }
    expect(await shown(fixture, ids)).toEqual([[], [], [], []]);
    const { ingressNodes } = await fixture.run(
      "{ ingressNodes(first: 41) { nodes { rejectedResources { name } } } }",
    );
    const named = ingressNodes.nodes.flatMap(({ rejectedResources }: Json) => rejectedResources);
    expect(named).toHaveLength(40_000);
  });
});
