/**
 * What the control plane does over GraphQL, whole: HTTP, checks, use cases, audit, fsync. Clients over loopback, each
 * with one request under way; the process is `latchkey control-plane` itself, with the tables that were filled before.
 */
import { ControlPlane, type Variables } from "./control-plane.js";
import { quantile } from "./quantile.js";
import { apiIdOf } from "./seed.js";

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
  variables(count: number): Variables;
}

export interface GraphqlRates {
  readonly database: string;
  readonly apis: number;
  /** Of each operation with each number of clients. */
  readonly seconds: number;
  say(line?: string): void;
}

export async function graphqlRates({ database, apis, seconds, say }: GraphqlRates): Promise<void> {
  await using controlPlane = await ControlPlane.start(database);
  const { subscriptions, integrations } = await controlPlane.ask<Record<string, { nodes: [{ id: string }] }>>(
    "{ subscriptions(first: 1) { nodes { id } } integrations(first: 1) { nodes { id } } }",
  );
  const subscriptionId = subscriptions?.nodes[0].id;
  const integrationId = integrations?.nodes[0].id;
  const routes = ["GET", "POST"].map((method) => ({ method, path: "/orders/{id}", integrationId }));

  // Other parts may have changed some.
  const known: Known[] = [];
  for (let after: string | null = null; known.length < Math.min(apis, CHANGED_MAX); ) {
    const { apis: page }: { apis: { nodes: Known[]; pageInfo: { endCursor: string } } } =
      await controlPlane.ask(
        "query($after: String) { apis(first: 100, after: $after) { nodes { id version } pageInfo { endCursor } } }",
        { after },
      );
    known.push(...page.nodes);
    after = page.pageInfo.endCursor;
  }

  say();
  say(
    `GraphQL over HTTP, ${apis} APIs: operations/s; p50 and p99 in ms; CPU of one, and what one core gives a second`,
  );
  for (const operation of operationsOf(apis, { subscriptionId, summary: "", routes }, known))
    for (const clients of [1, 16]) {
      const { times, cpuUs } = await rate(controlPlane, operation, clients, seconds);
      const one = cpuUs / times.length;
      say(
        `  ${operation.name}, ${clients} client${clients > 1 ? "s" : ""}: ` +
          `${(times.length / seconds).toFixed(0)}/s; ${quantile(times, 0.5)}, ${quantile(times, 0.99)}; ` +
          `${one.toFixed(0)} µs, ${(1e6 / one).toFixed(0)}/s`,
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
    ...[
      { name: "a word of every API", searchOf: () => "number" },
      { name: "the number of one", searchOf: (count: number) => `number ${(count * 7919) % apis}` },
      { name: "a word of none", searchOf: () => "missing" },
    ].map(
      ({ name, searchOf }): Operation => ({
        name: `search for ${name}, as the console's list`,
        query:
          "query($search: String!) { apis(first: 50, filter: { search: $search }) { nodes { id title } totalCount } }",
        variables: (count) => ({ search: searchOf(count) }),
      }),
    ),
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

/** @returns how long each took, in milliseconds, and the server's CPU time; a refused one ends the bench */
async function rate(
  controlPlane: ControlPlane,
  operation: Operation,
  clients: number,
  seconds: number,
): Promise<{ readonly times: readonly number[]; readonly cpuUs: number }> {
  const times: number[] = [];
  let cpuUs = 0;
  let count = 0;
  const run = async (untilMs: number, keep: boolean): Promise<void> => {
    while (performance.now() < untilMs) {
      const startedMs = performance.now();
      await controlPlane.ask(operation.query, operation.variables(count++));
      if (keep) times.push(performance.now() - startedMs);
    }
  };
  for (const keep of [false, true]) {
    const untilMs = performance.now() + (keep ? seconds : Math.min(1, seconds)) * 1_000;
    cpuUs = controlPlane.cpuUs;
    await Promise.all(Array.from({ length: clients }, () => run(untilMs, keep)));
  }
  return { times, cpuUs: controlPlane.cpuUs - cpuUs };
}
