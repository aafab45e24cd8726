/** Token servers that respond wrongly, through a whole node: what clients get, what is logged, and what is asked again. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { CredentialResource } from "@latchkey/snapshot";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { aKey, anApi, anIntegration, aRoute, World } from "../testing/world.js";

const SECRET = "client_secret_that_a_server_repeats";
process.env.LATCHKEY_SECRET_HOSTILE_TEST = SECRET;
const key = aKey("key_1", "api_1");

type Respond = (req: IncomingMessage, res: ServerResponse, body: string) => void;

const json = (res: ServerResponse, status: number, value: unknown, text = JSON.stringify(value)): void => {
  res.writeHead(status, { "content-type": "application/json" }).end(text);
};
const token = { access_token: "a-token", token_type: "Bearer", expires_in: 600 };

let server: Server;
let respond: Respond;
let asked: string[] = [];
/** Of the requests that came to the target. */
let bearers: (string | undefined)[] = [];

beforeAll(async () => {
  server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => {
      if (req.url === "/in") {
        bearers.push(req.headers.authorization);
        res.end();
        return;
      }
      asked.push(`${req.method} ${req.url}`);
      respond(req, res, Buffer.concat(chunks).toString());
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
beforeEach(() => {
  asked = [];
  bearers = [];
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

function worldOf(): Promise<World> {
  const credential: CredentialResource = {
    kind: "credential",
    id: "crd_1",
    subscriptionId: "sub_1",
    name: "x",
    scheme: {
      kind: "oauth",
      tokenUrl: `${origin()}/token`,
      clientId: "c",
      clientAuthentication: "client-secret-post",
      scope: "",
      audience: "",
      resource: "",
      keyId: "",
    },
    secret: { kind: "reference", reference: "env:LATCHKEY_SECRET_HOSTILE_TEST" },
  };
  return World.of(() => [
    credential,
    anIntegration("int_1", `${origin()}/in`, { credentialIds: ["crd_1"] }),
    anIntegration("int_2", `${origin()}/in`),
    anApi("api_1", [aRoute("GET", "/orders", "int_1"), aRoute("GET", "/other", "int_2")]),
    key.resource,
  ]);
}

async function call(world: World, path: string): Promise<string> {
  const response = await fetch(world.url + path, { headers: { "connxio-api-key": key.secret } });
  const text = await response.text();
  expect(text).not.toContain(SECRET);
  return `${response.status} ${response.headers.get("latchkey-error") ?? ""}`.trim();
}

const wrong: readonly (readonly [string, Respond])[] = [
  ["500", (_, res) => void res.writeHead(500).end(`cannot read ${SECRET}`)],
  [
    "200 without JSON",
    (_, res) => void res.writeHead(200, { "content-type": "text/html" }).end("<p>log in</p>"),
  ],
  ["JSON that is none", (_, res) => json(res, 200, null, `{"access_token": "${SECRET}`)],
  ["204", (_, res) => void res.writeHead(204).end()],
  ["more than it may have", (_, res) => json(res, 200, { ...token, pad: "x".repeat(1_000_000) })],
  ["a redirect to another place", (_, res) => void res.writeHead(307, { location: "/elsewhere" }).end()],
  [
    "an error that repeats the request",
    (_, res, body) => json(res, 400, { error: body, error_description: body }),
  ],
  [
    "a challenge that repeats the secret",
    (_, res) => void res.writeHead(401, { "www-authenticate": `Basic realm="${SECRET}"` }).end(),
  ],
  ["no type of token", (_, res) => json(res, 200, { access_token: "a", expires_in: 60 })],
  ["another type of token", (_, res) => json(res, 200, { ...token, token_type: "mac" })],
  ["a token that is no text", (_, res) => json(res, 200, { ...token, access_token: { a: 1 } })],
  ["a token with a line break", (_, res) => json(res, 200, { ...token, access_token: "a\r\nX-Admin: true" })],
  ["an empty token", (_, res) => json(res, 200, { ...token, access_token: "" })],
  ["a life below zero", (_, res) => json(res, 200, { ...token, expires_in: -5 })],
  ["a life that is no number", (_, res) => json(res, 200, { ...token, expires_in: "soon" })],
  ["a connection that breaks", (_, res) => void res.socket?.destroy()],
  [
    "half a response",
    (_, res) => {
      res.writeHead(200, { "content-type": "application/json", "content-length": "500" }).write("{");
      setImmediate(() => res.socket?.destroy());
    },
  ],
];

it.each(wrong)(
  "a token server with %s costs its integrations 502, and nobody else",
  async (_, respondWrongly) => {
    respond = respondWrongly;
    await using world = await worldOf();
    expect(await call(world, "/orders")).toBe("502 upstream.token_unavailable");
    // Remembered: it is not asked again for each request.
    expect(await call(world, "/orders")).toBe("502 upstream.token_unavailable");
    expect(asked).toEqual(["POST /token"]);
    expect(bearers).toEqual([]);
    expect(await call(world, "/other")).toBe("200");
    const logged = world.logLines.join("");
    expect(logged).toContain("a token server gives no token");
    expect(logged).not.toContain(SECRET);
  },
);

it("logs the code that a token server gives, where it is a registered one", async () => {
  respond = (_req, res) => json(res, 400, { error: "invalid_scope", error_description: SECRET });
  await using world = await worldOf();
  expect(await call(world, "/orders")).toBe("502 upstream.token_unavailable");
  const logged = world.logLines.join("");
  expect(logged).toContain('"tokenError":"invalid_scope"');
  expect(logged).not.toContain(SECRET);
});

it.each([
  ["0", { ...token, expires_in: 0 }],
  ["missing", { access_token: "a-token", token_type: "Bearer" }],
  ["a text", { ...token, expires_in: "600" }],
  ["beyond any time", { ...token, expires_in: 1e300 }],
])("a life of a token that is %s is taken", async (_, value) => {
  respond = (_req, res) => json(res, 200, value);
  await using world = await worldOf();
  expect(await call(world, "/orders")).toBe("200");
  expect(await call(world, "/orders")).toBe("200");
  expect(bearers).toEqual(["Bearer a-token", "Bearer a-token"]);
  expect(asked).toEqual(["POST /token"]);
});

it("a token server that does not respond holds its own requests up, and no others", async () => {
  let release = (): void => undefined;
  const isAsked = new Promise<void>((resolve) => {
    respond = (_req, res) => {
      release = () => json(res, 200, token);
      resolve();
    };
  });
  await using world = await worldOf();
  const waiting = Promise.all(Array.from({ length: 50 }, () => call(world, "/orders")));
  await isAsked;
  expect(await call(world, "/other")).toBe("200");
  release();
  expect(new Set(await waiting)).toEqual(new Set(["200"]));
  expect(asked).toEqual(["POST /token"]);
});
