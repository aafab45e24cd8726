/** Two control planes over one PostgreSQL: locks that are held, limits that strike, tokens that the other one replaced. */
import { eventually, SimulatedNode, startProcess } from "@latchkey/testkit";
import { hasPostgres, TestPostgres } from "@latchkey/testkit/postgres";
import { expect } from "vitest";
import type { Revision } from "../support/seed.js";
import { latchkeyCommand, Stack } from "../support/stack.js";
import { fault, NotHere } from "./support/fault.js";
import { rounds } from "./support/mode.js";
import { pause } from "./support/traffic.js";

interface GraphqlResult {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly {
    readonly extensions: { readonly code: string; readonly retryAfterMs?: number };
  }[];
}

async function ask(
  url: string,
  token: string,
  query: string,
  variables: object = {},
): Promise<GraphqlResult> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as GraphqlResult;
}

const READ = "{ subscriptions { totalCount } }";
const WRITE =
  "mutation($input: CreateSubscriptionInput!) { createSubscription(input: $input) { userErrors { code } } }";
const HELD_MS = rounds(6_000, 6_000, 20_000);

fault(
  {
    row: "61",
    fault: `PostgreSQL: the writers' lock and a table are held for ${HELD_MS / 1_000} s, with a statement time-out of 1 s`,
    holds:
      "reads and changes that cannot wait are STORAGE_BUSY with a hint; no session stays in an aborted transaction",
    target: "errors end ≤ 1 s after the cause; STORAGE_BUSY, not INTERNAL",
  },
  async () => {
    if (!hasPostgres()) throw new NotHere("PostgreSQL is not installed");
    using postgres = new TestPostgres();
    await using holder = await postgres.connect();
    await holder.query("alter role latchkey set statement_timeout = '1s'");
    await using stack = await Stack.start({
      nodes: 0,
      controlPlaneEnv: { LATCHKEY_CONTROL_PLANE_DATABASE_URL: postgres.url },
    });
    const codes = new Map<string, number>();
    let isOver = false;
    let writes = 0;
    const client = async (write: boolean): Promise<void> => {
      while (!isOver) {
        const input = { name: `s${writes++}` };
        const { errors } = write
          ? await ask(stack.graphqlUrl, stack.adminToken, WRITE, { input })
          : await ask(stack.graphqlUrl, stack.adminToken, READ);
        for (const { extensions } of errors ?? []) {
          codes.set(extensions.code, (codes.get(extensions.code) ?? 0) + 1);
          if (extensions.code === "STORAGE_BUSY") expect(extensions.retryAfterMs).toBe(1_000);
        }
        await pause(5);
      }
    };
    await holder.query("set statement_timeout = 0");
    await holder.query("begin; select pg_advisory_xact_lock(1280001369); lock table subscription");
    const clients = Array.from({ length: 12 }, (_, i) => client(i % 2 === 0));
    await pause(HELD_MS);
    await holder.query("rollback");
    const releasedMs = performance.now();
    isOver = true;
    await Promise.all(clients);
    // Every session of the pool is used; none may tell of what was before.
    const after = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        i % 2 === 0
          ? ask(stack.graphqlUrl, stack.adminToken, READ)
          : ask(stack.graphqlUrl, stack.adminToken, WRITE, { input: { name: `after ${i}` } }),
      ),
    );
    const passedMs = performance.now() - releasedMs;
    expect(after.flatMap(({ errors }) => errors ?? [])).toEqual([]);
    expect([...codes.keys()]).toEqual(["STORAGE_BUSY"]);
    return `${codes.get("STORAGE_BUSY")} reads and changes STORAGE_BUSY in ${HELD_MS / 1_000} s, 0 INTERNAL; 40 of 40 passed within ${passedMs.toFixed(0)} ms after the locks were released`;
  },
);

fault(
  {
    row: "61",
    fault:
      "two control planes on one PostgreSQL: a node's token is replaced, its revision asked for, at the one it is not connected to",
    holds: "the receipt is complete, and the stream at the other one ends",
    target: "token ≤ 2 s; receipt without waiting for half a minute",
  },
  async () => {
    if (!hasPostgres()) throw new NotHere("PostgreSQL is not installed");
    using postgres = new TestPostgres();
    await using stack = await Stack.start({
      nodes: 0,
      controlPlaneEnv: { LATCHKEY_CONTROL_PLANE_DATABASE_URL: postgres.url },
    });
    await using other = startProcess({
      args: [latchkeyCommand, "control-plane"],
      env: {
        LATCHKEY_CONTROL_PLANE_DATABASE_URL: postgres.url,
        LATCHKEY_CONTROL_PLANE_HTTP_PORT: "0",
        LATCHKEY_CONTROL_PLANE_GRPC_PORT: "0",
        LATCHKEY_CONTROL_PLANE_ADMIN_TOKEN: stack.adminToken,
        LATCHKEY_PRINT_URLS: "true",
      },
    });
    const { graphql } = await other.waitForJson<{ graphql: string }>();
    const { id, token } = await stack.makeNode("n");
    const node = new SimulatedNode({ address: stack.grpcAddress, nodeId: "n", token });
    try {
      node.connect();
      await node.until(({ revision }) => revision !== null);
      const { revision } = await stack.graphql<{ revision: Revision }>("{ revision { epoch number } }");
      const askedMs = performance.now();
      await eventually(async () => {
        const { data } = await ask(
          graphql,
          stack.adminToken,
          "query($revision: RevisionInput!) { awaitRevision(revision: $revision, timeoutMs: 60000) { complete pending { node } } }",
          { revision },
        );
        return (data as { awaitRevision: { complete: boolean } }).awaitRevision.complete ? true : undefined;
      }, "the receipt at the other control plane");
      const receiptMs = performance.now() - askedMs;
      const replacedMs = performance.now();
      const { errors } = await ask(
        graphql,
        stack.adminToken,
        "mutation($input: RegenerateNodeTokenInput!) { regenerateNodeToken(input: $input) { userErrors { code } } }",
        { input: { id } },
      );
      expect(errors).toBeUndefined();
      expect((await node.untilEnd()).code).toBe(16);
      const endedMs = performance.now() - replacedMs;
      return `receipt at the other control plane after ${(receiptMs / 1_000).toFixed(1)} s; the stream of the replaced token ended after ${(endedMs / 1_000).toFixed(1)} s`;
    } finally {
      node.close();
    }
  },
);
