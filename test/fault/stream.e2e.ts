/** The stream and the database behind it are lied to, doubled or set back: nothing is confirmed that is not enforced. */
import { SimulatedNode } from "@latchkey/testkit";
import { expect } from "vitest";
import type { Revision } from "../support/seed.js";
import type { Stack } from "../support/stack.js";
import { BusyStack } from "./support/busy-stack.js";
import { fault } from "./support/fault.js";
import { quantile } from "./support/figures.js";

interface Receipt {
  readonly complete: boolean;
  readonly pending: readonly { readonly node: string }[];
}

async function receiptOf(stack: Stack, revision: Revision | null): Promise<Receipt> {
  const { awaitRevision } = await stack.graphql<{ awaitRevision: Receipt }>(
    "query($revision: RevisionInput!) { awaitRevision(revision: $revision, timeoutMs: 0) { complete pending { node } } }",
    { revision },
  );
  return awaitRevision;
}

fault(
  {
    row: "63",
    fault: "a node acknowledges revisions that it was never sent, and extreme numbers",
    holds: "nothing is confirmed, its stream is closed, `nodes` and the other node are unaffected",
    target: "receipts and `nodes` unaffected",
  },
  async () => {
    await using busy = await BusyStack.start();
    const { stack, traffic } = busy;
    const { token } = await stack.makeNode("liar");
    const liar = new SimulatedNode({
      address: stack.grpcAddress,
      nodeId: "liar",
      token,
      acknowledges: false,
    });
    const closedMs: number[] = [];
    try {
      const huge = 2n ** 64n - 1n;
      const lies: readonly ((now: { epoch: bigint; number: bigint }) => { epoch: bigint; number: bigint })[] =
        [
          ({ epoch, number }) => ({ epoch, number: number + 1_000n }),
          ({ epoch }) => ({ epoch, number: huge }),
          ({ epoch, number }) => ({ epoch: epoch + 1n, number }),
          () => ({ epoch: huge, number: huge }),
        ];
      for (const [i, lie] of lies.entries()) {
        liar.connect();
        await liar.until(({ version }) => version !== null);
        const revoked = await busy.revoke(await busy.makeApi(`revoked ${i}`));
        await liar.untilRevision(revoked?.number ?? 0);
        const startedMs = performance.now();
        const { epoch, number } = revoked ?? { epoch: 0, number: 0 };
        liar.acknowledge({ version: lie({ epoch: BigInt(epoch), number: BigInt(number) }) });
        await liar.untilEnd();
        closedMs.push(performance.now() - startedMs);
        const receipt = await receiptOf(stack, revoked);
        expect(receipt.complete).toBe(false);
        expect(receipt.pending.map(({ node }) => node)).toContain("liar");
        const { nodes } = await stack.graphql<{ nodes: { name: string; revision: Revision | null }[] }>(
          "{ nodes { name revision { epoch number } rssBytes requestsInFlight applyMicroseconds } }",
        );
        expect(nodes.find(({ name }) => name === "liar")?.revision?.number ?? 0).toBeLessThan(number);
      }
    } finally {
      liar.close();
    }
    expect(traffic.report.reasons).toEqual([]);
    return `4 of 4 false ACKs confirmed nothing; the stream was closed after at most ${quantile(closedMs, 1).toFixed(0)} ms; ${traffic.sent} requests, 0 failed`;
  },
);
