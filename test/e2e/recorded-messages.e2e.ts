/**
 * Recorded headers and bodies on real parts: a node with two workers, integrations with credentials that send back whatever they
 * get, and the trail in SQLite and in PostgreSQL. No recorded message has a secret, and the database has neither a secret nor a
 * body in clear.
 */
import { readdirSync, readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { eventually, Upstream } from "@latchkey/testkit";
import { hasPostgres, TestPostgres } from "@latchkey/testkit/postgres";
import { describe, expect, it } from "vitest";
import {
  enforced,
  type MadeApi,
  makeApi,
  makeIntegration,
  makeSubscription,
  mutate,
} from "../support/seed.js";
import { Stack } from "../support/stack.js";

const QUERY_SECRET = "query-secret/5f4e3d2c&x=1";
const BASIC_SECRET = "basic-secret-11223344";
const CLIENT_SECRET = "client-secret-33ee22ff";
const TOKEN = "token-of-the-token-server-77aa";
const OF_CLIENT = ["client-bearer-9911", "client-query-8822", "client-password-7733"];
/** In all forms in which they are sent. */
const SECRETS = [
  QUERY_SECRET,
  encodeURIComponent(QUERY_SECRET),
  BASIC_SECRET,
  Buffer.from(`latchkey:${BASIC_SECRET}`).toString("base64"),
  CLIENT_SECRET,
  TOKEN,
  ...OF_CLIENT,
];
const IN_BODY = "only-in-the-body-6644";
const REQUESTS_EACH = 5;

/** Over a connection of its own, so that both workers get some. */
function post(url: string, secret: string): Promise<string> {
  const headers = {
    "connxio-api-key": secret,
    authorization: `Bearer ${OF_CLIENT[0]}`,
    "content-type": "application/json",
  };
  return new Promise((resolve, reject) => {
    const sent = httpRequest(`${url}?token=${OF_CLIENT[1]}&page=2`, {
      method: "POST",
      headers,
      agent: false,
    });
    sent.on("response", (res) => {
      let text = "";
      res.setEncoding("utf8");
      res.on("data", (chunk: string) => {
        text += chunk;
      });
      res.on("end", () => resolve(text));
    });
    sent.on("error", reject);
    sent.end(JSON.stringify({ note: IN_BODY, password: OF_CLIENT[2] }));
  });
}

function bytesOf(dir: string): string {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((file) => readFileSync(join(file.parentPath, file.name)).toString("latin1")).join("\n");
}

interface Recorded {
  readonly path: string;
  readonly contentMissing: string | null;
  readonly content: {
    readonly request: { readonly target: string; readonly body: string };
    readonly upstreamRequest: { readonly target: string } | null;
    readonly response: { readonly body: string } | null;
  } | null;
}

describe.each(["sqlite", "postgres"] as const)("messages recorded in %s", (kind) => {
  it.skipIf(kind === "postgres" && !hasPostgres())(
    "have no secret of client or integration, and are nowhere in clear",
    async () => {
      using postgres = kind === "postgres" ? new TestPostgres() : null;
      await using upstream = await Upstream.start({
        behaviour: ({ target, headers, body, header }) => ({
          headers: ["content-type", "text/plain", "x-echo", header("authorization") ?? ""],
          body: JSON.stringify({ target, headers, body: body.toString() }),
        }),
      });
      await using tokens = await Upstream.start({
        behaviour: () => ({
          headers: ["content-type", "application/json"],
          body: JSON.stringify({ access_token: TOKEN, token_type: "Bearer", expires_in: 600 }),
        }),
      });
      await using stack = await Stack.start({
        ingressEnv: { LATCHKEY_INGRESS_WORKERS: "2" },
        controlPlaneEnv: postgres === null ? {} : { LATCHKEY_CONTROL_PLANE_DATABASE_URL: postgres.url },
      });
      for (const secret of SECRETS) stack.secrets.add(secret);

      const subscriptionId = await makeSubscription(stack);
      const recordedApi = async (name: string, scheme: object, secret: string): Promise<MadeApi> => {
        const { credential } = await mutate<{ credential: { id: string } }>(
          stack,
          "createCredential",
          { subscriptionId, name, ...scheme, secret: { value: secret } },
          "credential { id }",
        );
        const integrationId = await makeIntegration(stack, subscriptionId, name, `${upstream.url}/in`, {
          credentialIds: [credential.id],
        });
        const path = `/recorded-${name}`;
        const api = await makeApi(stack, subscriptionId, name, [{ method: "POST", path, integrationId }]);
        const { revision } = await mutate(
          stack,
          "updateApi",
          { id: api.id, recording: { forSeconds: 3_600 } },
          "api { recording { startedBy } }",
        );
        await enforced(stack, revision);
        return api;
      };
      const tokenUrl = `${tokens.url}/token`;
      const apis = [
        ["query", await recordedApi("query", { query: { name: "partner" } }, QUERY_SECRET)],
        ["basic", await recordedApi("basic", { basic: { userName: "latchkey" } }, BASIC_SECRET)],
        [
          "oauth",
          await recordedApi(
            "oauth",
            { oauth: { tokenUrl, clientId: "latchkey", clientAuthentication: "CLIENT_SECRET_POST" } },
            CLIENT_SECRET,
          ),
        ],
      ] as const;
      for (const [name, api] of apis)
        for (let i = 0; i < REQUESTS_EACH; i++)
          expect(await post(`${stack.ingress.url}/recorded-${name}`, api.secret)).toContain(IN_BODY);

      const messages = await eventually(
        async () => {
          const found = await stack.graphql<{ messages: { nodes: Recorded[] } }>(
            `{ messages(first: 100) { nodes { path contentMissing content {
            request { target headers { name value } body } response { headers { name value } body }
            upstreamRequest { target headers { name value } } upstreamResponse { headers { name value } }
          } } } }`,
          );
          if (found.messages.nodes.length >= apis.length * REQUESTS_EACH) return found.messages.nodes;
          // On a busy machine a report is lost with its stream; this test is not about that.
          for (const [name, api] of apis) await post(`${stack.ingress.url}/recorded-${name}`, api.secret);
          return undefined;
        },
        "as many requests are in the trail",
        { everyMs: 3_000 },
      );
      for (const { path, contentMissing, content } of messages) {
        expect(contentMissing).toBeNull();
        expect(content?.request.target).toBe(`${path}?token=•••&page=2`);
        expect(JSON.parse(content?.request.body ?? "")).toEqual({ note: IN_BODY, password: "•••" });
        expect(content?.upstreamRequest?.target).toMatch(/^\/in\?token=•••&page=2/);
        expect(content?.response?.body).toContain(IN_BODY);
      }
      const shown = JSON.stringify(messages);
      const keys = apis.map(([, { secret }]) => secret);
      expect([...SECRETS, ...keys].filter((secret) => shown.includes(secret))).toEqual([]);

      // The log of changes to the database's files has them as well.
      const stored = bytesOf(postgres === null ? stack.dataDir : postgres.dir);
      expect(stored.includes("/recorded-oauth")).toBe(true);
      expect([...SECRETS, ...keys, IN_BODY].filter((text) => stored.includes(text))).toEqual([]);
    },
  );
});
