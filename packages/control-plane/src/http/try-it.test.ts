import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createTryItHandler, type TryItResponse, type TryItRoute, tryItLimits } from "./try-it.js";

const servers: Server[] = [];

type Listener = (...args: Parameters<RequestListener>) => unknown;

async function serve(listener: Listener): Promise<string> {
  const server = createServer((req, res) => void listener(req, res));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

const routes: readonly TryItRoute[] = [
  { id: "r1", method: "GET", pattern: "/orders/{id}", integrationId: "i1", integrationName: "Status" },
  { id: "r2", method: "ANY", pattern: "/orders/{id}", integrationId: "i2", integrationName: "Intake" },
];

async function console_(ingressUrl: string | null): Promise<string> {
  const handle = createTryItHandler({ ingressUrl, routesOf: async () => routes });
  return serve((req, res) => void handle(req, res));
}

async function post(
  url: string,
  order: unknown,
): Promise<{ status: number; body: TryItResponse & { code: string } }> {
  const response = await fetch(url, { method: "POST", body: JSON.stringify(order) });
  return { status: response.status, body: (await response.json()) as TryItResponse & { code: string } };
}

const order = {
  apiId: "api_1",
  method: "PUT",
  path: "/orders/7?a=%20b",
  headers: [["X-Key", "k"]],
  body: "hej å",
};

describe("try it", () => {
  it("sends method, target, headers and body as they are, and says which integration matched", async () => {
    const seen: { req?: IncomingMessage; body?: string } = {};
    const ingress = await serve(async (req, res) => {
      const chunks: Buffer[] = [];
      for await (const chunk of req) chunks.push(chunk as Buffer);
      seen.req = req;
      seen.body = Buffer.concat(chunks).toString();
      res.writeHead(202, { "X-Response": "yes" });
      res.end("ok");
    });
    const { status, body } = await post(await console_(ingress), order);
    expect(status).toBe(200);
    expect(seen.req?.method).toBe("PUT");
    expect(seen.req?.url).toBe("/orders/7?a=%20b");
    expect(seen.req?.headers["x-key"]).toBe("k");
    expect(seen.body).toBe("hej å");
    expect(body).toMatchObject({
      status: 202,
      body: "ok",
      isBinary: false,
      bodyBytes: 2,
      isTruncated: false,
    });
    expect(body.headers).toContainEqual(["X-Response", "yes"]);
    expect(body.fromGateway).toBe(false);
    expect(body.matched).toMatchObject({ id: "r2", integrationName: "Intake" });
  });

  it("says when the gateway responded itself, and to which route the request belongs", async () => {
    const ingress = await serve((_req, res) => {
      res.writeHead(401, { "Latchkey-Error": "key.unknown" }).end();
    });
    const { body } = await post(await console_(ingress), order);
    expect(body).toMatchObject({ status: 401, fromGateway: true, matched: { integrationName: "Intake" } });
    const lost = await post(await console_(ingress), { ...order, path: "/no/such/route" });
    expect(lost.body).toMatchObject({ fromGateway: true, matched: null });
  });

  it("reaches the configured ingress whatever the path says", async () => {
    const targets: string[] = [];
    const ingress = await serve((req, res) => {
      targets.push(`${req.headers.host} ${req.url}`);
      res.end();
    });
    const url = await console_(ingress);
    const host = new URL(ingress).host;
    for (const path of ["//evil.example/x", "/@evil.example/", "/http://evil.example/"]) {
      expect((await post(url, { ...order, path })).status).toBe(200);
      expect(targets.pop()).toBe(`${host} ${path}`);
    }
  });

  it("refuses what would change the target, the framing or the request line", async () => {
    const ingress = await serve((_req, res) => res.end());
    const url = await console_(ingress);
    const bad: readonly object[] = [
      { path: "http://evil.example/" },
      { path: "orders" },
      { path: "/a b" },
      { path: "/a\r\nX: y" },
      { path: `/${"a".repeat(tryItLimits.pathCharsMax)}` },
      { method: "CONNECT" },
      { method: "GET /x HTTP/1.1\r\nA: b\r\n\r\nGET" },
      { headers: [["Host", "evil.example"]] },
      { headers: [["transfer-encoding", "chunked"]] },
      { headers: [["Content-Length", "1"]] },
      { headers: [["X", "a\r\nHost: evil"]] },
      { headers: [["X y", "a"]] },
      { headers: "X: y" },
      { body: 1 },
    ];
    for (const change of bad) {
      const { status, body } = await post(url, { ...order, ...change });
      expect([JSON.stringify(change), status, body.code]).toEqual([JSON.stringify(change), 400, "invalid"]);
    }
  });

  it("keeps a bounded part of a long response, and shows binary as base64", async () => {
    const bytes = Buffer.alloc(tryItLimits.responseBytesMax + 10, 0xff);
    const ingress = await serve((_req, res) => res.end(bytes));
    const { body } = await post(await console_(ingress), { ...order, method: "GET", body: null });
    expect(body).toMatchObject({ isBinary: true, isTruncated: true, bodyBytes: bytes.length });
    expect(Buffer.from(body.body, "base64").length).toBe(tryItLimits.responseBytesMax);
  });

  it("responds with its reason when there is no ingress, none responds, or the order is too large", async () => {
    expect((await post(await console_(null), order)).body.code).toBe("not_configured");
    expect(await post(await console_("http://127.0.0.1:1"), order)).toMatchObject({
      status: 502,
      body: { code: "unreachable" },
    });
    const large = await post(await console_(null), {
      ...order,
      body: "x".repeat(tryItLimits.requestBytesMax),
    });
    expect(large).toMatchObject({ status: 400, body: { code: "invalid" } });
  });
});
