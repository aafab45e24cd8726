/**
 * From a commit until three ingress nodes enforce it, by the receipts that clients get: with a quiet machine, and beside
 * two busy loops, one on each core. Control plane and nodes are processes of the product.
 */
import { dirname, join } from "node:path";
import { startBusyLoops } from "../support/busy-loops.js";
import { LOAD_CORE } from "../support/child.js";
import { type RunningNode, startNode } from "../support/ingress-node.js";
import { ControlPlane } from "./control-plane.js";
import { quantile } from "./quantile.js";
import { apiIdOf, keyIdOf } from "./seed.js";

const NODES = 3;

const createNode =
  "mutation($input: CreateNodeInput!) { createNode(input: $input) { token userErrors { message } } }";
const receipt =
  "userErrors { message } receipt(nodes: ALL, timeoutMs: 60000) { complete message acknowledged { afterMs } }";

/** A changed title and a key that is switched over, by turns: one waits to be sent with others, one does not. */
const changes = [
  {
    query: `mutation($input: UpdateApiInput!) { change: updateApi(input: $input) { ${receipt} } }`,
    inputOf: (count: number, apis: number) => ({ id: apiIdOf(count % apis), title: `Enforced ${count}` }),
  },
  {
    query: `mutation($input: UpdateApiKeyInput!) { change: updateApiKey(input: $input) { ${receipt} } }`,
    inputOf: (count: number, apis: number) => ({ id: keyIdOf(apis - 1 - count), active: false }),
  },
] as const;

interface Changed {
  readonly change: {
    readonly receipt: {
      readonly complete: boolean;
      readonly message: string;
      readonly acknowledged: readonly { readonly afterMs: number | null }[];
    };
  };
}

export interface EnforcementOptions {
  readonly database: string;
  readonly apis: number;
  /** With each neighborhood. */
  readonly changes: number;
  say(line?: string): void;
}

export async function enforcement(options: EnforcementOptions): Promise<void> {
  const { database, apis, say } = options;
  await using controlPlane = await ControlPlane.start(database);
  const nodes: RunningNode[] = [];
  try {
    for (let i = 1; i <= NODES; i++) {
      const name = `enforcement-${i}`;
      const made = await controlPlane.ask<{ createNode: { token: string } }>(createNode, { input: { name } });
      nodes.push(
        await startNode({
          cores: LOAD_CORE,
          dataDir: join(dirname(database), name),
          controlPlane: controlPlane.grpcAddress,
          identity: { nodeId: name, token: made.createNode.token },
        }),
      );
    }
    say();
    say(`From a commit until ${NODES} nodes enforce it, ${apis} APIs, one change after the other; ms`);
    await measure("quiet", controlPlane, options, 0);
    const loops = startBusyLoops();
    try {
      await measure("beside two busy loops", controlPlane, options, options.changes);
    } finally {
      await Promise.all(loops.map((loop) => loop.stop()));
    }
  } finally {
    await Promise.all(nodes.map((node) => node.stop()));
  }
}

async function measure(
  name: string,
  controlPlane: ControlPlane,
  { apis, changes: count, say }: EnforcementOptions,
  first: number,
): Promise<void> {
  const enforced: number[] = [];
  const requests: number[] = [];
  for (let i = first; i < first + count; i++) {
    const { query, inputOf } = changes[i % changes.length]!;
    const startedMs = performance.now();
    const { change } = await controlPlane.ask<Changed>(query, { input: inputOf(i, apis) });
    requests.push(performance.now() - startedMs);
    const { complete, acknowledged, message } = change.receipt;
    if (!complete || acknowledged.length !== NODES) throw new Error(message);
    enforced.push(Math.max(...acknowledged.map(({ afterMs }) => afterMs ?? Number.NaN)));
  }
  const figures = (values: readonly number[]) =>
    [0.5, 0.99, 1].map((fraction) => quantile(values, fraction)).join(", ");
  say(
    `- ${name}, ${count} changes: enforced after p50, p99, worst ${figures(enforced)}; the mutation with its receipt ${figures(requests)}`,
  );
}
