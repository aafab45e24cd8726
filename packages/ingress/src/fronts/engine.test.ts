import { mkdtempSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import {
  firstTestCertificate,
  RawClient,
  secondTestCertificate,
  type TestCertificate,
} from "@latchkey/testkit";
import { describe, expect, it } from "vitest";
import { aKey, anApi, anIntegration, aRoute, engines, World } from "../testing/world.js";

const key = aKey("key_1", "api_1");
const KEY = `connxio-api-key: ${key.secret}`;

it("is the strict one unless another is asked for", async () => {
  await using world = await World.of(() => []);
  expect(world.logLines.join("")).toContain('"engine":"the strict engine');
});

describe.each(engines)("the engine %s", (engine) => {
  const start = (config: Parameters<typeof World.of>[1] = {}) =>
    World.of(
      ({ upstream }) => [
        anIntegration("int_1", upstream.url),
        anApi("api_1", [aRoute("ANY", "/{rest*}", "int_1")]),
        key.resource,
      ],
      { engine, ...config },
    );
  /** The status of the response (0: none), and that nothing more came; the connection must be closed by the gateway. */
  const refused = async (world: World, bytes: string) => {
    using raw = await RawClient.connect(world.ingress.port);
    raw.send(bytes);
    const rest = (await raw.closed()).toString("latin1");
    expect(world.upstream.seen).toHaveLength(0);
    expect(rest.split("HTTP/1.1 ").length).toBeLessThanOrEqual(2);
    return rest === "" ? 0 : Number(rest.slice(9, 12));
  };

  const framings: readonly (readonly [string, string, readonly number[]])[] = [
    ["both framings", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", [400]],
    ["two lengths", "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde", [400]],
    ["two equal lengths", "Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd", [400]],
    ["a list of lengths", "Content-Length: 4, 4\r\n\r\nabcd", [400]],
    ["a signed length", "Content-Length: +4\r\n\r\nabcd", [400]],
    ["a negative length", "Content-Length: -4\r\n\r\nabcd", [400]],
    ["a hexadecimal length", "Content-Length: 0x4\r\n\r\nabcd", [400]],
    ["an empty length", "Content-Length: \r\n\r\nabcd", [400]],
    ["an overflowing length", "Content-Length: 99999999999999999999\r\n\r\nabcd", [400]],
    ["an unknown coding", "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", [501, 400]],
    ["a coding that is not chunked", "Transfer-Encoding: identity\r\n\r\n", [400]],
    ["a coding after chunked", "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", [400]],
    ["chunked twice", "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", [400]],
    ["two codings", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", [400]],
    ["a misspelt coding", "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", [400, 501]],
  ];
  it.each(framings)("refuses %s before anything is forwarded (RFC 9112 §6)", async (_name, rest, allowed) => {
    await using world = await start();
    const status = await refused(world, `POST /a HTTP/1.1\r\nHost: a\r\n${KEY}\r\n${rest}`);
    // uWebSockets.js closes some of these itself, without a response: nothing is forwarded either way.
    expect(engine === "uws" ? [0, ...allowed] : allowed).toContain(status);
  });

  it("refuses a request with two Hosts, a bad one, or none (RFC 9112 §3.2)", async () => {
    await using world = await start();
    expect(await refused(world, `GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\n${KEY}\r\n\r\n`)).toBe(400);
    expect(await refused(world, `GET /a HTTP/1.1\r\nHost: a b\r\n${KEY}\r\n\r\n`)).toBe(400);
    expect(await refused(world, `GET /a HTTP/1.1\r\nHost: user@a\r\n${KEY}\r\n\r\n`)).toBe(400);
    if (engine !== "uws") expect(await refused(world, `GET /a HTTP/1.1\r\n${KEY}\r\n\r\n`)).toBe(400);
  });

  it("forwards nothing that hides behind a refused request", async () => {
    await using world = await start();
    const smuggled = `GET /smuggled HTTP/1.1\r\nHost: a\r\n${KEY}\r\n\r\n`;
    for (const framing of [
      "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      `Content-Length: 0\r\nContent-Length: ${smuggled.length}\r\n\r\n`,
      "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    ])
      await refused(world, `POST /a HTTP/1.1\r\nHost: a\r\n${KEY}\r\n${framing}${smuggled}`);
  });

  it("responds to HEAD with the length and without the body", async () => {
    await using world = await start();
    world.upstream.behaviour = () => ({ status: 200, headers: ["x-a", "1"], body: "twelve bytes" });
    using raw = await RawClient.connect(world.ingress.port);
    raw.send(`HEAD /a HTTP/1.1\r\nHost: a\r\n${KEY}\r\n\r\n`);
    const head = await raw.response(true);
    expect([head.status, head.header("content-length"), head.header("x-a")]).toEqual([200, "12", "1"]);
    raw.send(`GET /b HTTP/1.1\r\nHost: a\r\n${KEY}\r\n\r\n`);
    expect((await raw.response()).body.toString()).toBe("twelve bytes");
  });

  it("responds with 204 and 304 without body and without a false length", async () => {
    await using world = await start();
    using raw = await RawClient.connect(world.ingress.port);
    for (const status of [204, 304]) {
      world.upstream.behaviour = () => ({ status, headers: ["etag", '"x"'] });
      raw.send(`GET /a HTTP/1.1\r\nHost: a\r\n${KEY}\r\n\r\n`);
      const response = await raw.response();
      expect([response.status, response.header("etag")]).toEqual([status, '"x"']);
      expect(response.all("content-length")).toEqual([]);
      expect(response.all("transfer-encoding")).toEqual([]);
    }
  });

  it("has one Date and no mark of its own", async () => {
    await using world = await start();
    world.upstream.behaviour = () => ({ headers: ["Date", "Tue, 24 Nov 2026 10:00:00 GMT"], body: "x" });
    using raw = await RawClient.connect(world.ingress.port);
    raw.send(`GET /a HTTP/1.1\r\nHost: a\r\n${KEY}\r\n\r\n`);
    const response = await raw.response();
    expect(response.all("date")).toHaveLength(1);
    expect(response.header("uwebsockets")).toBeUndefined();
    expect(response.isChunked).toBe(false);
  });

  // What an integration says again byte for byte, and what the gateway says again, is not made again.
  it("responds to each request by itself when the integration's heads are all the same", async () => {
    await using world = await start();
    const date = "Tue, 24 Nov 2026 10:00:00 GMT";
    const kinds = [
      ["GET /a HTTP/1.1", "", 200],
      ["GET /b HTTP/1.1", "Host-To-Be: kept\r\n", 200],
      ["HEAD /a HTTP/1.1", "", 200],
      ["GET /a HTTP/1.1", "Connection: close\r\n", 200],
      ["GET /c HTTP/1.1", "X-Want: 304\r\n", 304],
      ["GET /d HTTP/1.1", "X-Want: 203\r\n", 203],
      ...(engine === "uws" ? [] : ([["GET /a HTTP/1.0", "", 200]] as const)), // uWebSockets.js closes on it
    ] as const;
    world.upstream.behaviour = ({ header }) => {
      const status = Number(header("x-want") ?? 200);
      return { status, headers: ["Date", date, "X-A", "1"], body: status === 304 ? "" : "five!" };
    };
    const seen = new Map<string, Set<string>>();
    for (let round = 0; round < 4; round++) {
      for (const [line, more, status] of kinds) {
        using raw = await RawClient.connect(world.ingress.port);
        const isHead = line.startsWith("HEAD");
        for (let again = 0; again < 2; again++) {
          raw.send(`${line}\r\nHost: ${round % 2 === 0 ? "a" : "b.example"}\r\n${KEY}\r\n${more}\r\n`);
          const response = await raw.response(isHead);
          expect(response.status).toBe(status);
          expect(response.body.toString()).toBe(isHead || status === 304 ? "" : "five!");
          expect(response.all("date")).toHaveLength(1);
          const said = JSON.stringify([
            response.header("x-a"),
            response.all("content-length"),
            response.all("transfer-encoding"),
            response.header("connection")?.toLowerCase(),
          ]);
          const kind = line + more;
          seen.set(kind, (seen.get(kind) ?? new Set()).add(said));
          const { last } = world.upstream;
          const host = round % 2 === 0 ? "a" : "b.example";
          expect(last.header("x-forwarded-host")).toBe(host);
          expect(last.header("forwarded")).toBe(`for=127.0.0.1;host=${host};proto=http`);
          expect(last.header("configcorrelationid")).toBe("int_1");
          expect(last.header("via")).toMatch(/^1\.1 /);
          if (/close|1\.0/.test(kind)) break;
        }
      }
    }
    for (const [kind, said] of seen) expect([kind, ...said]).toHaveLength(2);
  });

  it("keeps the connection over many requests, with and without bodies", async () => {
    // With a second one to be had, a POST does not trust the first before it was seen to stay open (upstream-pool.ts).
    await using world = await start({ config: { upstreams: { connectionsMax: 1 } } });
    using raw = await RawClient.connect(world.ingress.port);
    for (let i = 0; i < 20; i++) {
      const body = "x".repeat(i * 1000);
      // uws ends the connection after one: see uws-engine.test.ts
      const chunked = engine !== "uws" && i % 3 === 2 && body.length > 0;
      const framing = chunked ? "Transfer-Encoding: chunked" : `Content-Length: ${body.length}`;
      const payload = chunked ? `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body;
      raw.send(`POST /n/${i} HTTP/1.1\r\nHost: a\r\n${KEY}\r\n${framing}\r\n\r\n${payload}`);
      const response = await raw.response();
      expect(response.status).toBe(200);
      expect(world.upstream.last.body.toString()).toBe(body);
    }
    expect(world.upstream.connectionsMade).toBe(1);
  });

  it("takes a body byte by byte", async () => {
    await using world = await start();
    using raw = await RawClient.connect(world.ingress.port);
    raw.send(`POST /a HTTP/1.1\r\nHost: a\r\n${KEY}\r\nTransfer-Encoding: chunked\r\n\r\n`);
    for (const byte of "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n") {
      raw.send(byte);
      await new Promise(setImmediate);
    }
    expect((await raw.response()).status).toBe(200);
    expect(world.upstream.last.body.toString()).toBe("hello!");
  });

  it("sends 100 Continue before the body is sent, and the final response after it", async () => {
    await using world = await start();
    using raw = await RawClient.connect(world.ingress.port);
    raw.send(`POST /a HTTP/1.1\r\nHost: a\r\n${KEY}\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n`);
    expect((await raw.response()).status).toBe(100);
    raw.send("hello");
    expect((await raw.response()).status).toBe(200);
    expect(world.upstream.last.body.toString()).toBe("hello");
    expect(world.upstream.last.header("expect")).toBeUndefined();
  });

  it("refuses before a long body is sent, and closes", async () => {
    await using world = await start();
    using raw = await RawClient.connect(world.ingress.port);
    raw.send(`POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n${"x".repeat(10_000)}`);
    const response = await raw.response();
    expect([response.status, response.header("connection")]).toEqual([401, "close"]);
    raw.send("y".repeat(990_000));
    await raw.closed();
  });

  it("reads and drops a short body after a refusal, and keeps the connection", async () => {
    await using world = await start();
    using raw = await RawClient.connect(world.ingress.port);
    raw.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");
    expect((await raw.response()).status).toBe(401);
    raw.send("world");
    raw.send(`GET /a HTTP/1.1\r\nHost: a\r\n${KEY}\r\n\r\n`);
    expect((await raw.response()).status).toBe(200);
  });

  it("refuses a target that is too long with 414", async () => {
    await using world = await start();
    using raw = await RawClient.connect(world.ingress.port);
    raw.send(`GET /${"a".repeat(9_000)} HTTP/1.1\r\nHost: a\r\n${KEY}\r\n\r\n`);
    const response = await raw.response();
    expect([response.status, response.header("latchkey-error")]).toEqual([414, "request.uri_too_long"]);
  });

  it("refuses a head that is too large", async () => {
    await using world = await start();
    const status = await refused(
      world,
      `GET /a HTTP/1.1\r\nHost: a\r\n${KEY}\r\nx: ${"a".repeat(20_000)}\r\n\r\n`,
    );
    expect(status).toBe(431);
  });

  it("rejects a taken port by name", async () => {
    await using world = await start();
    await using other = await World.empty({ engine });
    await expect(other.startIngress({ port: world.ingress.port })).rejects.toThrow(
      `port ${world.ingress.port} on 127.0.0.1 is taken; set another client port with LATCHKEY_INGRESS_PORT`,
    );
    await other.startIngress();
  });

  it("serves HTTPS, and takes a new certificate without dropping connections", async () => {
    const directory = mkdtempSync(join(tmpdir(), "latchkey-tls-"));
    const tls = { certFile: join(directory, "cert.pem"), keyFile: join(directory, "key.pem") };
    const put = (certificate: TestCertificate) => {
      writeFileSync(tls.certFile, certificate.cert);
      writeFileSync(tls.keyFile, certificate.key);
    };
    put(firstTestCertificate);
    await using world = await World.of(
      ({ upstream }) => [
        anIntegration("int_1", upstream.url),
        anApi("api_1", [aRoute("ANY", "/{rest*}", "int_1")]),
        key.resource,
      ],
      { engine, config: { tls } },
    );
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = (through?: Agent) => askOverTls(world.ingress.port, through);
    expect(await ask(agent)).toEqual({ status: 200, certificate: "latchkey-test-one" });
    expect(world.upstream.last.header("x-forwarded-proto")).toBe("https");
    put(secondTestCertificate);
    world.ingress.reloadFiles();
    expect(await ask(agent)).toEqual({ status: 200, certificate: "latchkey-test-one" }); // the same connection
    // uWebSockets.js has no way to change the certificate of a running server; it says so in its log.
    const expected = engine === "uws" ? "latchkey-test-one" : "latchkey-test-two";
    expect(await ask()).toEqual({ status: 200, certificate: expected });
    writeFileSync(tls.keyFile, "garbage");
    world.ingress.reloadFiles();
    expect(await ask()).toEqual({ status: 200, certificate: expected });
    agent.destroy();
  });

  if (engine !== "uws") {
    // uWebSockets.js has fixed times of 10 s and closes without a response.
    it("responds with 408 to a head that does not get on", async () => {
      await using world = await World.of(() => [], { engine, config: { limits: { headerTimeoutMs: 300 } } });
      using raw = await RawClient.connect(world.ingress.port);
      raw.send("GET /a HTTP/1.1\r\nHost: a\r\nx: ");
      expect((await raw.response()).status).toBe(408);
      await raw.closed();
    });

    it("responds with 408 to a body that does not get on, and cancels the upstream request", async () => {
      await using world = await World.of(
        ({ upstream }) => [
          anIntegration("int_1", upstream.url),
          anApi("api_1", [aRoute("ANY", "/{rest*}", "int_1")]),
          key.resource,
        ],
        { engine, config: { limits: { bodyIdleTimeoutMs: 300 } } },
      );
      using raw = await RawClient.connect(world.ingress.port);
      raw.send(
        `POST /a HTTP/1.1\r\nHost: a\r\n${KEY}\r\nContent-Length: 100000\r\n\r\n${"x".repeat(70_000)}`,
      );
      expect((await raw.response()).status).toBe(408);
      await raw.closed();
      expect(world.ingress.status().inFlight).toBe(0);
    });
  }
});

function askOverTls(
  port: number,
  agent?: Agent,
): Promise<{ readonly status: number; readonly certificate: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        port,
        host: "127.0.0.1",
        path: "/a",
        headers: { "connxio-api-key": key.secret },
        rejectUnauthorized: false,
        agent: agent ?? false,
      },
      (response) => {
        const { subject } = (response.socket as TLSSocket).getPeerCertificate();
        response.resume();
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, certificate: String(subject.CN) }),
        );
      },
    );
    sent.on("error", reject);
    sent.end();
  });
}
