/** For tests only: what nodes count, as they report it. */
import type { UsageCountReport } from "../snapshot/node-observer.js";
import type { Fixture } from "./fixture.js";

/** A batch of a node, in the database when it resolves. */
export async function reportUsage(
  fixture: Fixture,
  counts: readonly Partial<UsageCountReport>[],
  more: { readonly nodeId?: string; readonly dropped?: number } = {},
): Promise<void> {
  const full = counts.map((count) => ({
    apiId: "",
    routeId: "",
    keyId: "",
    integrationId: "",
    status: 200,
    count: 1,
    requestBytes: 10,
    responseBytes: 100,
    latencyBuckets: [count.count ?? 1, 0],
    errorCode: "",
    previousSecret: false,
    ...count,
  }));
  const { nodeId = "node_1", dropped = 0 } = more;
  const usage = { fromMs: 0, toMs: 1_000, counts: full, samples: [], dropped, sequence: 0, ageMs: 0 };
  fixture.nodes.usage.usage(
    { nodeId, nodeName: nodeId, instanceId: "i", isDraining: false },
    usage,
    [10_000],
  );
  await fixture.nodes.usage.flush();
}
