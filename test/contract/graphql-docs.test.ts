/** Runs every example of docs/graphql.md against a control plane, in order, and holds its tables to the code. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ControlPlane, controlPlaneSchema, runControlPlane } from "@latchkey/control-plane";
import { userErrorCodes } from "@latchkey/core";
import { createLogger } from "@latchkey/observe";
import { createClient } from "graphql-ws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";

const TOKEN = "an-admin-token-of-the-tests";
const page = readFileSync(join(import.meta.dirname, "../../docs/graphql.md"), "utf8");

interface Example {
  readonly query: string;
  readonly variables: string;
}

const examples: readonly Example[] = [
  ...page.matchAll(/```graphql\n([\s\S]*?)```(?:\n```json\n([\s\S]*?)```)?/g),
].map(([, query = "", variables = "{}"]) => ({ query, variables }));

/** What `<subscription>`, `<api>` … of the page stand for: the newest object of that kind. */
const known = new Map<string, string>();
let folder: string;
let controlPlane: ControlPlane;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "latchkey-graphql-docs-"));
  const config = controlPlaneSchema.parse({
    dataDir: folder,
    adminToken: TOKEN,
    http: { port: 0 },
    grpc: { port: 0 },
  });
  controlPlane = await runControlPlane(config, { logger: createLogger({ name: "test", level: "silent" }) });
});
afterAll(async () => {
  await controlPlane.close();
  rmSync(folder, { recursive: true, force: true });
});

async function post(query: string, variables: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(controlPlane.graphqlUrl, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as Record<string, unknown>;
}

async function firstOf(query: string): Promise<unknown> {
  const client = createClient({
    url: controlPlane.graphqlUrl.replace("http", "ws"),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${TOKEN}` },
  });
  try {
    for await (const result of client.iterate({ query })) return result;
    return null;
  } finally {
    await client.dispose();
  }
}

function remember(value: unknown, name: string): void {
  if (typeof value !== "object" || value === null) return;
  if ("id" in value && typeof value.id === "string") known.set(name, value.id);
  for (const [key, child] of Object.entries(value)) remember(child, key);
}

describe("docs/graphql.md", () => {
  it("has examples", () => {
    expect(examples.length).toBeGreaterThan(8);
  });

  it.each(examples)("runs $query", async ({ query, variables }) => {
    const filled = variables.replace(/<(\w+)>/g, (_, name: string) => known.get(name) ?? `no ${name} yet`);
    const result = query.startsWith("subscription")
      ? await firstOf(query)
      : await post(query, JSON.parse(filled));
    expect(result).not.toHaveProperty("errors");
    const { data } = result as { data: Record<string, { userErrors?: unknown } | null> };
    for (const field of Object.values(data)) {
      expect(field).not.toBeNull();
      if (field?.userErrors !== undefined) expect(field.userErrors).toEqual([]);
    }
    remember(data, "");
  });

  it("names every user error code", () => {
    expect(userErrorCodes.filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
  });
});
