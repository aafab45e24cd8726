/** GraphQL calls that end-to-end tests make again and again, each failing on user errors. */
import type { Stack, UserError } from "./stack.js";

export interface Revision {
  readonly epoch: number;
  readonly number: number;
}

export interface MadeApi {
  readonly id: string;
  readonly keyId: string;
  readonly secret: string;
  readonly version: number;
  readonly revision: Revision | null;
}

export interface RouteForm {
  readonly method: string;
  readonly path: string;
  readonly integrationId: string;
  readonly validate?: boolean;
  readonly operation?: object;
}

/** Runs one mutation and returns its payload; user errors fail the test. */
export async function mutate<T extends object>(
  stack: Stack,
  name: string,
  input: Readonly<Record<string, unknown>>,
  selection: string,
): Promise<T & { revision: Revision | null }> {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input!`;
  const response = await stack.graphql<
    Record<string, T & { userErrors: UserError[]; revision: Revision | null }>
  >(
    `mutation($input: ${type}) {
      ${name}(input: $input) { ${selection} revision { epoch number } userErrors { field code message } }
    }`,
    { input },
  );
  const payload = response[name];
  if (payload === undefined || payload.userErrors.length > 0)
    throw new Error(`${name}: ${JSON.stringify(payload?.userErrors)}`);
  return payload;
}

export async function makeSubscription(stack: Stack, name = "e2e"): Promise<string> {
  const { subscription } = await mutate<{ subscription: { id: string } }>(
    stack,
    "createSubscription",
    { name },
    "subscription { id }",
  );
  return subscription.id;
}

export async function makeIntegration(
  stack: Stack,
  subscriptionId: string,
  name: string,
  url: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const { integration } = await mutate<{ integration: { id: string } }>(
    stack,
    "createIntegration",
    { subscriptionId, name, inboundKind: "API", urls: [url], ...more },
    "integration { id }",
  );
  return integration.id;
}

export async function makeApi(
  stack: Stack,
  subscriptionId: string,
  title: string,
  routes: readonly RouteForm[],
): Promise<MadeApi> {
  const payload = await mutate<{
    api: { id: string; version: number };
    key: { id: string };
    secret: string;
  }>(
    stack,
    "createApi",
    { title, summary: "", subscriptionId, routes },
    "api { id version } key { id } secret",
  );
  stack.secrets.add(payload.secret);
  return {
    id: payload.api.id,
    version: payload.api.version,
    keyId: payload.key.id,
    secret: payload.secret,
    revision: payload.revision,
  };
}

/** Waits until every node has acknowledged the revision. */
export async function enforced(stack: Stack, revision: Revision | null): Promise<void> {
  if (revision === null) return;
  const { awaitRevision } = await stack.graphql<{ awaitRevision: { complete: boolean; message: string } }>(
    `query($revision: RevisionInput!) {
      awaitRevision(revision: $revision, nodes: ALL, timeoutMs: 60000) { complete message }
    }`,
    { revision },
  );
  if (!awaitRevision.complete) throw new Error(awaitRevision.message);
}

/** Waits until every node serves the API's OpenAPI document as it is now. */
export async function documentServed(stack: Stack, apiId: string): Promise<void> {
  const deadlineMs = performance.now() + 60_000;
  for (;;) {
    const { api } = await stack.graphql<{ api: { servedDocument: { state: string } } }>(
      "query($id: ID!) { api(id: $id) { servedDocument { state } } }",
      { id: apiId },
    );
    if (api.servedDocument.state === "SERVED") {
      // Without a change: the newest revision.
      const { revision } = await mutate(stack, "updateApi", { id: apiId }, "api { id }");
      return enforced(stack, revision);
    }
    if (performance.now() > deadlineMs) throw new Error(`the document is ${api.servedDocument.state}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
