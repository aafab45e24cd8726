/** Runs every example of docs/graphql.md and README.md against a control plane, in order, and compares tables and code. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { userErrorCodes } from "@latchkey/core";
import { buildSchema, getNamedType, isInputObjectType } from "graphql";
import { createClient } from "graphql-ws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { codeBlocks, type Example, examples, Placeholders, page, readmeExamples } from "./page.js";
import { startServer, type TestServer, TOKEN } from "./server.js";

const schema = buildSchema(
  readFileSync(join(import.meta.dirname, "../../../packages/control-plane/schema.graphql"), "utf8"),
);
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

const twoCreations = `mutation {
  a: createSubscription(input: { name: "a" }) { revision { number } }
  b: createSubscription(input: { name: "b" }) { revision { number } }
}`;

function json(body: unknown, headers: Readonly<Record<string, string>> = {}): RequestInit {
  return {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${TOKEN}`, ...headers },
    body: JSON.stringify(body),
  };
}

/** The second column of the row that names the code, below "Errors of the request". */
function statusesOf(code: string): readonly string[] {
  const [, section = ""] = page.split("## Errors of the request");
  const row = section.split("\n").find((line) => line.startsWith("| `") && line.includes(`\`${code}\``));
  return row?.split("|")[2]?.match(/\d{3}/g) ?? [];
}

async function runs({ query, variables, isLive }: Example): Promise<void> {
  const result = isLive ? await firstOf(query) : await server.post(query, placeholders.fill(variables));
  expect(result).not.toHaveProperty("errors");
  const { data } = result as { data: Record<string, { userErrors?: unknown } | null> };
  for (const field of Object.values(data)) {
    expect(field).not.toBeNull();
    if (field?.userErrors !== undefined) expect(field.userErrors).toEqual([]);
  }
  placeholders.remember(data);
}

describe("docs/graphql.md", () => {
  it("has examples", () => {
    expect(examples.length).toBeGreaterThan(8);
    expect(examples.map(({ name }) => name)).not.toContain("");
  });

  it.each(examples)("runs $name", runs);

  it("names every user error code", () => {
    expect(userErrorCodes.filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
  });

  it("has `expectedVersion`, never required, on all changes but those of nodes and sessions", () => {
    const without: string[] = [];
    for (const { name, args } of Object.values(schema.getMutationType()?.getFields() ?? {})) {
      const input = getNamedType(args[0]?.type);
      const expected = isInputObjectType(input) ? input.getFields().expectedVersion : undefined;
      expect([name, String(expected?.type ?? "Int")]).toEqual([name, "Int"]);
      if (expected === undefined && /^(add|delete|regenerate|remove|update)/.test(name)) without.push(name);
    }
    expect(without).toEqual(["deleteNode", "regenerateNodeToken"]);
  });

  it.each<[code: string, status: number, init: RequestInit, path?: string]>([
    ["UNAUTHENTICATED", 401, json({ query: "{ viewer { __typename } }" }, { authorization: "" })],
    ["GRAPHQL_PARSE_FAILED", 400, json({ query: "{" })],
    ["GRAPHQL_VALIDATION_FAILED", 400, json({ query: "{ nothing }" })],
    ["BAD_USER_INPUT", 200, json({ query: "{ apis(first: 101) { totalCount } }" })],
    ["BAD_USER_INPUT", 400, json({ query: "query($n: Int!) { apis(first: $n) { totalCount } }" })],
    ["BAD_REQUEST", 400, json([])],
    ["BAD_REQUEST", 400, json({ query: "{ viewer { __typename } }" }, { "idempotency-key": "a b" })],
    ["BAD_REQUEST", 400, json({ query: twoCreations }, { "idempotency-key": "two" })],
    [
      "OPERATION_RESOLUTION_FAILURE",
      400,
      json({ query: "query A { viewer { actor } }", operationName: "B" }),
    ],
    [
      "PERSISTED_QUERY_NOT_SUPPORTED",
      200,
      json({ extensions: { persistedQuery: { version: 1, sha256Hash: "" } } }),
    ],
    ["OPERATION_TOO_LARGE", 400, json({ query: `{${" viewer { __typename }".repeat(2_000)} }` })],
    ["ORIGIN_REFUSED", 403, { method: "OPTIONS", headers: { "sec-fetch-site": "cross-site" } }],
    ["NOT_FOUND", 404, json({}), "/graphql/"],
    ["METHOD_NOT_ALLOWED", 405, { method: "PUT" }],
    [
      "PAYLOAD_TOO_LARGE",
      413,
      json({ query: "{ viewer { __typename } }", variables: { x: "x".repeat(6_000_000) } }),
    ],
    ["UNSUPPORTED_MEDIA_TYPE", 415, json({}, { "content-type": "text/plain" })],
  ])("has %s with the status %i", async (code, status, init, path = "/graphql") => {
    const response = await fetch(new URL(path, server.url), init);
    const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
    expect([errors[0]?.extensions.code, response.status]).toEqual([code, status]);
    expect(statusesOf(code)).toContain(String(status));
  });

  it("names OPTIONS as a method to whom no page asks for", async () => {
    const response = await fetch(server.url, { method: "OPTIONS" });
    expect([response.status, response.headers.get("allow")]).toEqual([204, "GET, POST, OPTIONS"]);
  });

  it.each(["urql-client.ts", "apollo-client.ts"])("shows the code of %s, which the tests use", (file) => {
    const [, ...lines] = readFileSync(join(import.meta.dirname, file), "utf8").split("\n");
    expect(codeBlocks).toContain(lines.join("\n"));
  });
});

describe("README.md", () => {
  it("has the first integration and the first API", () => {
    expect(readmeExamples.map(({ name }) => name)).toEqual(["FirstIntegration", "FirstApi"]);
  });

  it.each(readmeExamples)("runs $name", runs);
});
