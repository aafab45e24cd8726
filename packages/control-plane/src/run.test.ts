import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@latchkey/observe";
import { createClient } from "graphql-ws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { controlPlaneSchema } from "./config.js";
import { type ControlPlane, runControlPlane } from "./run.js";
import { type Json, SETUP_MS_MAX } from "./testing/fixture.js";

const TOKEN = "an-admin-token-of-the-tests";
const ALICE = "alices-own-token-of-the-tests";
let folder: string;
let controlPlane: ControlPlane;
let origin: string;
const logLines: string[] = [];

const config = (more: Record<string, unknown> = {}) =>
  controlPlaneSchema.parse({
    dataDir: join(folder, "data"),
    adminToken: TOKEN,
    operators: [`alice=${createHash("sha256").update(ALICE).digest("hex")}`],
    sealingKey: Buffer.alloc(32, 1).toString("base64"),
    http: { port: 0, consoleDir: join(folder, "console"), bodyBytesMax: 65_536 },
    grpc: { port: 0 },
    ingressUrl: "http://127.0.0.1:8080",
    ...more,
  });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "latchkey-run-"));
  mkdirSync(join(folder, "console/assets"), { recursive: true });
  writeFileSync(join(folder, "console/index.html"), "<!doctype html><title>Console</title>");
  writeFileSync(join(folder, "console/assets/index-Ab3dEf9h.js"), `export {};${" ".repeat(5000)}`);
  writeFileSync(join(folder, "secret.txt"), "not for anybody");
  const logger = createLogger({ name: "test", stream: { write: (line: string) => logLines.push(line) } });
  controlPlane = await runControlPlane(config(), { logger });
  origin = new URL(controlPlane.graphqlUrl).origin;
}, SETUP_MS_MAX);
afterAll(async () => {
  await controlPlane.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Options {
  readonly token?: string | null;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

function post(path: string, { token = TOKEN, headers = {}, body }: Options): Promise<Response> {
  return fetch(origin + path, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: JSON.stringify(body ?? {}),
  });
}

async function graphql(query: string, options: Options = {}): Promise<Json> {
  const response = await post("/graphql", { ...options, body: { query } });
  return { status: response.status, headers: response.headers, ...((await response.json()) as object) };
}

/** Bytes as they are, for what fetch would not send. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let response = "";
    socket.on("data", (chunk) => {
      response += chunk.toString();
    });
    socket.on("close", () => resolve(response));
    socket.on("error", reject);
    setTimeout(() => socket.end(), 300).unref();
  });
}

describe("compression", () => {
  const long = `{ __schema { types { name description } } }`;
  const encodingOf = async (query: string, accepted: string) => {
    const response = await post("/graphql", { headers: { "accept-encoding": accepted }, body: { query } });
    expect((await response.json()) as object).toHaveProperty("data");
    return response.headers.get("content-encoding");
  };

  it("is used for responses to queries, as the client accepts it", async () => {
    expect(await encodingOf(long, "gzip, deflate, br")).toBe("br");
    expect(await encodingOf(long, "gzip")).toBe("gzip");
    expect(await encodingOf(long, "br;q=0, identity")).toBeNull();
    expect(await encodingOf("{ viewer { actor } }", "br")).toBeNull();
  });

  it("is never used for a response that may hold a secret: those to mutations and to a sign-in", async () => {
    const mutation = `mutation { createSubscription(input: {name: "${"a".repeat(99)}"}) { userErrors { message } subscription { id ${Array.from({ length: 9 }, (_, i) => `n${i}: name`).join(" ")} m0: name m1: name m2: name m3: name m4: name } } }`;
    expect(await encodingOf(mutation, "br")).toBeNull();
    const signIn = await post("/session", {
      token: null,
      headers: { "accept-encoding": "br" },
      body: { token: TOKEN },
    });
    expect(await signIn.json()).toHaveProperty("csrfToken");
    expect(signIn.headers.get("content-encoding")).toBeNull();
  });
});

describe("GraphQL over HTTP", () => {
  it("accepts requests with a token, and tells the operators apart", async () => {
    expect(await graphql("{ viewer { actor } }")).toMatchObject({
      status: 200,
      data: { viewer: { actor: "admin" } },
    });
    expect(await graphql("{ viewer { actor } }", { token: ALICE })).toMatchObject({
      data: { viewer: { actor: "alice" } },
    });
    expect((await graphql("{ server { version ingressUrl keyHeader canRecover } }")).data.server).toEqual({
      version: "0.1.0",
      ingressUrl: "http://127.0.0.1:8080",
      keyHeader: "Connxio-Api-Key",
      canRecover: true,
    });
  });

  it.each([null, "wrong", `${TOKEN}x`, ""])(
    "refuses the token %j with UNAUTHENTICATED, whatever is asked",
    async (token) => {
      const response = await graphql("{ nothing of this parses", { token });
      expect(response).toMatchObject({ status: 401, errors: [{ extensions: { code: "UNAUTHENTICATED" } }] });
      expect(response.headers.get("www-authenticate")).toContain("Bearer");
      expect(response.data).toBeUndefined();
    },
  );

  it("takes queries by GET with a header that no other site can make a browser send, and no mutations", async () => {
    const url = `${origin}/graphql?query=${encodeURIComponent("{viewer{actor}}")}`;
    expect((await fetch(url)).status).toBe(401);
    const asked = await fetch(url, { headers: { authorization: `Bearer ${TOKEN}` } });
    expect(await asked.json()).toEqual({ data: { viewer: { actor: "admin" } } });
    const mutation = await fetch(
      `${origin}/graphql?query=${encodeURIComponent('mutation{createSubscription(input:{name:"x"}){revision{number}}}')}`,
      { headers: { authorization: `Bearer ${TOKEN}` } },
    );
    expect(mutation.status).toBe(405);
  });

  it("takes only JSON, only so much of it, and only one operation a request", async () => {
    expect((await post("/graphql", { headers: { "content-type": "text/plain" }, body: {} })).status).toBe(
      415,
    );
    expect((await post("/graphql", { body: { query: "#".repeat(70_000) } })).status).toBe(413);
    expect((await post("/graphql", { body: [{ query: "{viewer{actor}}" }] })).status).toBe(400);
    // The import of a document may be larger.
    const query = "mutation($input:ImportOpenApiInput!){importOpenApi(input:$input){userErrors{code}}}";
    const large = { query, variables: { input: { document: "#".repeat(70_000) } } };
    expect((await post("/graphql", { body: large })).status).toBe(200);
    expect((await post("/graphql", { body: { ...large, query: "{viewer{actor}}" } })).status).toBe(413);
    const broken = await fetch(`${origin}/graphql`, {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
      body: "{",
    });
    expect(broken.status).toBe(400);
  });

  it("refuses hostile operations quickly, before they are validated", async () => {
    for (const query of [
      `{${"a{".repeat(20)}b${"}".repeat(21)}`,
      `{ ${Array.from({ length: 60 }, (_, i) => `x${i}: viewer { actor }`).join(" ")} }`,
      `{ ${"viewer { actor } ".repeat(200)} }`,
    ]) {
      const response = await graphql(query);
      expect(response).toMatchObject({
        status: 400,
        errors: [{ extensions: { code: "OPERATION_TOO_LARGE" } }],
      });
    }
  });

  it("gives each response an id, which the log and the audit log have as well", async () => {
    const response = await post("/graphql", {
      headers: { "x-request-id": "my-request-1" },
      body: { query: 'mutation{createSubscription(input:{name:"Ids"}){revision{number}}}' },
    });
    expect(response.headers.get("x-request-id")).toBe("my-request-1");
    const { data } = await graphql("{ auditLog(first: 1) { nodes { requestId actor } } }");
    expect(data.auditLog.nodes).toEqual([{ requestId: "my-request-1", actor: "admin" }]);
    const odd = await post("/graphql", {
      headers: { "x-request-id": "x y" },
      body: { query: "{viewer{actor}}" },
    });
    expect(odd.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe("the console's session", () => {
  const signIn = async (token = TOKEN) => {
    const response = await post("/session", { token: null, body: { token } });
    const setCookie = response.headers.get("set-cookie") ?? "";
    const { csrfToken = "", actor = "" } = (await response.json()) as { csrfToken?: string; actor?: string };
    return { response, setCookie, cookie: setCookie.split(";")[0] ?? "", csrfToken, actor };
  };

  it("is a cookie that scripts cannot read, good together with the CSRF token", async () => {
    const { setCookie, cookie, csrfToken, actor } = await signIn(ALICE);
    expect(actor).toBe("alice");
    expect(setCookie).toContain("HttpOnly");
    expect(setCookie).toContain("SameSite=Strict");
    const asked = await graphql("{ viewer { actor } }", {
      token: null,
      headers: { cookie, "x-csrf-token": csrfToken },
    });
    expect(asked).toMatchObject({ data: { viewer: { actor: "alice" } } });
    for (const headers of [{ cookie }, { cookie, "x-csrf-token": "wrong" }, { "x-csrf-token": csrfToken }])
      expect(await graphql("{ viewer { actor } }", { token: null, headers })).toMatchObject({ status: 401 });
    const resumed = await fetch(`${origin}/session`, { headers: { cookie, "x-csrf-token": csrfToken } });
    expect(await resumed.json()).toEqual({ actor: "alice" });
  });

  it("ends by signing out, which another site cannot do for somebody", async () => {
    const { cookie, csrfToken } = await signIn();
    const forged = await fetch(`${origin}/session`, { method: "DELETE", headers: { cookie } });
    expect(forged.status).toBe(401);
    const ended = await fetch(`${origin}/session`, {
      method: "DELETE",
      headers: { cookie, "x-csrf-token": csrfToken },
    });
    expect(ended.status).toBe(204);
    expect(ended.headers.get("set-cookie")).toContain("Expires=Thu, 01 Jan 1970");
    expect(
      await graphql("{ viewer { actor } }", { token: null, headers: { cookie, "x-csrf-token": csrfToken } }),
    ).toMatchObject({ status: 401 });
  });

  it("is not opened by a wrong token, or from another origin, which is told with what to set", async () => {
    expect((await signIn("wrong")).response.status).toBe(401);
    const foreign = await post("/session", {
      token: null,
      headers: { origin: "http://evil.example" },
      body: { token: TOKEN },
    });
    expect(foreign.status).toBe(403);
    expect(await foreign.text()).toContain("http.publicOrigins");
  });

  it("is worth nothing by its cookie alone: no response to it has the CSRF token", async () => {
    const { cookie, csrfToken } = await signIn();
    const value = cookie.split("=")[1] ?? "";
    const derived = createHash("sha256").update("latchkey-csrf:").update(value).digest("base64url");
    expect(csrfToken).not.toBe(derived);
    for (const path of ["/session", `/graphql?query=${encodeURIComponent("{viewer{actor}}")}`])
      expect((await fetch(`${origin}${path}`, { headers: { cookie } })).status).toBe(401);
    expect(
      await graphql("{ viewer { actor } }", { token: null, headers: { cookie, "x-csrf-token": derived } }),
    ).toMatchObject({ status: 401 });
  });
});

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
  const ask = async (connection: ReturnType<typeof client>, query: string) => {
    try {
      for await (const response of connection.iterate({ query })) return response;
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

describe("pages", () => {
  it("the console is at / and at each of its views, under a strict policy", async () => {
    for (const path of ["/", "/apis/api_1", "/nodes"]) {
      const response = await fetch(origin + path, { headers: { accept: "text/html" } });
      expect(response.status).toBe(200);
      expect(await response.text()).toContain("Console");
      expect(response.headers.get("content-security-policy")).toContain("script-src 'self'");
      expect(response.headers.get("content-security-policy")).not.toContain("unsafe");
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
      expect(response.headers.get("cache-control")).toBe("no-cache");
    }
  });

  it("hashed files are kept for a year, compressed, and asked for again only when they changed", async () => {
    const path = `${origin}/assets/index-Ab3dEf9h.js`;
    const response = await fetch(path, { headers: { "accept-encoding": "br" } });
    expect(response.headers.get("cache-control")).toContain("immutable");
    expect(response.headers.get("content-encoding")).toBe("br");
    expect(await response.text()).toContain("export {}");
    const again = await fetch(path, { headers: { "if-none-match": response.headers.get("etag") ?? "" } });
    expect(again.status).toBe(304);
  });

  it("nothing leads out of the folder, and a missing script is no page", async () => {
    for (const target of [
      "/../secret.txt",
      "/%2e%2e/secret.txt",
      "/..%2fsecret.txt",
      "/assets/../../secret.txt",
      "//etc/passwd",
      "/assets\\..\\..\\secret.txt",
    ]) {
      const response = await raw(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      expect(response).not.toContain("not for anybody");
      expect(response).toMatch(/^HTTP\/1\.1 (400|404)/);
    }
    expect((await fetch(`${origin}/assets/gone.js`, { headers: { accept: "text/html" } })).status).toBe(404);
    expect((await fetch(`${origin}/`, { method: "POST" })).status).toBe(404);
    expect((await fetch(`${origin}/graphql`, { method: "PUT" })).status).toBe(405);
  });

  it("a folder that is not there gives a page that says so", async () => {
    await using bare = await runControlPlane(
      config({ dataDir: join(folder, "data2"), http: { port: 0, consoleDir: join(folder, "absent") } }),
      {
        logger: createLogger({ name: "test", level: "silent" }),
      },
    );
    const response = await fetch(bare.consoleUrl, { headers: { accept: "text/html" } });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain("npm run build");
  });
});

describe("OpenAPI documents", () => {
  it("are downloads with a token or a session, with a safe name, and unchanged ones are not sent again", async () => {
    const { data } = await graphql(
      'mutation { createSubscription(input: {name: "S"}) { subscription { id } } }',
    );
    const made = await graphql(
      `mutation { createApi(input: {title: "Ørders: \\"a/b\\"", subscriptionId: "${data.createSubscription.subscription.id}"}) { api { id } } }`,
    );
    const path = `${origin}/apis/${made.data.createApi.api.id}/openapi`;
    expect((await fetch(`${path}.json`)).status).toBe(401);
    const authorization = `Bearer ${TOKEN}`;
    const json = await fetch(`${path}.json`, { headers: { authorization } });
    expect(json.status).toBe(200);
    expect(json.headers.get("content-disposition")).toBe(
      `attachment; filename="rders a b.json"; filename*=UTF-8''%C3%98rders%20a%20b.json`,
    );
    expect(await json.json()).toMatchObject({
      openapi: "3.0.3",
      info: { title: 'Ørders: "a/b"', version: "v1" },
    });
    const unchanged = await fetch(`${path}.json`, {
      headers: { authorization, "if-none-match": `W/${json.headers.get("etag")}` },
    });
    expect(unchanged.status).toBe(304);
    const yaml = await fetch(`${path}.yaml?version=3.1`, { headers: { authorization } });
    expect(yaml.headers.get("content-type")).toContain("yaml");
    expect(await yaml.text()).toContain("openapi: 3.1.1");
    expect((await fetch(`${path}.json?version=2`, { headers: { authorization } })).status).toBe(400);
    expect((await fetch(`${origin}/apis/api_none/openapi.json`, { headers: { authorization } })).status).toBe(
      404,
    );
  });
});

describe("health", () => {
  it("is told to anybody, metrics only to who is authorised", async () => {
    expect(await (await fetch(`${origin}/healthz`)).json()).toEqual({ status: "ok" });
    expect(await (await fetch(`${origin}/readyz`)).json()).toEqual({ status: "ready" });
    expect((await fetch(`${origin}/metrics`)).status).toBe(401);
    const metrics = await fetch(`${origin}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } });
    expect(await metrics.text()).toContain("latchkey_");
  });

  it("no log line has a token", () => {
    const text = logLines.join("");
    for (const secret of [TOKEN, ALICE]) expect(text).not.toContain(secret);
  });
});

describe("starting and stopping", () => {
  it("a port that is taken is told by its number, and leaves nothing open", async () => {
    const port = Number(new URL(origin).port);
    const again = runControlPlane(config({ dataDir: join(folder, "data3"), http: { port } }), {
      logger: createLogger({ name: "test", level: "silent" }),
    });
    await expect(again).rejects.toMatchObject({ code: "EADDRINUSE", port });
  });

  it("a second start finds everything again", async () => {
    const logger = createLogger({ name: "test", level: "silent" });
    const settings = config({ dataDir: join(folder, "data4") });
    const first = await runControlPlane(settings, { logger });
    const response = await fetch(first.graphqlUrl, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify({
        query: 'mutation { createSubscription(input: {name: "Kept"}) { revision { number } } }',
      }),
    });
    expect(response.status).toBe(200);
    await first.close();
    await using second = await runControlPlane(settings, { logger });
    const found = await fetch(second.graphqlUrl, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify({ query: "{ subscriptions { nodes { name } } }" }),
    });
    expect(await found.json()).toEqual({ data: { subscriptions: { nodes: [{ name: "Kept" }] } } });
  });
});
