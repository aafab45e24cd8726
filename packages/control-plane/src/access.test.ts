/** Who gets in over HTTP and WebSocket, and who keeps whom out: a whole control plane, clients of several addresses. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, credentials, status } from "@grpc/grpc-js";
import { createLogger } from "@latchkey/observe";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { controlPlaneSchema } from "./config.js";
import { type ControlPlane, runControlPlane } from "./run.js";
import { ask } from "./testing/ask.js";
import { type Json, SETUP_MS_MAX } from "./testing/fixture.js";

const TOKEN = "an-admin-token-of-the-tests";
const PROTOCOL = "graphql-transport-ws";
const GUESSER = "127.0.0.66";
const OPERATOR = "127.0.0.7";
let folder: string;
let controlPlane: ControlPlane;
let origin: string;
const logLines: string[] = [];

async function start(more: Record<string, unknown> = {}, http: Record<string, unknown> = {}): Promise<void> {
  const config = controlPlaneSchema.parse({
    dataDir: join(folder, "data"),
    adminToken: TOKEN,
    http: { port: 0, failuresPerMinuteMax: 5, ...http },
    grpc: { port: 0 },
    ...more,
  });
  const logger = createLogger({ name: "test", stream: { write: (line: string) => logLines.push(line) } });
  controlPlane = await runControlPlane(config, { logger });
  origin = `http://127.0.0.1:${new URL(controlPlane.graphqlUrl).port}`;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "latchkey-access-"));
  logLines.length = 0;
}, SETUP_MS_MAX);
afterEach(async () => {
  await controlPlane.close();
  rmSync(folder, { recursive: true, force: true });
}, SETUP_MS_MAX);

const bearer = (token = TOKEN) => ({ authorization: `Bearer ${token}` });

async function graphql(
  query: string,
  from = OPERATOR,
  headers: Record<string, string> = bearer(),
): Promise<Json> {
  const { status, text } = await ask(`${origin}/graphql`, { from, headers, body: { query } });
  return { status, ...(JSON.parse(text) as object) };
}

async function signIn(from = OPERATOR, token = TOKEN, headers: Record<string, string> = {}) {
  const { status, text, headers: got } = await ask(`${origin}/session`, { from, headers, body: { token } });
  const setCookie = got["set-cookie"]?.[0] ?? "";
  const { csrfToken = "" } = JSON.parse(text) as { csrfToken?: string };
  const cookie = setCookie.split(";")[0] ?? "";
  return { status, text, setCookie, headers: { cookie, "x-csrf-token": csrfToken } };
}

interface Heard {
  readonly status?: number;
  readonly code?: number;
  readonly reason?: string;
  readonly messages: readonly string[];
}

interface Live {
  readonly socket: WebSocket;
  /** Resolves when the socket is closed or refused. */
  readonly over: Promise<Heard>;
  next(type: string): Promise<void>;
}

function live(options: {
  readonly from?: string;
  readonly headers?: Record<string, string>;
  readonly init?: Record<string, unknown>;
  readonly protocol?: readonly string[];
}): Live {
  const socket = new WebSocket(
    `${origin.replace("http", "ws")}/graphql`,
    [...(options.protocol ?? [PROTOCOL])],
    {
      headers: options.headers ?? {},
      localAddress: options.from ?? OPERATOR,
    },
  );
  const messages: string[] = [];
  const waiting = new Set<() => void>();
  const { init } = options;
  if (init !== undefined)
    socket.on("open", () => socket.send(JSON.stringify({ type: "connection_init", payload: init })));
  socket.on("message", (data) => {
    messages.push(String(data));
    for (const wake of waiting) wake();
  });
  const over = new Promise<Heard>((resolve) => {
    socket.on("unexpected-response", (_req, res) => {
      let reason = "";
      res.on("data", (chunk) => {
        reason += String(chunk);
      });
      res.on("end", () => resolve({ status: res.statusCode ?? 0, reason, messages }));
    });
    socket.on("close", (code, reason) => resolve({ code, reason: String(reason), messages }));
    socket.on("error", () => {});
  });
  const next = (type: string) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!messages.some((message) => (JSON.parse(message) as { type: string }).type === type)) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  return { socket, over, next };
}

async function audit(action: string): Promise<Json[]> {
  const { data } = await graphql(
    `{ auditLog(filter: { action: "${action}" }) { nodes { actor action targetKind targetName address after } } }`,
  );
  return data.auditLog.nodes;
}

describe("wrong tokens", () => {
  it("are counted by address wherever they come in: the guesser is refused, everybody else gets in", async () => {
    await start();
    const places: (() => Promise<number>)[] = [
      async () => (await signIn(GUESSER, "wrong-1")).status,
      async () => (await graphql("{ viewer { actor } }", GUESSER, bearer("wrong-2"))).status,
      async () =>
        (await ask(`${origin}/apis/api_1/openapi.json`, { from: GUESSER, headers: bearer("wrong-3") }))
          .status,
      async () => (await ask(`${origin}/metrics`, { from: GUESSER, headers: bearer("wrong-4") })).status,
      async () =>
        (await ask(`${origin}/try`, { from: GUESSER, headers: bearer("wrong-5"), body: {} })).status,
    ];
    for (const guess of places) expect(await guess()).toBe(401);
    for (const guess of places) expect(await guess()).toBe(429);
    // Not even the right token: otherwise a guess would tell.
    const late = await ask(`${origin}/session`, { from: GUESSER, body: { token: TOKEN } });
    expect(late.status).toBe(429);
    expect(Number(late.headers["retry-after"])).toBeGreaterThan(0);
    expect((await live({ from: GUESSER, init: bearer() }).over).code).toBe(4429);

    expect((await signIn()).status).toBe(200);
    expect((await graphql("{ viewer { actor } }")).data.viewer.actor).toBe("admin");
    const { text } = await ask(`${origin}/metrics`, { from: OPERATOR, headers: bearer() });
    expect(text).toContain('latchkey_access_refused_total{place="graphql",reason="token"} 1');
    expect(text).toContain('latchkey_access_refused_total{place="sign-in",reason="throttled"} 2');
  });

  it("count over WebSocket too", async () => {
    await start();
    for (let i = 0; i < 5; i++)
      expect((await live({ from: GUESSER, init: bearer(`wrong-${i}`) }).over).code).toBe(4403);
    expect((await live({ from: GUESSER, init: bearer("wrong") }).over).code).toBe(4429);
    expect((await signIn(GUESSER)).status).toBe(429);
  });

  it("do not end the session of somebody behind the same address", async () => {
    await start();
    const { headers } = await signIn(GUESSER);
    for (let i = 0; i < 6; i++) await signIn(GUESSER, `wrong-${i}`);
    expect((await graphql("{ viewer { actor } }", GUESSER, headers)).data.viewer.actor).toBe("admin");
  });

  it("are in log and audit log with address and place, not one row each, and never the token", async () => {
    await start();
    for (let i = 0; i < 40; i++) await signIn(GUESSER, `wrong-guess-${i}`);
    await graphql("{ viewer { actor } }", "127.0.0.67", bearer("wrong-guess-x"));
    await controlPlane.close(); // writes what it gathered
    await start();
    const rows = await audit("access.refuse");
    expect(
      rows
        .map(({ actor, targetName, address, after }) => [
          actor,
          targetName,
          address,
          after.reason,
          after.attempts,
        ])
        .sort(),
    ).toEqual([
      ["unknown", "graphql", "127.0.0.67", "a wrong token", 1],
      ["unknown", "sign-in", GUESSER, "a wrong token", 1],
      ["unknown", "sign-in", GUESSER, "a wrong token", 4],
      ["unknown", "sign-in", GUESSER, "too many wrong tokens", 1],
      ["unknown", "sign-in", GUESSER, "too many wrong tokens", 34],
    ]);
    const log = logLines.join("");
    expect(log).toContain(GUESSER);
    expect(log + JSON.stringify(rows)).not.toContain("wrong-guess");
  });
});

describe("the audit log", () => {
  it("has sign-ins, sign-outs and refused pages, with the address", async () => {
    await start();
    const { headers } = await signIn();
    await ask(`${origin}/graphql`, {
      from: OPERATOR,
      headers: { cookie: headers.cookie },
      body: { query: "{ viewer { actor } }" },
    });
    await ask(`${origin}/session`, { from: OPERATOR, method: "DELETE", headers });
    await signIn(GUESSER, TOKEN, { origin: "http://evil.example" });
    await graphql('mutation { createSubscription(input: { name: "S" }) { revision { number } } }');
    await controlPlane.close();
    await start();
    const { data } = await graphql("{ auditLog { nodes { actor action targetName address after } } }");
    const seen = data.auditLog.nodes.map(({ actor, action, targetName, address, after }: Json) =>
      [actor, action, targetName, address, after?.reason].join(" | "),
    );
    expect(seen.sort()).toEqual(
      [
        `admin | session.create | admin | ${OPERATOR} | `,
        `admin | session.end | admin | ${OPERATOR} | `,
        `admin | access.refuse | graphql | ${OPERATOR} | a session without its CSRF token`,
        `unknown | access.refuse | sign-in | ${GUESSER} | a page of another origin`,
        `admin | subscription.create | S | ${OPERATOR} | `,
      ].sort(),
    );
  });
});

describe("a WebSocket before authentication", () => {
  const ping = JSON.stringify({ type: "ping", payload: { x: "a".repeat(60_000) } });

  it.each([
    ["a ping", ping],
    [
      "an operation",
      JSON.stringify({ type: "subscribe", id: "1", payload: { query: "{ viewer { actor } }" } }),
    ],
    ["no message of the protocol", "not json"],
  ])("takes nothing but connection_init: %s closes it without a response", async (_what, message) => {
    await start();
    const { socket, over } = live({});
    socket.on("open", () => {
      for (let i = 0; i < 20; i++) socket.send(message);
    });
    expect(await over).toMatchObject({ code: 4401, messages: [] });
  });

  it("is ended by a ping of WebSocket itself, which would be handled from memory", async () => {
    await start();
    const { socket, over } = live({});
    let pongs = 0;
    socket.on("pong", () => pongs++);
    socket.on("open", () => {
      for (let i = 0; i < 20; i++) socket.ping("x".repeat(100));
    });
    expect((await over).code).toBe(1006);
    expect(pongs).toBe(0);
  });

  it("closes after a while without connection_init, and at once for another protocol", async () => {
    await start();
    expect((await live({}).over).code).toBe(4408);
    expect((await live({ protocol: [] }).over).code).toBe(4406);
  });

  it("gives its seat to newer ones, and never takes an operator's", async () => {
    await start({ graphql: { socketsMax: 2 } });
    const operator = live({ init: bearer() });
    await operator.next("connection_ack");
    let displaced = 0;
    for (let i = 0; i < 60; i++) {
      const { socket, over } = live({ from: GUESSER });
      void over.then(() => displaced++);
      await new Promise((resolve) => socket.once("open", resolve));
    }
    await expect.poll(() => displaced).toBeGreaterThanOrEqual(10);
    const second = live({ init: bearer(), from: GUESSER });
    await second.next("connection_ack");
    expect(operator.socket.readyState).toBe(WebSocket.OPEN);
  });
});

describe("live updates", () => {
  it("are limited by address and in all, with a reason", async () => {
    await start({ graphql: { socketsMax: 3, socketsPerAddressMax: 2 } });
    const open = async (from: string) => {
      const one = live({ init: bearer(), from });
      await one.next("connection_ack");
      return one;
    };
    await open("127.0.0.2");
    await open("127.0.0.2");
    expect(await live({ init: bearer(), from: "127.0.0.2" }).over).toMatchObject({ code: 4429 });
    await open("127.0.0.3");
    expect(await live({ init: bearer(), from: "127.0.0.4" }).over).toMatchObject({ code: 4429 });
  });

  it("respond to pings once the client is known, and end with the session", async () => {
    await start();
    const { headers } = await signIn();
    const { socket, over, next } = live({ headers: { cookie: headers.cookie }, init: headers });
    await next("connection_ack");
    socket.send(JSON.stringify({ type: "ping" }));
    await next("pong");
    const pong = new Promise((resolve) => socket.once("pong", resolve));
    socket.ping();
    await pong;
    const { data } = await graphql("{ sessions { nodes { id isCurrent } } }");
    await graphql(
      `mutation { endSession(input: { id: "${data.sessions.nodes[0].id}" }) { endedSessionId } }`,
    );
    expect(await over).toMatchObject({ code: 4403 });
  });

  it("do not keep the control plane from stopping", async () => {
    await start();
    const { over, next } = live({ init: bearer() });
    await next("connection_ack");
    live({}); // one that never says anything
    await controlPlane.close();
    expect((await over).code).toBe(1001);
  });
});

describe("pages of other origins", () => {
  const EVIL = { origin: "http://evil.example" };
  const TOOL = { origin: "https://tool.example" };

  it("may not open a WebSocket, by whatever token; the refusal says what to set", async () => {
    await start();
    const refused = await live({ headers: EVIL, init: bearer() }).over;
    expect(refused.status).toBe(403);
    expect(refused.reason).toContain("http.publicOrigins");
    const { headers } = await signIn();
    const { cookie } = headers;
    // With the cookie of somebody, who would have to know the CSRF token as well.
    expect((await live({ headers: { ...EVIL, cookie }, init: bearer() }).over).code).toBe(4403);
    expect((await live({ headers: { ...EVIL, cookie }, init: {} }).over).code).toBe(4403);
  });

  it("may call GraphQL with a token when they are listed, and others may not read anything", async () => {
    await start({}, { corsOrigins: [TOOL.origin] });
    const preflight = await ask(`${origin}/graphql`, {
      method: "OPTIONS",
      headers: { ...TOOL, "access-control-request-method": "POST" },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject({
      "access-control-allow-origin": TOOL.origin,
      "access-control-allow-headers": expect.stringContaining("authorization"),
    });
    expect(preflight.headers["access-control-allow-credentials"]).toBeUndefined();
    const read = await ask(`${origin}/graphql`, {
      headers: { ...TOOL, ...bearer() },
      body: { query: "{ viewer { actor } }" },
    });
    expect(read.headers).toMatchObject({ "access-control-allow-origin": TOOL.origin, vary: "origin" });
    const { next } = live({ headers: TOOL, init: bearer() });
    await next("connection_ack");

    expect((await ask(`${origin}/graphql`, { method: "OPTIONS", headers: EVIL })).status).toBe(403);
    const foreign = await ask(`${origin}/graphql`, {
      headers: { ...EVIL, ...bearer() },
      body: { query: "{ viewer { actor } }" },
    });
    expect(foreign.headers["access-control-allow-origin"]).toBeUndefined();
    expect((await signIn(OPERATOR, TOKEN, TOOL)).status).toBe(403);
  });

  it("are none behind a proxy that rewrites Host: sign-in and live updates work", async () => {
    await start();
    const page = { origin: "https://console.example", host: "127.0.0.1:4000" };
    const signedIn = await signIn(OPERATOR, TOKEN, { ...page, "sec-fetch-site": "same-origin" });
    expect(signedIn.status).toBe(200);
    // Not every browser says for a WebSocket that it is the page's own site: the CSRF token does.
    const { headers } = signedIn;
    const { next } = live({ headers: { ...page, cookie: headers.cookie }, init: headers });
    await next("connection_ack");
  });
});

describe("the session cookie", () => {
  it("has the __Host- prefix and Secure where browsers come over HTTPS, and then no other name is taken", async () => {
    await start({}, { secureCookies: true });
    const { setCookie, headers } = await signIn();
    expect(setCookie).toMatch(
      /^__Host-latchkey_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Expires=.*; Secure$/,
    );
    expect((await graphql("{ viewer { actor } }", OPERATOR, headers)).status).toBe(200);
    const plain = { ...headers, cookie: headers.cookie.replace("__Host-", "") };
    expect((await graphql("{ viewer { actor } }", OPERATOR, plain)).status).toBe(401);
  });

  it("has a plain name without TLS, where browsers refuse the prefix", async () => {
    await start();
    expect((await signIn()).setCookie).toMatch(/^latchkey_session=/);
  });

  it("is judged beside an Authorization header of another scheme, as a proxy in front may demand", async () => {
    await start();
    const { headers } = await signIn();
    const both = { ...headers, authorization: "Basic dXNlcjpwYXNz" };
    expect((await graphql("{ viewer { actor } }", OPERATOR, both)).status).toBe(200);
  });
});

describe("introspection and GraphiQL", () => {
  const schemaIsShown = async () =>
    (await graphql("{ __schema { queryType { name } } }")).errors === undefined;
  const editorIsShown = async () =>
    (await ask(`${origin}/graphql`, { headers: { accept: "text/html" } })).text.includes("<html");

  it("are on while only this machine can reach the server", async () => {
    await start();
    expect(await schemaIsShown()).toBe(true);
  });

  it("are off when others can, unless they are asked for", async () => {
    await start({}, { host: "0.0.0.0" });
    expect([await schemaIsShown(), await editorIsShown()]).toEqual([false, false]);
    await controlPlane.close();
    await start({ graphql: { introspection: "on", graphiql: "on" } }, { host: "0.0.0.0" });
    expect(await schemaIsShown()).toBe(true);
  });

  /** OK, or UNIMPLEMENTED. */
  const reflection = (): Promise<status> => {
    const port = controlPlane.grpcAddress.split(":").at(-1);
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    const same = (bytes: Buffer) => bytes;
    const path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    const call = client.makeBidiStreamRequest(path, same, same);
    call.on("error", () => {});
    call.resume();
    call.end(Buffer.from([0x3a, 0]));
    return new Promise((resolve) => {
      call.once("status", ({ code }: { readonly code: status }) => {
        client.close();
        resolve(code);
      });
    });
  };

  it("likewise server reflection on the gRPC port", async () => {
    await start({ grpc: { port: 0 } });
    expect(await reflection()).toBe(status.OK);
    await controlPlane.close();
    await start({ grpc: { port: 0, host: "0.0.0.0" } });
    expect(await reflection()).toBe(status.UNIMPLEMENTED);
    await controlPlane.close();
    await start({ grpc: { port: 0, host: "0.0.0.0", reflection: "on" } });
    expect(await reflection()).toBe(status.OK);
  });
});
