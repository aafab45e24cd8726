/** Who gets in over WebSocket, before and after authentication. */

import { request } from "node:http";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import {
  bearer,
  controlPlane,
  databaseFile,
  GUESSER,
  graphql,
  live,
  origin,
  setUpAccess,
  signIn,
  start,
} from "./testing/access.js";

setUpAccess();

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

  it("have an operation's id in the audit log only where a request over HTTP may have one", async () => {
    await start();
    const { socket, next } = live({ init: bearer() });
    await next("connection_ack");
    const query = (name: string) =>
      `mutation { createSubscription(input: { name: "${name}" }) { userErrors { code } } }`;
    for (const [name, id] of [
      ["long", "x".repeat(30_000)],
      ["broken", "a\nb"],
      ["short", "7"],
    ] as const)
      socket.send(JSON.stringify({ type: "subscribe", id, payload: { query: query(name) } }));
    const entries = async () =>
      (
        await graphql(
          `{ auditLog(filter: { action: "subscription.create" }) { nodes { targetName requestId } } }`,
        )
      ).data.auditLog.nodes as { targetName: string; requestId: string }[];
    await expect.poll(async () => (await entries()).length).toBe(3);
    const ids = Object.fromEntries(
      (await entries()).map(({ targetName, requestId }) => [targetName, requestId]),
    );
    expect(ids).toMatchObject({
      long: expect.stringMatching(/^[0-9a-f-]{36}$/),
      broken: expect.stringMatching(/^[0-9a-f-]{36}$/),
      short: "ws-7",
    });
  });

  it("are refused for a Host that is none, after many requests of pages", async () => {
    await start();
    const upgrade = (host: string) =>
      new Promise<number>((resolve, reject) => {
        const headers = {
          host,
          origin: "http://page.example",
          connection: "upgrade",
          upgrade: "websocket",
          "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
          "sec-websocket-version": "13",
        };
        const req = request(`${origin}/graphql`, { headers }, (res) => resolve(res.resume().statusCode ?? 0));
        req.on("error", reject).end();
      });
    // What an attacker does with as many requests: Node.js 20 compiles URL.canParse.
    for (let i = 0; i < 300_000; i++) URL.canParse(`http://a${i % 50}.example`);
    expect(await upgrade("\u00c3\u0080")).toBe(403);
    expect(await upgrade("c.example")).toBe(403);
  });

  it("take no operation of a session that another process ended, and end soon after", async () => {
    await start();
    const { headers } = await signIn();
    const [active, idle] = [0, 1].map(() => live({ headers: { cookie: headers.cookie }, init: headers }));
    if (active === undefined || idle === undefined) throw new Error("two were opened");
    await Promise.all([active.next("connection_ack"), idle.next("connection_ack")]);
    const operation = (id: string) =>
      JSON.stringify({ type: "subscribe", id, payload: { query: "{ viewer { actor } }" } });
    active.socket.send(operation("before"));
    await active.next("next");
    idle.socket.send(
      JSON.stringify({ type: "subscribe", id: "1", payload: { query: "subscription { traffic { at } }" } }),
    );
    const database = new Database(databaseFile());
    database.exec("delete from session");
    database.close();
    active.socket.send(operation("after"));
    const { code, messages } = await active.over;
    expect(code).toBe(4403);
    expect(messages.filter((message) => message.includes(`"after"`))).toEqual([]);
    expect(await idle.over).toMatchObject({ code: 4403 });
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
