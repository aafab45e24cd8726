/**
 * What the control plane does over GraphQL, whole: HTTP, checks, use cases, audit, fsync. Clients over loopback, each
 * with one request under way; the process is `latchkey control-plane` itself, with the tables that were filled before.
 */
import { dirname, join } from "node:path";
import { startProcess } from "@latchkey/testkit";
import { quantile } from "./quantile.js";
import { apiIdOf } from "./seed.js";

const latchkey = join(import.meta.dirname, "../../packages/cli/bin/latchkey.js");
const ADMIN_TOKEN = "bench-admin-token-0123456789abcdef";
const PAGE = 50;

/** So many APIs are changed in turn. */
const CHANGED_MAX = 20_000;

interface Known {
  readonly id: string;
  readonly version: number;
}

interface Operation {
  readonly name: string;
  readonly query: string;
  variables(count: number): Readonly<Record<string, unknown>>;
}

interface GraphqlResult {
  readonly data?: Record<string, { readonly userErrors?: readonly unknown[] } | null>;
  readonly errors?: readonly unknown[];
}

export interface GraphqlRates {
  readonly database: string;
  readonly apis: number;
  /** Of each operation with each number of clients. */
  readonly seconds: number;
  say(line?: string): void;
}

export async function graphqlRates({ database, apis, seconds, say }: GraphqlRates): Promise<void> {
  await using controlPlane = startProcess({
    args: [latchkey, "control-plane"],
    env: {
      LATCHKEY_CONTROL_PLANE_DATA_DIR: dirname(database),
      LATCHKEY_CONTROL_PLANE_HTTP_PORT: "0",
      LATCHKEY_CONTROL_PLANE_GRPC_PORT: "0",
      LATCHKEY_CONTROL_PLANE_ADMIN_TOKEN: ADMIN_TOKEN,
      LATCHKEY_CONTROL_PLANE_LOG_LEVEL: "error",
      LATCHKEY_PRINT_URLS: "true",
    },
  });
  const { graphql: url } = await controlPlane.waitForJson<{ graphql: string }>();
  const ask = async (query: string, variables: Readonly<Record<string, unknown>>): Promise<GraphqlResult> => {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${ADMIN_TOKEN}` },
      body: JSON.stringify({ query, variables }),
    });
    const result = (await response.json()) as GraphqlResult;
    const refused = Object.values(result.data ?? {}).some(
      (payload) => (payload?.userErrors ?? []).length > 0,
    );
    if (result.errors !== undefined || refused) throw new Error(JSON.stringify(result));
    return result;
  };
  const there = await ask(
    "{ subscriptions(first: 1) { nodes { id } } integrations(first: 1) { nodes { id } } }",
    {},
  );
  const { subscriptions, integrations } = there.data as unknown as Record<
    string,
    { nodes: [{ id: string }] }
  >;
  const subscriptionId = subscriptions?.nodes[0].id;
  const integrationId = integrations?.nodes[0].id;
  const routes = ["GET", "POST"].map((method) => ({ method, path: "/orders/{id}", integrationId }));

  // Other parts may have changed some.
  const known: Known[] = [];
  for (let after: string | null = null; known.length < Math.min(apis, CHANGED_MAX); ) {
    const { data } = await ask(
      "query($after: String) { apis(first: 100, after: $after) { nodes { id version } pageInfo { endCursor } } }",
      { after },
    );
    const page = data?.apis as unknown as { nodes: Known[]; pageInfo: { endCursor: string } };
    known.push(...page.nodes);
    after = page.pageInfo.endCursor;
  }

  say();
  say(`GraphQL over HTTP, ${apis} APIs: operations/s; p50 and p99 in ms`);
  for (const operation of operationsOf(apis, { subscriptionId, summary: "", routes }, known))
    for (const clients of [1, 16]) {
      const times = await rate(ask, operation, clients, seconds);
      say(
        `  ${operation.name}, ${clients} client${clients > 1 ? "s" : ""}: ` +
          `${(times.length / seconds).toFixed(0)}/s; ${quantile(times, 0.5)}, ${quantile(times, 0.99)}`,
      );
    }
}

/** Numbers go on over all operations, so that no title is given twice, and each change knows the version that it is of. */
let made = 0;
let changed = 0;

function operationsOf(apis: number, form: object, known: readonly Known[]): Operation[] {
  return [
    {
      name: `list of ${PAGE} APIs, the first page`,
      query: `query($first: Int!) { apis(first: $first) { nodes { id title updatedAt } pageInfo { endCursor } } }`,
      variables: () => ({ first: PAGE }),
    },
    {
      name: "one API with its routes and keys",
      query:
        "query($id: ID!) { api(id: $id) { id title routes { id method path } keys(first: 10) { nodes { id active } } } }",
      variables: (count) => ({ id: apiIdOf((count * 7919) % apis) }),
    },
    {
      name: "API changed: title and routes",
      query:
        "mutation($input: UpdateApiInput!) { updateApi(input: $input) { api { id } userErrors { code message } } }",
      variables: () => {
        const change = changed++;
        const { id, version } = known[change % known.length]!;
        const expectedVersion = version + Math.floor(change / known.length);
        return {
          input: {
            ...form,
            id,
            expectedVersion,
            title: `Renamed ${change}`,
          },
        };
      },
    },
    {
      name: "API made with two routes, and its key",
      query:
        "mutation($input: CreateApiInput!) { createApi(input: $input) { api { id } userErrors { code message } } }",
      variables: () => ({ input: { ...form, title: `Made ${++made}` } }),
    },
  ];
}

/** @returns how long each took, in milliseconds; a refused one ends the bench */
async function rate(
  ask: (query: string, variables: Readonly<Record<string, unknown>>) => Promise<unknown>,
  operation: Operation,
  clients: number,
  seconds: number,
): Promise<number[]> {
  const times: number[] = [];
  let count = 0;
  const run = async (untilMs: number, keep: boolean): Promise<void> => {
    while (performance.now() < untilMs) {
      const startedMs = performance.now();
      await ask(operation.query, operation.variables(count++));
      if (keep) times.push(performance.now() - startedMs);
    }
  };
  for (const keep of [false, true]) {
    const untilMs = performance.now() + (keep ? seconds : Math.min(1, seconds)) * 1_000;
    await Promise.all(Array.from({ length: clients }, () => run(untilMs, keep)));
  }
  return times;
}
