import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { FakeClock } from "@latchkey/core";
import { NameResolver } from "@latchkey/observe";
import { NameServer } from "@latchkey/testkit";
import { afterEach, describe, expect, it } from "vitest";
import { IssuerKeys } from "./issuer-keys.js";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function issuer(respond: () => { status: number; body?: string }) {
  let asked = 0;
  const server = createServer((_req, res) => {
    asked++;
    const { status, body } = respond();
    res.writeHead(status).end(body);
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, asked: () => asked };
}

const options = () => ({ headers: new Headers(), signal: AbortSignal.timeout(60_000) });

describe("IssuerKeys", () => {
  it("finds the issuer by the resolver it is given", async () => {
    await using names = await NameServer.start({ "issuer.test": ["127.0.0.1"] });
    const { port } = await issuer(() => ({ status: 200, body: '{"keys":[]}' }));
    const { lookup } = new NameResolver({ servers: [names.address] });
    const keys = new IssuerKeys(lookup, new FakeClock());
    const response = await keys.fetch(`http://issuer.test:${port}/jwks`, options());
    expect([response.status, await response.json()]).toEqual([200, { keys: [] }]);
    expect(names.count("issuer.test")).toBeGreaterThan(0);
  });

  it("does not ask again for a while after a failure, so that requests do not wait one after the other", async () => {
    await using names = await NameServer.start();
    const clock = new FakeClock();
    const { lookup } = new NameResolver({ servers: [names.address], clock });
    const keys = new IssuerKeys(lookup, clock);
    await expect(keys.fetch("http://issuer.test/jwks", options())).rejects.toThrow("does not resolve");
    const { port, asked } = await issuer(() => ({ status: 200, body: "{}" }));
    names.records.set("issuer.test", ["127.0.0.1"]);
    const again = () => keys.fetch(`http://issuer.test:${port}/jwks`, options());
    await expect(again()).rejects.toThrow("does not resolve");
    expect(asked()).toBe(0);
    clock.advance(6_000);
    expect((await again()).status).toBe(200);
  });

  it.each([101, 204, 205, 301, 304, 404, 500, 600, 999])(
    "fails when the issuer responds with %i, also without a body",
    async (status) => {
      const { port } = await issuer(() => ({ status }));
      const keys = new IssuerKeys(new NameResolver().lookup, new FakeClock());
      // A rejection that nobody handles would end the node.
      await expect(keys.fetch(`http://127.0.0.1:${port}/`, options())).rejects.toThrow(
        `the issuer responds with ${status} instead of its keys`,
      );
    },
  );

  it("fails when the issuer switches protocols unasked: all tokens would wait for these keys for ever", async () => {
    const server = createTcpServer((socket) => {
      socket.on("error", () => {});
      socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n");
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const keys = new IssuerKeys(new NameResolver().lookup, new FakeClock());
    const { port } = server.address() as AddressInfo;
    await expect(keys.fetch(`http://127.0.0.1:${port}/`, options())).rejects.toThrow("without a response");
    server.close();
  });

  it("takes no more than a mebibyte", async () => {
    const { port } = await issuer(() => ({ status: 200, body: "x".repeat(1024 * 1024 + 1) }));
    const keys = new IssuerKeys(new NameResolver().lookup, new FakeClock());
    await expect(keys.fetch(`http://127.0.0.1:${port}/`, options())).rejects.toThrow("larger than");
  });
});
