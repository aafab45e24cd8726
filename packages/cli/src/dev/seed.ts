/**
 * Seeds the first start: one subscription, two integrations, and two APIs with the same path that differ only in key.
 * What exists already by its name is taken, so that an interrupted seeding is completed, not repeated.
 */
import { type GraphqlClient, refuseUserErrors, type UserError } from "../graphql-client.js";
import type { DevState, SeededApi } from "./dev-state.js";

const samplePath = "/orders/{orderId}";

interface Sample {
  readonly title: string;
  readonly summary: string;
  readonly integration: string;
}

const subscriptionName = "Sample";

/** The integrations' names are the first path segment at the sample upstream, which echoes it. */
const samples: readonly Sample[] = [
  { title: "Orders, north", summary: "Orders of the northern warehouse.", integration: "north" },
  { title: "Orders, south", summary: "Orders of the southern warehouse.", integration: "south" },
];

/** The state with ids of everything seeded. Once all is seeded, only URLs of the sample upstream itself follow its port. */
export async function seed(client: GraphqlClient, state: DevState, upstreamUrl: string): Promise<DevState> {
  if (state.apis !== null && state.subscriptionId !== null) {
    await moveIntegrations(client, state, upstreamUrl);
    return { ...state, formerUpstreamPorts: [] };
  }
  const subscriptionId = await subscription(client);
  const integrationIds: Record<string, string> = {};
  const apis: SeededApi[] = [];
  for (const sample of samples) {
    integrationIds[sample.integration] = await integration(client, subscriptionId, sample, upstreamUrl);
    apis.push(await api(client, subscriptionId, sample, integrationIds[sample.integration] ?? ""));
  }
  const seeded = { ...state, subscriptionId, integrationIds, apis };
  await moveIntegrations(client, seeded, upstreamUrl); // those of an interrupted seeding
  return { ...seeded, formerUpstreamPorts: [] };
}

async function subscription(client: GraphqlClient): Promise<string> {
  const found = await client.query<{ subscriptions: { nodes: { id: string; name: string }[] } }>(
    `query($search: String!) { subscriptions(first: 50, filter: { search: $search }) { nodes { id name } } }`,
    { search: subscriptionName },
  );
  const existing = found.subscriptions.nodes.find((node) => node.name === subscriptionName);
  if (existing !== undefined) return existing.id;
  const { createSubscription } = await client.query<{
    createSubscription: { subscription: { id: string } | null; userErrors: UserError[] };
  }>(
    `mutation($input: CreateSubscriptionInput!) {
      createSubscription(input: $input) { subscription { id } userErrors { field code message } }
    }`,
    { input: { name: subscriptionName } },
  );
  refuseUserErrors("createSubscription", createSubscription.userErrors);
  return createSubscription.subscription?.id ?? "";
}

async function integration(
  client: GraphqlClient,
  subscriptionId: string,
  sample: Sample,
  upstreamUrl: string,
): Promise<string> {
  const found = await client.query<{ integrations: { nodes: { id: string; name: string }[] } }>(
    `query($id: ID!) { integrations(filter: { subscriptionId: $id }, first: 50) { nodes { id name } } }`,
    { id: subscriptionId },
  );
  const existing = found.integrations.nodes.find((node) => node.name === sample.integration);
  if (existing !== undefined) return existing.id;
  const { createIntegration } = await client.query<{
    createIntegration: { integration: { id: string } | null; userErrors: UserError[] };
  }>(
    `mutation($input: CreateIntegrationInput!) {
      createIntegration(input: $input) { integration { id } userErrors { field code message } }
    }`,
    {
      input: {
        subscriptionId,
        name: sample.integration,
        inboundKind: "API",
        urls: [`${upstreamUrl}/${sample.integration}`],
      },
    },
  );
  refuseUserErrors("createIntegration", createIntegration.userErrors);
  return createIntegration.integration?.id ?? "";
}

async function moveIntegrations(client: GraphqlClient, state: DevState, upstreamUrl: string): Promise<void> {
  for (const [name, id] of Object.entries(state.integrationIds)) {
    const { node } = await client.query<{ node: { urls?: readonly string[]; version?: number } | null }>(
      `query($id: ID!) { node(id: $id) { ... on Integration { urls version } } }`,
      { id },
    );
    const old = new Set(state.formerUpstreamPorts.map((port) => `http://127.0.0.1:${port}/${name}`));
    // What a person typed stays, also beside the sample's URL.
    if (node?.urls?.some((url) => old.has(url)) !== true) continue;
    const urls = node.urls.map((url) => (old.has(url) ? `${upstreamUrl}/${name}` : url));
    const { updateIntegration } = await client.query<{ updateIntegration: { userErrors: UserError[] } }>(
      `mutation($input: UpdateIntegrationInput!) {
        updateIntegration(input: $input) { userErrors { field code message } }
      }`,
      { input: { id, expectedVersion: node.version, urls: [...new Set(urls)] } },
    );
    refuseUserErrors("updateIntegration", updateIntegration.userErrors);
  }
}

async function api(
  client: GraphqlClient,
  subscriptionId: string,
  sample: Sample,
  integrationId: string,
): Promise<SeededApi> {
  const seeded = { title: sample.title, method: "PUT", path: samplePath };
  const found = await client.query<{
    apis: { nodes: { id: string; title: string; keys: { nodes: { id: string }[] } }[] };
  }>(
    `query($search: String!) {
      apis(first: 50, filter: { search: $search }) { nodes { id title keys(first: 1) { nodes { id } } } }
    }`,
    { search: sample.title },
  );
  const existing = found.apis.nodes.find((node) => node.title === sample.title);
  if (existing !== undefined)
    return { ...seeded, apiId: existing.id, keyId: existing.keys.nodes[0]?.id ?? "" };
  const { createApi } = await client.query<{
    createApi: { api: { id: string } | null; key: { id: string } | null; userErrors: UserError[] };
  }>(
    `mutation($input: CreateApiInput!) {
      createApi(input: $input) { api { id } key { id } userErrors { field code message } }
    }`,
    {
      input: {
        title: sample.title,
        summary: sample.summary,
        subscriptionId,
        recoverable: true,
        routes: [
          { method: "PUT", path: samplePath, integrationId },
          { method: "GET", path: samplePath, integrationId },
          { method: "POST", path: "/orders", integrationId },
        ],
      },
    },
  );
  refuseUserErrors("createApi", createApi.userErrors);
  return { ...seeded, apiId: createApi.api?.id ?? "", keyId: createApi.key?.id ?? "" };
}

/** An API's title as it is now, or null when the API is gone. */
export async function titleOf(client: GraphqlClient, apiId: string): Promise<string | null> {
  const { api: found } = await client.query<{ api: { title: string } | null }>(
    "query($id: ID!) { api(id: $id) { title } }",
    { id: apiId },
  );
  return found?.title ?? null;
}

/** The secret of a sample's key, or null when the key or its API is gone. */
export async function revealKey(client: GraphqlClient, keyId: string): Promise<string | null> {
  const { revealApiKey } = await client.query<{ revealApiKey: { secret: string | null } }>(
    `mutation($input: RevealApiKeyInput!) { revealApiKey(input: $input) { secret } }`,
    { input: { id: keyId } },
  );
  return revealApiKey.secret;
}

/** The token of the node of this name. `known`: the one that it had; a node that was deleted is created anew. */
export async function nodeToken(client: GraphqlClient, name: string, known: string | null): Promise<string> {
  const { ingressNodes } = await client.query<{ ingressNodes: { nodes: { id: string; name: string }[] } }>(
    `{ ingressNodes(first: 100) { nodes { id name } } }`,
  );
  const existing = ingressNodes.nodes.find((node) => node.name === name);
  if (existing !== undefined && known !== null) return known;
  return existing === undefined ? createNode(client, name) : regenerateToken(client, existing.id);
}

async function createNode(client: GraphqlClient, name: string): Promise<string> {
  const { createNode: created } = await client.query<{
    createNode: { token: string | null; userErrors: UserError[] };
  }>(
    `mutation($input: CreateNodeInput!) { createNode(input: $input) { token userErrors { field code message } } }`,
    { input: { name } },
  );
  refuseUserErrors("createNode", created.userErrors);
  return created.token ?? "";
}

/** Of a node whose token was not kept: the start that created it was interrupted. */
async function regenerateToken(client: GraphqlClient, id: string): Promise<string> {
  const { regenerateNodeToken: changed } = await client.query<{
    regenerateNodeToken: { token: string | null; userErrors: UserError[] };
  }>(
    `mutation($input: RegenerateNodeTokenInput!) {
      regenerateNodeToken(input: $input) { token userErrors { field code message } }
    }`,
    { input: { id } },
  );
  refuseUserErrors("regenerateNodeToken", changed.userErrors);
  return changed.token ?? "";
}
