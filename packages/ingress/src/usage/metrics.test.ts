/** What a node's metrics say of requests that went through it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { request as requestOverTls } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { CredentialResource } from "@latchkey/snapshot";
import { firstTestCertificate, parseExposition, RawClient } from "@latchkey/testkit";
import { describe, expect, it } from "vitest";
import { until } from "../testing/until.js";
import { aKey, anApi, anIntegration, aRoute, engines, World } from "../testing/world.js";

const REQUESTS = "latchkey_ingress_route_requests_total";
const key = aKey("key_1", "api_1");
const other = aKey("key_2", "api_2");

const scrape = async (world: World) => {
  const response = await fetch(`${world.adminUrl}/metrics`);
  expect(response.headers.get("content-type")).toContain("text/plain; version=0.0.4");
  return parseExposition(await response.text());
};

const ask = async (world: World, secret: string | null, path: string, init: RequestInit = {}) => {
  const headers = { ...init.headers, ...(secret !== null && { "connxio-api-key": secret }) };
  const response = await fetch(`${world.url}${path}`, { ...init, headers });
  await response.arrayBuffer();
  return response.status;
};

describe.each(engines)("metrics of requests over %s", (engine) => {
  const start = () =>
    World.of(
      ({ upstream }) => [
        anIntegration("int_1", upstream.url),
        anIntegration("int_2", "http://127.0.0.1:1"),
        anApi("api_1", [aRoute("ANY", "/a", "int_1")]),
        anApi("api_2", [aRoute("GET", "/a", "int_2")]),
        key.resource,
        other.resource,
      ],
      { engine, config: { limits: { bodyIdleTimeoutMs: 300 } } },
    );

  it("add up over their labels to the plain counters, whatever ended the request", async () => {
    await using world = await start();
    expect(await ask(world, key.secret, "/a")).toBe(200);
    expect(await ask(world, key.secret, "/a", { method: "POST", body: "x" })).toBe(200);
    expect(await ask(world, key.secret, "/b")).toBe(404);
    expect(await ask(world, other.secret, "/a")).toBe(502);
    expect(await ask(world, other.secret, "/a", { method: "PUT" })).toBe(405);
    expect(await ask(world, null, "/a")).toBe(401);
    using raw = await RawClient.connect(world.ingress.port);
    raw.send(`OPTIONS /a HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\nconnxio-api-key: ${key.secret}\r\n\r\n`);
    await raw.response();
    using slow = await RawClient.connect(world.ingress.port);
    slow.send(
      `POST /a HTTP/1.1\r\nHost: a\r\nconnxio-api-key: ${key.secret}\r\nContent-Length: 9\r\n\r\nhalf`,
    );
    expect((await slow.response()).status).toBe(408);
    using broken = await RawClient.connect(world.ingress.port);
    broken.send("GET /a HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n");
    await broken.response().catch(() => null); // uWebSockets.js ends the connection by itself

    const metrics = await scrape(world);
    for (const status of ["client_closed", "1xx", "2xx", "3xx", "4xx", "5xx"])
      expect([status, metrics.sum(REQUESTS, { status })]).toEqual([
        status,
        metrics.value("latchkey_ingress_requests_total", { status }),
      ]);
    const total = metrics.sum("latchkey_ingress_requests_total");
    const reported = () =>
      world.server.usage.flatMap(({ counts }) => counts).reduce((sum, { count }) => sum + Number(count), 0);
    await world.server.when(() => reported() === total); // the sums of the control plane are those of the node
    const codes = metrics.samples.filter(({ name }) => name === "latchkey_ingress_errors_total");
    for (const { labels, value } of codes)
      expect([labels.code, metrics.sum(REQUESTS, { code: labels.code ?? "" })]).toEqual([labels.code, value]);
    const of = { api: "api_1", integration: "int_1" };
    expect(metrics.value(REQUESTS, { ...of, method: "GET", status: "2xx" })).toBe(1);
    expect(metrics.value(REQUESTS, { ...of, method: "POST", code: "request.timeout" })).toBe(1);
    expect(metrics.value(REQUESTS, { api: "api_2", method: "GET", code: "upstream.connect_refused" })).toBe(
      1,
    );
    expect(metrics.value("latchkey_ingress_request_duration_seconds_count", of)).toBe(3);
    expect(metrics.sum("latchkey_ingress_request_duration_seconds_count")).toBe(4);
    expect(metrics.value("latchkey_ingress_gateway_duration_seconds_count")).toBe(4);
  });
});

it("has no part of the integration's time, and none of a client's slow body, in the time that the gateway added", async () => {
  const SLOW_MS = 300;
  const server = createServer((req, res) => {
    req.resume().on("end", () => setTimeout(() => res.end("ok"), SLOW_MS));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await using world = await World.of(() => [
    anIntegration("int_1", `http://127.0.0.1:${port}`),
    anApi("api_1", [aRoute("ANY", "/a", "int_1")]),
    key.resource,
  ]);
  expect(await ask(world, key.secret, "/a")).toBe(200);
  using raw = await RawClient.connect(world.ingress.port);
  raw.send(`POST /a HTTP/1.1\r\nHost: a\r\nconnxio-api-key: ${key.secret}\r\nContent-Length: 2\r\n\r\nx`);
  await until(() => world.ingress.status().inFlight === 1); // the head was read: the node waits for the rest
  await sleep(SLOW_MS);
  raw.send("x");
  expect((await raw.response()).status).toBe(200);
  const metrics = await scrape(world);
  const total = metrics.sum("latchkey_ingress_request_duration_seconds_sum");
  const added = metrics.value("latchkey_ingress_gateway_duration_seconds_sum");
  expect(total).toBeGreaterThanOrEqual((3 * SLOW_MS - 5) / 1000);
  expect(added).toBeGreaterThan(0);
  expect(total - added).toBeGreaterThanOrEqual((3 * SLOW_MS - 5) / 1000);
  await new Promise((resolve) => server.close(resolve));
});

it("shows integrations in use with their targets, connections and requests in flight", async () => {
  await using world = await World.of(({ upstream }) => [
    anIntegration("int_1", upstream.url),
    anIntegration("int_2", "http://127.0.0.1:1", { circuitBreaker: { failures: 1, openMs: 60_000 } }),
    anIntegration("int_3", "http://127.0.0.1:2"),
    anApi("api_1", [
      aRoute("ANY", "/a", "int_1"),
      aRoute("ANY", "/b", "int_2"),
      aRoute("ANY", "/c", "int_3"),
    ]),
    key.resource,
  ]);
  expect(await ask(world, key.secret, "/a")).toBe(200);
  expect(await ask(world, key.secret, "/b")).toBe(502);
  const metrics = await scrape(world);
  const targets = (integration: string, state: string) =>
    metrics.value("latchkey_ingress_integration_targets", { integration, state });
  expect([targets("int_1", "available"), targets("int_1", "ejected")]).toEqual([1, 0]);
  expect([targets("int_2", "available"), targets("int_2", "ejected")]).toEqual([0, 1]);
  expect(targets("int_3", "available")).toBeNaN(); // not used so far
  expect(metrics.value("latchkey_ingress_targets", { state: "ejected" })).toBe(1);
  const connections = { integration: "int_1", state: "open" };
  expect(metrics.value("latchkey_ingress_integration_connections", connections)).toBe(1);
  expect(metrics.value("latchkey_ingress_integration_in_flight", { integration: "int_1" })).toBe(0);
});

it("counts TLS handshakes of clients that completed and that failed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-metrics-"));
  const tls = { certFile: join(folder, "cert.pem"), keyFile: join(folder, "key.pem") };
  writeFileSync(tls.certFile, firstTestCertificate.cert);
  writeFileSync(tls.keyFile, firstTestCertificate.key);
  await using world = await World.of(() => [], { engine: "strict", config: { tls } });
  const status = await new Promise((resolve, reject) => {
    const options = {
      port: world.ingress.port,
      host: "127.0.0.1",
      rejectUnauthorized: false,
      agent: false,
    } as const;
    requestOverTls(options, (response) => resolve(response.resume().statusCode))
      .on("error", reject)
      .end();
  });
  expect(status).toBe(401);
  using raw = await RawClient.connect(world.ingress.port);
  raw.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await raw.response().catch(() => null);
  const handshakes = async (outcome: string) =>
    (await scrape(world)).value("latchkey_ingress_tls_handshakes_total", { outcome });
  expect(await handshakes("completed")).toBe(1);
  await until(async () => (await handshakes("failed")) === 1);
  rmSync(folder, { recursive: true });
});

it("counts tokens that were fetched for integrations, and those that were not given", async () => {
  process.env.LATCHKEY_SECRET_METRICS_TEST = "secret";
  const tokens = createServer((req, res) => {
    res.writeHead(req.url === "/good" ? 200 : 500, { "content-type": "application/json" });
    res.end(JSON.stringify({ access_token: "t", token_type: "bearer", expires_in: 600 }));
  });
  await new Promise<void>((resolve) => tokens.listen(0, "127.0.0.1", resolve));
  const { port } = tokens.address() as { port: number };
  const credential = (id: string): CredentialResource => ({
    kind: "credential",
    id,
    subscriptionId: "sub_1",
    name: id,
    secret: { kind: "reference", reference: "env:LATCHKEY_SECRET_METRICS_TEST" },
    scheme: {
      kind: "oauth",
      tokenUrl: `http://127.0.0.1:${port}/${id}`,
      clientId: "c",
      clientAuthentication: "client-secret-post",
      scope: "",
      audience: "",
      resource: "",
      keyId: "",
    },
  });
  await using world = await World.of(({ upstream }) => [
    credential("good"),
    credential("bad"),
    anIntegration("int_1", upstream.url, { credentialIds: ["good"] }),
    anIntegration("int_2", upstream.url, { credentialIds: ["bad"] }),
    anApi("api_1", [aRoute("ANY", "/a", "int_1"), aRoute("ANY", "/b", "int_2")]),
    key.resource,
  ]);
  expect(await ask(world, key.secret, "/a")).toBe(200);
  expect(await ask(world, key.secret, "/b")).toBe(502);
  const metrics = await scrape(world);
  expect(metrics.value("latchkey_ingress_upstream_tokens_total", { outcome: "fetched" })).toBe(1);
  expect(metrics.value("latchkey_ingress_upstream_tokens_total", { outcome: "failed" })).toBe(1);
  tokens.closeAllConnections();
  tokens.close();
});
