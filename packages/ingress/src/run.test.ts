import { once } from "node:events";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { RawClient } from "@latchkey/testkit";
import { describe, expect, it } from "vitest";
import { Program } from "./testing/program.js";
import { aKey, anApi, anIntegration, aRoute, engines, World } from "./testing/world.js";

const key = aKey("key_1", "api_1");
const webhook = aKey("key_2", "api_1", { mode: "webhook" });
const header = { "connxio-api-key": key.secret };
const resources = ({ upstream }: World) => [
  anIntegration("int_1", upstream.url),
  anApi("api_1", [aRoute("ANY", "/{rest*}", "int_1")]),
  key.resource,
  webhook.resource,
];

interface WebhookDefinition {
  readonly name: string;
  readonly examples: readonly unknown[];
}

describe.each(engines)("a node on %s", (engine) => {
  it("delivers every webhook body of GitHub byte for byte, by header and by query, without a trace of the key", async () => {
    const definitions = createRequire(import.meta.url)("@octokit/webhooks-examples") as {
      readonly default?: readonly WebhookDefinition[];
    } & readonly WebhookDefinition[];
    const all = definitions.default ?? definitions;
    await using world = await World.of(resources, { engine });
    let sent = 0;
    for (const { name, examples } of all) {
      for (const example of examples) {
        const body = JSON.stringify(example);
        const headers = {
          "content-type": "application/json",
          "user-agent": "GitHub-Hookshot/1",
          "x-github-event": name,
          "x-github-delivery": `delivery-${sent}`,
          "x-hub-signature-256": `sha256=${sent}`,
        };
        const byHeader = sent % 2 === 0;
        const url = byHeader
          ? `${world.url}/hooks/${name}?a=1`
          : `${world.url}/hooks/${name}?Connxio-Api-Key=${webhook.secret}&a=1&Connxio-Api-Webhook=true`;
        const response = await fetch(url, {
          method: "POST",
          headers: byHeader ? { ...headers, ...header } : headers,
          body,
        });
        expect(response.status).toBe(200);
        await response.arrayBuffer();
        sent++;
        const seen = world.upstream.last;
        expect(seen.body.equals(Buffer.from(body))).toBe(true);
        expect(seen.target).toBe("/?a=1");
        for (const [header, value] of Object.entries(headers)) expect(seen.header(header)).toBe(value);
        const raw = seen.raw.toString("latin1").toLowerCase();
        expect(raw).not.toContain("connxio-api");
        expect(raw).not.toContain("lk_");
      }
    }
    console.log(`${engine}: ${sent} webhook bodies delivered`);
    expect(sent).toBeGreaterThan(100);
  });

  it("drains: /readyz turns 503 first, requests in flight finish, then the port is closed", async () => {
    await using world = await World.of(resources, { engine });
    let release: (() => void) | undefined;
    world.upstream.behaviour = () =>
      new Promise((resolve) => (release = () => resolve({ body: "finished" })));
    using raw = await RawClient.connect(world.ingress.port);
    raw.send(`GET /a HTTP/1.1\r\nHost: a\r\nconnxio-api-key: ${key.secret}\r\n\r\n`);
    await world.upstream.sawRequests(1);
    const closing = world.ingress.close();
    expect((await fetch(`${world.adminUrl}/readyz`)).status).toBe(503);
    release?.();
    const response = await raw.response();
    expect([response.status, response.body.toString(), response.header("connection")]).toEqual([
      200,
      "finished",
      "close",
    ]);
    await closing;
    await expect(connected(world.ingress.port)).rejects.toThrow("ECONNREFUSED");
  });

  it("ends what does not finish within the drain limit with 503", async () => {
    await using world = await World.of(resources, { engine, config: { drainMs: 200 } });
    world.upstream.behaviour = () => new Promise(() => undefined);
    using raw = await RawClient.connect(world.ingress.port);
    raw.send(`GET /a HTTP/1.1\r\nHost: a\r\nconnxio-api-key: ${key.secret}\r\n\r\n`);
    await world.upstream.sawRequests(1);
    await world.ingress.close();
    const response = await raw.response();
    expect([response.status, response.header("latchkey-error")]).toEqual([503, "gateway.draining"]);
  });

  it("starts from the last-known-good revision while the control plane is away", async () => {
    await using world = await World.of(resources, { engine });
    await world.ingress.close();
    await world.server.close();
    await world.startIngress();
    expect((await fetch(`${world.adminUrl}/readyz`)).status).toBe(200);
    expect((await fetch(`${world.url}/a`, { headers: header })).status).toBe(200);
  });

  it("shows metrics and state without ids of keys or secrets", async () => {
    await using world = await World.of(resources, { engine });
    for (let i = 0; i < 3; i++) await fetch(`${world.url}/a`, { headers: header });
    await fetch(`${world.url}/a`);
    const metrics = await (await fetch(`${world.adminUrl}/metrics`)).text();
    expect(metrics).toContain('latchkey_ingress_requests_total{status="2xx"} 3');
    expect(metrics).toContain('latchkey_ingress_errors_total{code="key.missing"} 1');
    expect(metrics).toContain('latchkey_ingress_gateway_duration_seconds_bucket{le="+Inf"} 3');
    const status = await (await fetch(`${world.adminUrl}/status`)).text();
    expect(JSON.parse(status)).toMatchObject({
      ready: true,
      stream: "streaming",
      revision: "1000/1",
      apis: 1,
      keys: 2,
    });
    const tree = await (await fetch(`${world.adminUrl}/tree?api=api_1`)).json();
    expect(tree).toEqual([
      { id: "rte_ANY/{rest*}", method: "ANY", pattern: "/{rest*}", integrationId: "int_1", usable: true },
    ]);
    expect((await fetch(`${world.adminUrl}/tree?api=none`)).status).toBe(404);
    expect((await fetch(`${world.adminUrl}/status`, { method: "POST" })).status).toBe(405);
    for (const text of [metrics, status]) {
      for (const hidden of [key.secret, "key_1"]) expect(text).not.toContain(hidden);
    }
  });
});

describe("the program", () => {
  it("serves, drains on SIGTERM and ends with 0", async () => {
    await using world = await World.empty();
    world.server.load([]);
    await using node = new Program(world, {});
    await world.server.acked();
    node.child.kill("SIGTERM");
    expect(await node.ended()).toBe(0);
    const { errors } = node;
    expect(errors).toContain("ingress listens");
    expect(errors).toContain('"msg":"closed"');
  });

  it("names every wrong setting at once and ends with 2", async () => {
    await using world = await World.empty();
    await using node = new Program(world, {
      LATCHKEY_INGRESS_PORT: "a lot",
      LATCHKEY_INGRESS_ENGINE: "steam",
      LATCHKEY_INGRESS_DRAIN: "1",
    });
    expect(await node.ended()).toBe(2);
    const { errors } = node;
    expect(errors).toContain(
      'port (environment variable LATCHKEY_INGRESS_PORT) is "a lot"; expected a whole number',
    );
    expect(errors).toContain("expected one of strict, uws");
    expect(errors).toContain("LATCHKEY_INGRESS_DRAIN");
  });

  it("names a taken port and the setting that changes it, and ends with 1", async () => {
    await using world = await World.of(resources);
    await using node = new Program(world, { LATCHKEY_INGRESS_PORT: String(world.ingress.port) });
    expect(await node.ended()).toBe(1);
    const { errors } = node;
    expect(errors).toContain(
      `port ${world.ingress.port} on 127.0.0.1 is taken; set another client port with LATCHKEY_INGRESS_PORT`,
    );
  });
});

async function connected(port: number): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
  } finally {
    socket.destroy();
  }
}
