/**
 * What must hold after every fault: each node's digest is the control plane's as a third party computes it, and no
 * secret that was used is in a metric, a status page, a log or a file.
 */
import { eventually, SimulatedNode, type SimulatedNodeOptions } from "@latchkey/testkit";
import { SecretSearch } from "../../support/secret-search.js";
import type { Stack } from "../../support/stack.js";

interface Status {
  readonly revision: string | null;
  readonly digest: string | null;
  readonly quarantine: readonly unknown[];
}

let witnesses = 0;

/** Throws when one does not hold. All nodes are expected to come to the newest revision. @param credentials of the witness */
export async function checkInvariants(
  stack: Stack,
  credentials?: SimulatedNodeOptions["credentials"],
): Promise<void> {
  await sameDigests(stack, credentials);
  const pages = await Promise.all([
    ...stack.ingresses.flatMap(({ adminUrl }) =>
      ["/metrics", "/status"].map(async (path) => (await fetch(adminUrl + path)).text()),
    ),
    (
      await fetch(new URL("/metrics", stack.graphqlUrl), {
        headers: { authorization: `Bearer ${stack.adminToken}` },
      })
    ).text(),
  ]);
  const search = new SecretSearch(stack.secrets);
  if (pages.some((page) => search.isIn(page))) throw new Error("a metric or status page has a secret");
  const leaks = stack.leaks();
  if (leaks.length > 0) throw new Error(`secrets were found in: ${leaks.join(", ")}`);
}

/** Fills a node that computes the digest in its own way, and compares every ingress with it. */
async function sameDigests(stack: Stack, credentials: SimulatedNodeOptions["credentials"]): Promise<void> {
  const { revision: newest } = await stack.graphql<{ revision: { number: number } }>(
    "{ revision { number } }",
  );
  const { name, token } = await stack.makeNode(`witness-${process.pid}-${++witnesses}`);
  const witness = new SimulatedNode({
    address: stack.grpcAddress,
    nodeId: name,
    token,
    ...(credentials && { credentials }),
  });
  try {
    await connected(witness);
    // The full snapshot may be an older one with the changes since behind it.
    await witness.untilRevision(newest.number);
    const revision = `${witness.revision?.epoch}/${witness.revision?.number}`;
    const digest = witness.digest.toString("hex");
    for (const ingress of stack.ingresses) {
      await eventually(async () => {
        const status = (await (await fetch(`${ingress.adminUrl}/status`)).json()) as Status;
        if (status.revision !== revision)
          throw new Error(`${ingress.name} is at ${status.revision}, not ${revision}`);
        if (status.digest !== digest)
          throw new Error(`${ingress.name} has digest ${status.digest}, not ${digest}, at ${revision}`);
        if (status.quarantine.length > 0) throw new Error(`${ingress.name} put something aside`);
        return true;
      }, `${ingress.name} holds what the control plane has`);
    }
  } finally {
    witness.close();
  }
}

/** The witness may be told to come later, like any node. */
async function connected(witness: SimulatedNode): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    witness.connect();
    await witness.until(({ end, revision }) => end !== null || revision !== null, 30_000);
    if (witness.revision !== null) return;
    await new Promise((resolve) => setTimeout(resolve, witness.end?.retryAfterMs ?? 200));
  }
  throw new Error(`the witness gets no stream: ${witness.end?.details}`);
}
