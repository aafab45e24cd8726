/** Runs every example of docs/graphql.md against a control plane, in order, and holds its tables and code to the tests'. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { userErrorCodes } from "@latchkey/core";
import { createClient } from "graphql-ws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { codeBlocks, examples, Placeholders, page } from "./page.js";
import { startServer, type TestServer, TOKEN } from "./server.js";

const placeholders = new Placeholders();
let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server[Symbol.asyncDispose]());

async function firstOf(query: string): Promise<unknown> {
  const client = createClient({
    url: server.url.replace("http", "ws"),
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

describe("docs/graphql.md", () => {
  it("has examples", () => {
    expect(examples.length).toBeGreaterThan(8);
    expect(examples.map(({ name }) => name)).not.toContain("");
  });

  it.each(examples)("runs $name", async ({ query, variables, isLive }) => {
    const result = isLive ? await firstOf(query) : await server.post(query, placeholders.fill(variables));
    expect(result).not.toHaveProperty("errors");
    const { data } = result as { data: Record<string, { userErrors?: unknown } | null> };
    for (const field of Object.values(data)) {
      expect(field).not.toBeNull();
      if (field?.userErrors !== undefined) expect(field.userErrors).toEqual([]);
    }
    placeholders.remember(data);
  });

  it("names every user error code", () => {
    expect(userErrorCodes.filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
  });

  it.each(["urql-client.ts", "apollo-client.ts"])("shows the code of %s, which the tests use", (file) => {
    const [, ...lines] = readFileSync(join(import.meta.dirname, file), "utf8").split("\n");
    expect(codeBlocks).toContain(lines.join("\n"));
  });
});
