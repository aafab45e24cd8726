/** Real connections from loopback addresses: who gets one, and who loses it. */
import { connect, type Socket } from "node:net";
import { createLogger } from "@latchkey/observe";
import { afterEach, expect, it } from "vitest";
import { ask } from "../testing/ask.js";
import { ClientAddresses } from "./client-address.js";
import type { ConnectionLimits } from "./connection-seats.js";
import { HttpRouter } from "./http-router.js";
import { HttpServer } from "./http-server.js";

const logger = createLogger({ name: "test", level: "silent" });
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

class World implements AsyncDisposable {
  readonly server: HttpServer;
  readonly #finish: (() => void)[];

  private constructor(server: HttpServer, finish: (() => void)[]) {
    this.server = server;
    this.#finish = finish;
  }

  static async start(limits: ConnectionLimits, trustedProxies: readonly string[] = []): Promise<World> {
    const finish: (() => void)[] = [];
    const router = new HttpRouter()
      .on("GET", "/healthz", (exchange) => exchange.json(200, {}))
      .on("GET", "/fast", (exchange) => exchange.json(200, { address: exchange.address }))
      .on("GET", "/slow", async (exchange) => {
        await new Promise<void>((resolve) => finish.push(resolve));
        exchange.json(200, {});
      });
    const server = await HttpServer.listen({
      host: "127.0.0.1",
      port: 0,
      router,
      tls: null,
      logger,
      limits,
      addresses: new ClientAddresses(trustedProxies),
      onUpgrade: (_req, socket) => socket.destroy(),
    });
    return new World(server, finish);
  }

  /** A connection that sends nothing by itself. */
  async open(from: string): Promise<Socket> {
    const socket = connect({
      port: Number(new URL(this.server.url).port),
      host: "127.0.0.1",
      localAddress: from,
    });
    sockets.push(socket);
    socket.on("error", () => {});
    await new Promise<void>((resolve) => socket.once("connect", () => resolve()));
    return socket;
  }

  /** A connection whose request is under way. */
  async busy(from: string): Promise<Socket> {
    const before = this.#finish.length;
    const socket = await this.open(from);
    socket.write("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
    await expect.poll(() => this.#finish.length).toBeGreaterThan(before);
    return socket;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const finish of this.#finish) finish();
    for (const socket of sockets) socket.destroy();
    await this.server[Symbol.asyncDispose]();
  }
}

it("silent connections of one address displace each other: a request from it, and from others, is served", async () => {
  await using world = await World.start({ connectionsMax: 100, connectionsPerAddressMax: 4 });
  const other = await world.open("127.0.0.3");
  const silent: Socket[] = [];
  let gone = 0;
  for (let i = 0; i < 20; i++) {
    const socket = await world.open("127.0.0.2");
    socket.once("close", () => gone++);
    silent.push(socket);
  }
  expect((await ask(`${world.server.url}/fast`, { from: "127.0.0.2" })).status).toBe(200);
  expect((await ask(`${world.server.url}/fast`, { from: "127.0.0.4" })).status).toBe(200);
  await expect.poll(() => gone).toBeGreaterThanOrEqual(16);
  expect(other.destroyed).toBe(false);
  expect(silent.at(-1)?.destroyed).toBe(false);
});

it("when the server is full, the client with the most idle connections loses one", async () => {
  await using world = await World.start({ connectionsMax: 6, connectionsPerAddressMax: 5 });
  const few = await world.open("127.0.0.3");
  const many: Socket[] = [];
  for (let i = 0; i < 5; i++) many.push(await world.open("127.0.0.2"));
  const lost = new Promise<void>((resolve) => many[0]?.once("close", () => resolve()));
  expect((await ask(`${world.server.url}/fast`, { from: "127.0.0.4" })).status).toBe(200);
  await lost;
  expect(few.destroyed).toBe(false);
});

it("never closes a connection with a request under way; then health checks are served, and others get 503", async () => {
  await using world = await World.start({ connectionsMax: 2, connectionsPerAddressMax: 2 });
  const busy = [await world.busy("127.0.0.2"), await world.busy("127.0.0.3")];
  for (const from of ["127.0.0.2", "127.0.0.4"]) {
    expect((await ask(`${world.server.url}/healthz`, { from })).status).toBe(200);
    const refused = await ask(`${world.server.url}/fast`, { from });
    expect(refused.status).toBe(503);
    expect(refused.headers).toMatchObject({ "retry-after": "1", connection: "close" });
  }
  // Silent ones cannot take the reserve either.
  for (let i = 0; i < 100; i++) await world.open("127.0.0.5");
  expect((await ask(`${world.server.url}/healthz`, { from: "127.0.0.6" })).status).toBe(200);
  expect(busy.some((socket) => socket.destroyed)).toBe(false);
});

it("counts clients of a trusted proxy by none, and knows their addresses by X-Forwarded-For", async () => {
  await using world = await World.start({ connectionsMax: 100, connectionsPerAddressMax: 1 }, [
    "127.0.0.9/32",
  ]);
  await world.busy("127.0.0.9");
  const addressOf = async (from: string, forwarded: string) =>
    JSON.parse(
      (await ask(`${world.server.url}/fast`, { from, headers: { "x-forwarded-for": forwarded } })).text,
    ).address;
  expect(await addressOf("127.0.0.9", "203.0.113.7")).toBe("203.0.113.7");
  // What the client itself sent stands to the left.
  expect(await addressOf("127.0.0.9", "6.6.6.6, 203.0.113.8")).toBe("203.0.113.8");
  expect(await addressOf("127.0.0.9", "203.0.113.8, 127.0.0.9")).toBe("203.0.113.8");
  expect(await addressOf("127.0.0.9", "not an address")).toBe("127.0.0.9");
  expect(await addressOf("127.0.0.2", "203.0.113.7")).toBe("127.0.0.2");
});
