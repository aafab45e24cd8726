/** What integrations log in with, while it changes under load: tokens that end all the time, and secrets that are replaced. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect } from "vitest";
import {
  enforced,
  type MadeApi,
  makeApi,
  makeIntegration,
  makeSubscription,
  mutate,
} from "../support/seed.js";
import { Stack } from "../support/stack.js";
import { fault } from "./support/fault.js";
import { rounds } from "./support/mode.js";
import { Traffic } from "./support/traffic.js";

/** The node that a request went through; test clients tell. */
const NODE_HEADER = "x-node";
/** Requests at once for each node. */
const CLIENTS = 4;
const PAUSE_MS = 5;

/** Gives a token for each request, and takes requests that have one of them. */
class TokenTarget implements AsyncDisposable {
  readonly #server: Server;
  readonly #lifeSeconds: number;
  /** When it was given. */
  readonly #givenAtMs = new Map<string, number>();
  /** The tokens that each node has used. */
  readonly usedBy = new Map<string, Set<string>>();
  tokenRequests = 0;
  /** Of a token when a request came with it. */
  oldestMs = 0;

  private constructor(server: Server, lifeSeconds: number) {
    this.#server = server;
    this.#lifeSeconds = lifeSeconds;
    server.on("request", (req, res) => {
      if (req.url === "/token") {
        this.tokenRequests++;
        const token = `token-${this.tokenRequests}-5e1f7a`;
        this.#givenAtMs.set(token, performance.now());
        res.setHeader("content-type", "application/json");
        res.end(JSON.stringify({ access_token: token, token_type: "Bearer", expires_in: this.#lifeSeconds }));
        return;
      }
      const token = req.headers.authorization?.replace(/^Bearer /, "") ?? "";
      const givenAtMs = this.#givenAtMs.get(token);
      if (givenAtMs === undefined) {
        res.writeHead(401).end();
        return;
      }
      this.oldestMs = Math.max(this.oldestMs, performance.now() - givenAtMs);
      const node = String(req.headers[NODE_HEADER]);
      const used = this.usedBy.get(node) ?? new Set();
      this.usedBy.set(node, used.add(token));
      res.end("ok");
    });
  }

  static async start(lifeSeconds: number): Promise<TokenTarget> {
    const server = createServer();
    server.keepAliveTimeout = 60_000;
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new TokenTarget(server, lifeSeconds);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** By the node that has used the fewest. */
  get renewals(): number {
    return Math.min(...[...this.usedBy.values()].map(({ size }) => size)) - 1;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }
}

async function apiWith(
  stack: Stack,
  subscriptionId: string,
  url: string,
  credential: object,
): Promise<{ readonly api: MadeApi; readonly credentialId: string }> {
  const made = await mutate<{ credential: { id: string } }>(
    stack,
    "createCredential",
    { subscriptionId, name: "orders", ...credential },
    "credential { id }",
  );
  const credentialId = made.credential.id;
  const integrationId = await makeIntegration(stack, subscriptionId, "orders", url, {
    credentialIds: [credentialId],
  });
  const api = await makeApi(stack, subscriptionId, "Orders", [
    { method: "GET", path: "/orders", integrationId },
  ]);
  await enforced(stack, api.revision);
  return { api, credentialId };
}

/** Clients that send through each node. */
function trafficTo(stack: Stack, { secret }: MadeApi): Traffic {
  const nodes = stack.ingresses;
  return new Traffic(
    CLIENTS * nodes.length,
    (client) => {
      const node = nodes[client % nodes.length];
      return { url: `${node?.url}/orders`, key: secret, headers: { [NODE_HEADER]: node?.name ?? "" } };
    },
    PAUSE_MS,
  );
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe("credentials", () => {
  const renewals = rounds(4, 50);
  const requests = rounds(500, 10_000);
  fault(
    {
      row: "76",
      fault: "tokens of an integration end all the time, on two nodes, one of them with workers",
      holds: "no request fails, and each node asks for one token for each renewal",
      target: `${requests} requests over ${renewals} renewals with 0 failures`,
    },
    async () => {
      await using target = await TokenTarget.start(1);
      await using stack = await Stack.start({ nodes: 1 });
      await stack.addIngress("workers", { LATCHKEY_INGRESS_WORKERS: "2" });
      stack.secrets.add("client-secret-2f6b8d");
      const { api } = await apiWith(stack, await makeSubscription(stack), `${target.url}/in`, {
        oauth: {
          tokenUrl: `${target.url}/token`,
          clientId: "c",
          clientAuthentication: "CLIENT_SECRET_POST",
        },
        secret: { value: "client-secret-2f6b8d" },
      });
      const traffic = trafficTo(stack, api);
      await until(() => target.usedBy.size === 2 && target.renewals >= renewals && traffic.sent >= requests);
      const { sent, lost, reasons } = await traffic.stop();
      expect(reasons).toEqual([]);
      const used = [...target.usedBy.values()].map(({ size }) => size);
      const [first = new Set(), second = new Set()] = target.usedBy.values();
      expect([...first].filter((token) => second.has(token))).toEqual([]);
      // One that was fetched last may have had no request.
      const unused = target.tokenRequests - used.reduce((sum, size) => sum + size, 0);
      expect(unused).toBeLessThanOrEqual(used.length);
      return `${sent} requests, ${lost} failed; ${used.join(" and ")} tokens used of ${target.tokenRequests} asked for; the oldest was ${Math.round(target.oldestMs)} ms old`;
    },
  );

  fault(
    {
      row: "77",
      fault: "a secret is replaced under load, on two nodes, one of them with workers",
      holds: "every node sends the new one, no request fails, and none has the old one after the receipt",
      target: "in use on all nodes within 1 s of the mutation",
    },
    async () => {
      const seen: { readonly node: string; readonly secret: string; readonly atMs: number }[] = [];
      const server = createServer((req, res) => {
        const node = String(req.headers[NODE_HEADER]);
        seen.push({ node, secret: String(req.headers["x-api-key"]), atMs: performance.now() });
        res.end("ok");
      });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      try {
        await using stack = await Stack.start({ nodes: 1 });
        await stack.addIngress("workers", { LATCHKEY_INGRESS_WORKERS: "2" });
        const secrets = Array.from({ length: rounds(4, 20) }, (_, i) => `rotated-secret-${i}-3c9a1e`);
        for (const secret of secrets) stack.secrets.add(secret);
        const { port } = server.address() as AddressInfo;
        const url = `http://127.0.0.1:${port}/in`;
        const { api, credentialId } = await apiWith(stack, await makeSubscription(stack), url, {
          header: { name: "X-Api-Key" },
          secret: { value: secrets[0] },
        });
        const traffic = trafficTo(stack, api);
        await traffic.more(50);
        let slowestMs = 0;
        for (const secret of secrets.slice(1)) {
          seen.length = 0;
          const sentAtMs = performance.now();
          const { receipt } = await mutate<{ receipt: { complete: boolean } }>(
            stack,
            "updateCredential",
            { id: credentialId, secret: { value: secret } },
            "receipt(nodes: ALL, timeoutMs: 30000) { complete }",
          );
          const receiptAtMs = performance.now();
          expect(receipt.complete).toBe(true);
          // Those that were under way when the receipt came are over.
          await traffic.more(2 * CLIENTS * stack.ingresses.length);
          const settledAt = seen.length;
          await traffic.more(2 * CLIENTS * stack.ingresses.length);
          const late = seen.slice(settledAt);
          expect(new Set(late.map(({ node }) => node)).size).toBe(2);
          expect(new Set(late.map((request) => request.secret))).toEqual(new Set([secret]));
          const old = seen.filter((request) => request.secret !== secret).map(({ atMs }) => atMs);
          slowestMs = Math.max(slowestMs, receiptAtMs - sentAtMs, Math.max(sentAtMs, ...old) - sentAtMs);
        }
        const { sent, reasons } = await traffic.stop();
        expect(reasons).toEqual([]);
        expect(slowestMs).toBeLessThan(10_000);
        return `${secrets.length - 1} times: ${Math.round(slowestMs)} ms at most from the mutation's sending to its receipt and the last request with the old secret; ${sent} requests, 0 failed`;
      } finally {
        server.closeAllConnections();
        server.close();
      }
    },
  );
});
