/** GraphQL over WebSocket, with and without introspection. */
import { join } from "node:path";
import { createLogger } from "@latchkey/observe";
import { createClient } from "graphql-ws";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { runControlPlane } from "./run.js";
import {
  config,
  folder,
  logLines,
  origin,
  raw,
  setUpControlPlane,
  TOKEN,
} from "./testing/control-plane-http.js";

setUpControlPlane();

describe("GraphQL over WebSocket", () => {
  const url = () => `${origin.replace("http", "ws")}/graphql`;
  const client = (connectionParams: Record<string, unknown>, headers: Record<string, string> = {}) =>
    createClient({
      url: url(),
      connectionParams,
      retryAttempts: 0,
      webSocketImpl: class extends WebSocket {
        constructor(address: string, protocols: string[]) {
          super(address, protocols, { headers });
        }
      },
    });
  const ask = async (
    connection: ReturnType<typeof client>,
    query: string,
    variables: Record<string, unknown> = {},
  ) => {
    try {
      for await (const response of connection.iterate({ query, variables })) return response;
      return null;
    } finally {
      await connection.dispose();
    }
  };

  it("takes a token in the connection's parameters, and responds to queries and subscriptions", async () => {
    expect(await ask(client({ authorization: `Bearer ${TOKEN}` }), "{ viewer { actor } }")).toEqual({
      data: { viewer: { actor: "admin" } },
    });
    const first = await ask(
      client({ authorization: `Bearer ${TOKEN}` }),
      "subscription { nodesChanged { id } }",
    );
    expect(first).toEqual({ data: { nodesChanged: [] } });
  });

  it.each([{}, { authorization: "Bearer wrong" }, { "x-csrf-token": "x" }])("refuses %j", async (params) => {
    await expect(ask(client(params), "{ viewer { actor } }")).rejects.toMatchObject({ code: 4403 });
  });

  it("refuses pages of another origin", async () => {
    await expect(
      ask(
        client({ authorization: `Bearer ${TOKEN}` }, { origin: "http://evil.example" }),
        "{ viewer { actor } }",
      ),
    ).rejects.toBeTruthy();
  });

  it("holds operations to the same limits, and masks errors alike", async () => {
    const deep = `{${"a{".repeat(20)}b${"}".repeat(21)}`;
    await expect(ask(client({ authorization: `Bearer ${TOKEN}` }), deep)).rejects.toMatchObject([
      { extensions: { code: "OPERATION_TOO_LARGE" } },
    ]);
    await expect(ask(client({ authorization: `Bearer ${TOKEN}` }), "{ nothing }")).rejects.toMatchObject([
      { extensions: { code: "GRAPHQL_VALIDATION_FAILED" } },
    ]);
    await expect(ask(client({ authorization: `Bearer ${TOKEN}` }), "{")).rejects.toMatchObject([
      { extensions: { code: "GRAPHQL_PARSE_FAILED" } },
    ]);
  });

  it("quotes no value of a wrong variable, in the error and in the log", async () => {
    const query = `mutation ($input: CreateCredentialInput!) { createCredential(input: $input) { credential { id } } }`;
    const input = { subscriptionId: "x", name: "x", secret: { valeu: "s3cret-of-a-variable" } };
    await expect(ask(client({ authorization: `Bearer ${TOKEN}` }), query, { input })).rejects.toEqual([
      expect.objectContaining({
        message: expect.stringMatching(
          /^Variable "\$input" is wrong at "input\.secret": Field "valeu" is not/,
        ),
        extensions: { code: "BAD_USER_INPUT", field: ["input", "secret"] },
      }),
    ]);
    expect(logLines.join("")).not.toContain("s3cret-of-a-variable");
  });
});

describe("GraphQL over WebSocket behind a proxy that drops Upgrade", () => {
  it("is refused with the cause, which the log has once", async () => {
    // As nginx passes a handshake on with `proxy_pass` alone.
    const handshake = [
      "GET /graphql HTTP/1.0",
      `Host: ${new URL(origin).host}`,
      "Connection: close",
      `Origin: ${origin}`,
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      "Sec-WebSocket-Protocol: graphql-transport-ws",
    ];
    const cause = "without its headers Upgrade and Connection: the reverse proxy in front";
    for (let i = 0; i < 2; i++) {
      const response = await raw(`${handshake.join("\r\n")}\r\n\r\n`);
      expect(response).toMatch(/^HTTP\/1\.1 426 .*\r\nupgrade: websocket\r\n.*"code":"UPGRADE_REQUIRED"/is);
      expect(response).toContain(cause);
    }
    expect(logLines.filter((line) => line.includes(cause))).toHaveLength(1);
  });
});

describe("GraphQL over WebSocket without introspection", () => {
  it.each([
    ["which is turned off", { graphql: { introspection: "off" } }],
    ["because others than this machine can reach the port", { http: { port: 0, host: "0.0.0.0" } }],
  ])("shows the schema neither by introspection nor by suggestions, %s", async (_, more) => {
    const closed = await runControlPlane(config({ dataDir: join(folder, "closed"), ...more }), {
      logger: createLogger({ name: "test", stream: { write: () => undefined } }),
    });
    const { port } = new URL(closed.graphqlUrl);
    const ask = async (query: string, variables: Record<string, unknown> = {}) => {
      const connection = createClient({
        url: `ws://127.0.0.1:${port}/graphql`,
        connectionParams: { authorization: `Bearer ${TOKEN}` },
        retryAttempts: 0,
        webSocketImpl: WebSocket,
      });
      try {
        for await (const result of connection.iterate({ query, variables })) return JSON.stringify(result);
        return "";
      } catch (errors) {
        return JSON.stringify(errors);
      } finally {
        await connection.dispose();
      }
    };
    try {
      expect(await ask("{ viewr { actor } }")).toMatch(/Cannot query field/);
      expect(await ask("{ viewr { actor } }")).not.toMatch(/did you mean|viewer/i);
      expect(await ask("{ __schema { types { name } } }")).toMatch(/introspection/i);
      const query = "query Q($mode: KeyMode!) { __typename }";
      expect(await ask(query, { mode: "HEADR" })).not.toMatch(/did you mean/i);
      expect(await ask("{ viewer { actor } }")).toContain("admin");
    } finally {
      await closed.close();
    }
  });
});
