/** What the front on uWebSockets.js promises beyond the others, because of what its library does. */
import { RawClient } from "@latchkey/testkit";
import { describe, expect, it } from "vitest";
import { until } from "../testing/until.js";
import { aKey, anApi, anIntegration, aRoute, engines, World } from "../testing/world.js";

const key = aKey("key_1", "api_1");
const FIELDS = `Host: a\r\nConnxio-Api-Key: ${key.secret}\r\n`;
const resources = ({ upstream }: World) => [
  anIntegration("int_1", upstream.url),
  anApi("api_1", [aRoute("ANY", "/{rest*}", "int_1")]),
  key.resource,
];
const engine = "uws";
const second = `GET /second HTTP/1.1\r\n${FIELDS}\r\n`;
const chunkedRequest = (path: string, method = "POST") =>
  `${method} ${path} HTTP/1.1\r\n${FIELDS}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`;

/** An upstream's whole response, by what decides how the front writes it. */
const responses: readonly (readonly [string, string, string])[] = [
  ["with a length", "Content-Length: 5\r\n\r\nfirst", "first"],
  ["without a body", "Content-Length: 0\r\n\r\n", ""],
  ["in chunks", "Transfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n0\r\n\r\n", "first"],
  ["in chunks without any", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", ""],
  ["larger than a cork", `Content-Length: 100000\r\n\r\n${"x".repeat(100_000)}`, "x".repeat(100_000)],
  ["to the close of the connection", "Connection: close\r\n\r\nfirst", "first"],
];

describe.runIf(engines.includes("uws"))("a connection that carried Transfer-Encoding", () => {
  const start = async (response: string) => {
    const world = await World.of(resources, { engine });
    world.upstream.behaviour = (_request, socket) => {
      socket.write(`HTTP/1.1 200 OK\r\n${response}`);
      if (response.startsWith("Connection: close")) socket.end();
      return null;
    };
    return world;
  };

  it.each(responses)("gets a response %s, and is closed", async (_name, sent, body) => {
    await using world = await start(sent);
    using raw = await RawClient.connect(world.ingress.port);
    raw.send(chunkedRequest("/first"));
    const response = await raw.response();
    expect([response.status, response.header("connection"), response.all("date").length]).toEqual([
      200,
      "close",
      1,
    ]);
    expect(response.body.toString()).toBe(body);
    raw.send(second);
    await raw.closed();
    expect(world.upstream.seen).toHaveLength(1);
  });

  it.each(responses)(
    "serves no request that came with the first, which gets a response %s",
    async (_name, response) => {
      await using world = await start(response);
      using raw = await RawClient.connect(world.ingress.port);
      raw.send(chunkedRequest("/first") + second);
      await raw.closed();
      expect(world.upstream.seen.filter(({ raw }) => raw.includes("second"))).toEqual([]);
    },
  );

  it.each([
    ["a refused one", `POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ["one that asks for the end", `GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`],
  ])("serves no request behind %s", async (_name, first) => {
    await using world = await start("Content-Length: 0\r\n\r\n");
    using raw = await RawClient.connect(world.ingress.port);
    raw.send(first + second);
    await raw.closed();
    expect(world.upstream.seen).toHaveLength(0);
  });

  it.each([204, 304])("ends a %i, which has no body, like any other", async (status) => {
    await using world = await World.of(resources, { engine });
    world.upstream.behaviour = () => ({ status, headers: ["etag", '"x"'] });
    using raw = await RawClient.connect(world.ingress.port);
    raw.send(chunkedRequest("/first"));
    const response = await raw.response();
    expect([response.status, response.header("connection"), response.header("etag")]).toEqual([
      status,
      "close",
      '"x"',
    ]);
    expect(response.all("date")).toHaveLength(1);
    await raw.closed();
  });

  it("ends a response to HEAD", async () => {
    await using world = await start("Content-Length: 5\r\n\r\nfirst");
    using raw = await RawClient.connect(world.ingress.port);
    raw.send(chunkedRequest("/first", "HEAD"));
    const response = await raw.response(true);
    expect([response.status, response.header("content-length")]).toEqual([200, "5"]);
    expect((await raw.closed()).length).toBe(0);
  });
});

describe.runIf(engines.includes("uws"))("the limit of a request's head", () => {
  /** A head of exactly so many bytes. */
  const headOf = (bytes: number) => {
    const start = `GET /a?b HTTP/1.1\r\n${FIELDS}`;
    let rest = bytes - start.length - 2;
    let fields = "";
    for (let i = 0; rest > 0; i++) {
      const name = `x-${String(i).padStart(2, "0")}: `;
      const size = rest > 4_000 ? 3_000 : rest;
      fields += `${name}${"v".repeat(size - name.length - 2)}\r\n`;
      rest -= size;
    }
    return `${start}${fields}\r\n`;
  };

  it.each([500, 4_096, 16_384, 40_000])("means what it says at %i bytes", async (headerBytesMax) => {
    await using world = await World.of(resources, { engine, config: { limits: { headerBytesMax } } });
    for (const [bytes, status] of [
      [headerBytesMax - 1, 200],
      [headerBytesMax, 200],
      [headerBytesMax + 1, 431],
      [headerBytesMax + 400, 431],
    ] as const) {
      const head = headOf(bytes);
      expect(head).toHaveLength(bytes);
      using whole = await RawClient.connect(world.ingress.port);
      whole.send(head);
      expect([bytes, (await whole.response()).status]).toEqual([bytes, status]);
    }
  });

  it("is 4,096 bytes of a head in pieces with old builds of the library, which end the connection", async () => {
    await using world = await World.of(resources, { engine });
    const inPieces = async (bytes: number): Promise<number | null> => {
      const head = headOf(bytes);
      using client = await RawClient.connect(world.ingress.port);
      client.send(head.slice(0, bytes / 2));
      // The front has read the first piece before it responds to what was sent behind it.
      using behind = await RawClient.connect(world.ingress.port);
      behind.send(headOf(500));
      await behind.response();
      client.send(head.slice(bytes / 2));
      return await client.response().then(
        ({ status }) => status,
        () => null,
      );
    };
    expect(await inPieces(4_000)).toBe(200);
    expect([200, null]).toContain(await inPieces(8_000));
  });
});

describe.runIf(engines.includes("uws"))("requests that are refused as they come", () => {
  it("end their connection when there are too many at once: nobody else is served meanwhile", async () => {
    await using world = await World.of(resources, { engine });
    const { port } = world.ingress;
    const refusal = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
    using few = await RawClient.connect(port);
    few.send(refusal.repeat(100));
    for (let i = 0; i < 100; i++) expect((await few.response()).status).toBe(401);
    using many = await RawClient.connect(port);
    many.send(refusal.repeat(5_000));
    const received = (await many.closed()).toString("latin1");
    expect(received.split("HTTP/1.1 401").length - 1).toBeLessThan(1_000);
    few.send(second);
    expect((await few.response()).status).toBe(200);
  });
});

describe.runIf(engines.includes("uws"))("a request body", () => {
  it("that stands still gets 408, and its upstream request is canceled", { timeout: 60_000 }, async () => {
    const config = { limits: { bodyIdleTimeoutMs: 1_000 } };
    await using world = await World.of(resources, { engine, config });
    using raw = await RawClient.connect(world.ingress.port);
    raw.send(`POST /a HTTP/1.1\r\n${FIELDS}Content-Length: 100000\r\n\r\n${"x".repeat(70_000)}`);
    expect((await raw.response()).status).toBe(408);
    await raw.closed();
    await until(() => world.ingress.status().inFlight === 0);
  });
});
