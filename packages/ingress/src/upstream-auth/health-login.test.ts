import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { CredentialResource, CredentialScheme } from "@latchkey/snapshot";
import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../testing/until.js";
import { aKey, anApi, anIntegration, aRoute, World } from "../testing/world.js";

const SECRET = "secret-of-the-target";
process.env.LATCHKEY_SECRET_HEALTH_TEST = SECRET;
const key = aKey("key_1", "api_1");

function aCredential(scheme: CredentialScheme): CredentialResource {
  const secret = { kind: "reference", reference: "env:LATCHKEY_SECRET_HEALTH_TEST" } as const;
  return { kind: "credential", id: "crd_1", subscriptionId: "sub_1", name: "x", scheme, secret };
}

/** Responds with 401 to requests without a login, and with a token to those for one. */
let target: Server;
let checks: { url: string; isWelcome: boolean }[] = [];
beforeAll(async () => {
  target = createServer((req, res) => {
    if (req.url === "/token") {
      res.setHeader("content-type", "application/json");
      res.end(JSON.stringify({ access_token: SECRET, token_type: "bearer", expires_in: 600 }));
      return;
    }
    const url = new URL(req.url ?? "/", "http://target");
    const { authorization = "", "x-key": header } = req.headers;
    const isWelcome =
      header === SECRET ||
      url.searchParams.get("key") === SECRET ||
      authorization === `Bearer ${SECRET}` ||
      authorization.startsWith("AWS4-HMAC-SHA256 Credential=AKID/");
    if (url.pathname === "/health") checks.push({ url: req.url ?? "", isWelcome });
    res.writeHead(isWelcome ? 200 : 401).end();
  });
  await new Promise<void>((resolve) => target.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  target.closeAllConnections();
  target.close();
});
const origin = () => `http://127.0.0.1:${(target.address() as AddressInfo).port}`;

const schemes: readonly [string, () => CredentialScheme][] = [
  ["header", () => ({ kind: "header", name: "X-Key" })],
  ["query", () => ({ kind: "query", name: "key" })],
  ["aws", () => ({ kind: "aws", region: "eu-north-1", service: "execute-api", accessKeyId: "AKID" })],
  [
    "oauth",
    () => ({
      kind: "oauth",
      tokenUrl: `${origin()}/token`,
      clientId: "c",
      clientAuthentication: "client-secret-post",
      scope: "",
      audience: "",
      resource: "",
      keyId: "",
    }),
  ],
];

it.each(schemes)(
  "a target that demands a login is healthy by checks with a %s credential",
  async (_, scheme) => {
    checks = [];
    const healthCheck = {
      path: "/health?deep=1",
      intervalMs: 100,
      timeoutMs: 5_000,
      unhealthyAfter: 1,
      healthyAfter: 1,
    };
    await using world = await World.of(() => [
      aCredential(scheme()),
      anIntegration("int_1", `${origin()}/orders`, { healthCheck, credentialIds: ["crd_1"], method: "GET" }),
      anApi("api_1", [aRoute("GET", "/orders", "int_1")]),
      key.resource,
    ]);
    const call = async () =>
      (await fetch(`${world.url}/orders`, { headers: { "connxio-api-key": key.secret } })).status;
    expect(await call()).toBe(200);
    await until(() => checks.length >= 3);
    expect(checks.every(({ isWelcome }) => isWelcome)).toBe(true);
    expect(checks[0]?.url).toMatch(/^\/health\?deep=1/);
    expect(await call()).toBe(200);
  },
);
