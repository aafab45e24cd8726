import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AdminServer } from "./admin-server.js";

const sources = {
  hosts: ["gateway.internal"],
  notReady: () => null,
  metrics: async () => "metrics\n",
  metricsContentType: "text/plain",
  status: () => ({ ready: true }),
  tree: (apiId: string) => (apiId === "api_1" ? [] : null),
};

describe("the admin server", () => {
  const server = new AdminServer(sources);
  let port = 0;
  beforeAll(async () => {
    port = await server.listen("127.0.0.1", 0);
  });
  afterAll(async () => {
    await server.close();
  });

  /** The status of a request that is sent as it stands. */
  function statusOf(text: string): Promise<number> {
    return new Promise((resolve, reject) => {
      let received = "";
      const socket = connect(port, "127.0.0.1", () => socket.write(text));
      socket.on("data", (bytes) => {
        received += bytes.toString("latin1");
      });
      socket.on("close", () => resolve(Number(received.slice(9, 12))));
      socket.on("error", reject);
    });
  }

  const get = (target: string, host: string) =>
    statusOf(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);

  it.each(["/", "//", "//status", "/%", "/\\", "http://[", "/..//status"])(
    "responds with 404 for the target %s, which is no page of its",
    async (target) => {
      expect(await get(target, "127.0.0.1")).toBe(404);
    },
  );

  it.each([
    "127.0.0.1",
    "127.0.0.1:8081",
    "[::1]:8081",
    "10.0.0.7",
    "localhost",
    "LOCALHOST:8081",
    "node.localhost",
    "gateway.internal:8081",
  ])("shows its state under the name %s", async (host) => {
    expect(await get("/status", host)).toBe(200);
    expect(await get("/tree?api=api_1", host)).toBe(200);
  });

  it.each([
    "rebound.example",
    "reboundlocalhost",
    "127.0.0.1.rebound.example",
    "localhost.rebound.example:8081",
    "2130706433",
    "[",
    "",
  ])("shows nothing under the name %s, but health", async (host) => {
    for (const page of ["/status", "/metrics", "/tree?api=api_1", "/"])
      expect(await get(page, host)).toBe(421);
    for (const page of ["/healthz", "/readyz"]) expect(await get(page, host)).toBe(200);
  });

  it("shows its state to a client of HTTP/1.0 that sends no name", async () => {
    expect(await statusOf("GET /status HTTP/1.0\r\n\r\n")).toBe(200);
  });

  it("closes the oldest silent connections for new ones, and goes on responding", async () => {
    const silent = Array.from({ length: 300 }, () => connect(port, "127.0.0.1"));
    let open = silent.length;
    for (const socket of silent) {
      socket.on("error", () => undefined);
      socket.on("close", () => open--);
    }
    while (open > 64) await new Promise((resolve) => setImmediate(resolve));
    expect(await get("/healthz", "127.0.0.1")).toBe(200);
    expect(silent.at(-1)?.destroyed).toBe(false);
    for (const socket of silent) socket.destroy();
  });
});
