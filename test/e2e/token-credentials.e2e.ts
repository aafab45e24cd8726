/**
 * OAuth 2.0 client credentials with a real token server (oidc-provider), and an upstream that demands a key of its own
 * and a bearer token that this server knows.
 */
import { generateKeyPairSync } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  enforced,
  type MadeApi,
  makeApi,
  makeIntegration,
  makeSubscription,
  mutate,
} from "../support/seed.js";
import { Stack } from "../support/stack.js";

const UPSTREAM_KEY = "upstream-key-77aa66bb55cc44dd";
const CLIENT_SECRET = "client-secret-33ee22ff11aa00bb";
const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const PRIVATE_KEY = privateKey.export({ format: "pem", type: "pkcs8" }) as string;

async function listening(): Promise<Server> {
  const server = createServer();
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

describe("token credentials", () => {
  let stack: Stack;
  let tokenServer: Server;
  let upstream: Server;
  let provider: Provider;
  let subscriptionId: string;
  let keyId: string;
  let tokenRequests = 0;
  /** Of the newest request that the upstream took. */
  let accepted: { token: string; scope: string | undefined; body: string } | null = null;

  beforeAll(async () => {
    tokenServer = await listening();
    const client = (
      clientId: string,
      method: "client_secret_basic" | "client_secret_post" | "private_key_jwt",
    ) => ({
      client_id: clientId,
      token_endpoint_auth_method: method,
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
      ...(method === "private_key_jwt"
        ? { jwks: { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "key-1", alg: "ES256" }] } }
        : { client_secret: CLIENT_SECRET }),
    });
    provider = new Provider(urlOf(tokenServer), {
      clients: [
        client("by-basic", "client_secret_basic"),
        client("by-post", "client_secret_post"),
        client("by-key", "private_key_jwt"),
      ],
      features: { clientCredentials: { enabled: true }, devInteractions: { enabled: false } },
      scopes: ["orders"],
      ttl: { ClientCredentials: 600 },
    });
    const handle = provider.callback();
    tokenServer.on("request", (req, res) => {
      if (req.url === "/token") tokenRequests++;
      void handle(req, res);
    });
    upstream = await listening();
    upstream.on("request", (req, res) => {
      const chunks: Buffer[] = [];
      req.on("data", (chunk: Buffer) => chunks.push(chunk));
      req.on("end", () => {
        const token = req.headers.authorization?.replace(/^Bearer /, "") ?? "";
        void provider.ClientCredentials.find(token).then((known) => {
          const isWelcome = req.headers["connxio-api-key"] === UPSTREAM_KEY && known !== undefined;
          if (isWelcome) accepted = { token, scope: known.scope, body: Buffer.concat(chunks).toString() };
          stack.secrets.add(token.length < 3 ? "no token at all" : token);
          res.writeHead(isWelcome ? 200 : 401).end();
        });
      });
    });
    stack = await Stack.start({ nodes: 1 });
    stack.secrets.add(UPSTREAM_KEY).add(CLIENT_SECRET);
    subscriptionId = await makeSubscription(stack);
    keyId = await credential({ header: { name: "Connxio-Api-Key" }, secret: { value: UPSTREAM_KEY } });
  });

  afterAll(async () => {
    await stack?.[Symbol.asyncDispose]();
    upstream?.close();
    tokenServer?.close();
  });

  async function credential(more: object): Promise<string> {
    const payload = await mutate<{ credential: { id: string } }>(
      stack,
      "createCredential",
      { subscriptionId, name: "orders", ...more },
      "credential { id }",
    );
    return payload.credential.id;
  }

  function oauth(clientId: string, clientAuthentication: string, more: object = {}): object {
    const tokenUrl = `${urlOf(tokenServer)}/token`;
    return { oauth: { tokenUrl, clientId, clientAuthentication, scope: "orders", ...more } };
  }

  async function apiWith(...credentialIds: string[]): Promise<MadeApi> {
    const integrationId = await makeIntegration(stack, subscriptionId, "orders", `${urlOf(upstream)}/in`, {
      credentialIds,
    });
    const api = await makeApi(stack, subscriptionId, "Orders", [
      { method: "ANY", path: "/orders", integrationId },
    ]);
    await enforced(stack, api.revision);
    return api;
  }

  async function call(api: MadeApi, body = "an order"): Promise<{ status: number; code: string | null }> {
    const response = await fetch(`${stack.ingress.url}/orders`, {
      method: "POST",
      headers: { "Connxio-Api-Key": api.secret, Authorization: "Bearer of-the-client" },
      body,
    });
    await response.arrayBuffer();
    return { status: response.status, code: response.headers.get("latchkey-error") };
  }

  it.each([
    ["by-basic", "CLIENT_SECRET_BASIC", { value: CLIENT_SECRET }, {}],
    ["by-post", "CLIENT_SECRET_POST", { value: CLIENT_SECRET }, {}],
    ["by-key", "PRIVATE_KEY_JWT", { value: PRIVATE_KEY }, { keyId: "key-1" }],
  ])(
    "reach an upstream that demands its key and a bearer token: %s",
    async (clientId, authentication, secret, more) => {
      const api = await apiWith(
        keyId,
        await credential({ ...oauth(clientId, authentication, more), secret }),
      );
      const before = tokenRequests;
      // All at once: they wait for one token.
      const responses = await Promise.all(Array.from({ length: 20 }, () => call(api)));
      expect(responses).toEqual(responses.map(() => ({ status: 200, code: null })));
      expect(accepted).toMatchObject({ scope: "orders", body: "an order" });
      for (let i = 0; i < 20; i++) expect((await call(api)).status).toBe(200);
      expect(tokenRequests - before).toBe(1);
    },
  );

  it("renew a token that the upstream refuses, within the request", async () => {
    const api = await apiWith(
      keyId,
      await credential({ ...oauth("by-basic", "CLIENT_SECRET_BASIC"), secret: { value: CLIENT_SECRET } }),
    );
    expect((await call(api)).status).toBe(200);
    const revoked = accepted?.token ?? "";
    await (await provider.ClientCredentials.find(revoked))?.destroy();
    // A token of the last five seconds is not renewed for a 401.
    await expect
      .poll(async () => (await call(api, "again")).status, { timeout: 30_000, interval: 500 })
      .toBe(200);
    expect(accepted?.token).not.toBe(revoked);
    expect(accepted?.body).toBe("again");
  });

  it("are fetched once for a node with workers", async () => {
    const node = await stack.addIngress("workers", { LATCHKEY_INGRESS_WORKERS: "2" });
    const api = await apiWith(
      keyId,
      await credential({ ...oauth("by-post", "CLIENT_SECRET_POST"), secret: { value: CLIENT_SECRET } }),
    );
    const before = tokenRequests;
    // A connection each, so that both workers get some.
    const statuses = await Promise.all(
      Array.from({ length: 60 }, async () => {
        const headers = { "Connxio-Api-Key": api.secret };
        const response = await fetch(`${node.url}/orders`, { method: "POST", headers, body: "an order" });
        await response.arrayBuffer();
        return response.status;
      }),
    );
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(tokenRequests - before).toBe(1);
  });

  it("stay when a node is removed, though all secrets are encrypted anew", async () => {
    const api = await apiWith(
      keyId,
      await credential({ ...oauth("by-post", "CLIENT_SECRET_POST"), secret: { value: CLIENT_SECRET } }),
    );
    expect((await call(api)).status).toBe(200);
    const token = accepted?.token;
    const removed = await stack.makeNode("removed");
    const { revision } = await mutate(stack, "deleteNode", { id: removed.id }, "deletedNodeId");
    await enforced(stack, revision);
    expect((await call(api)).status).toBe(200);
    expect(accepted?.token).toBe(token);
  });

  it("cost only their integrations when the token server gives none", async () => {
    const wrong = await credential({
      ...oauth("by-basic", "CLIENT_SECRET_BASIC"),
      secret: { value: "wrong-secret" },
    });
    expect(await call(await apiWith(keyId, wrong))).toEqual({
      status: 502,
      code: "upstream.token_unavailable",
    });
    const closed = await listening();
    const tokenUrl = `${urlOf(closed)}/token`;
    await new Promise((resolve) => closed.close(resolve));
    const down = await credential({
      ...oauth("by-basic", "CLIENT_SECRET_BASIC", { tokenUrl }),
      secret: { value: CLIENT_SECRET },
    });
    const api = await apiWith(keyId, down);
    expect(await call(api)).toEqual({ status: 502, code: "upstream.token_unavailable" });
    expect(await call(api)).toEqual({ status: 502, code: "upstream.token_unavailable" });
    const good = await credential({
      ...oauth("by-post", "CLIENT_SECRET_POST"),
      secret: { value: CLIENT_SECRET },
    });
    expect((await call(await apiWith(keyId, good))).status).toBe(200);
  });

  it("are refused beside another one that sets the same header", async () => {
    const first = await credential({
      ...oauth("by-post", "CLIENT_SECRET_POST"),
      secret: { value: CLIENT_SECRET },
    });
    const second = await credential({ basic: { userName: "x" }, secret: { value: CLIENT_SECRET } });
    await expect(apiWith(first, second)).rejects.toThrow("Two of the credentials set the same");
  });
});
