import type { CorsPolicy } from "@latchkey/core";
import { RawClient } from "@latchkey/testkit";
import { describe, expect, it } from "vitest";
import type { EngineName } from "../fronts/front-request.js";
import { aKey, anApi, anIntegration, aRoute, engines, World } from "../testing/world.js";

const policy: CorsPolicy = {
  origins: ["https://app.example.com", "https://*.shop.example"],
  methods: ["PUT"],
  headers: ["content-type"],
  exposedHeaders: ["x-total"],
  credentials: true,
  maxAgeSeconds: 60,
};
const anyPage: CorsPolicy = {
  origins: ["*"],
  methods: [],
  headers: [],
  exposedHeaders: [],
  credentials: false,
  maxAgeSeconds: 600,
};
const key = aKey("key_1", "api_1");
const webhook = aKey("key_w", "api_1", { mode: "webhook" });
const off = aKey("key_off", "api_1", { active: false });
const open = aKey("key_2", "api_2");
const none = aKey("key_3", "api_3");
const APP = "https://app.example.com";

const worldOf = (engine: EngineName, cors: { one?: CorsPolicy | null; two?: CorsPolicy | null } = {}) =>
  World.of(
    ({ upstream }) => [
      anIntegration("int_1", upstream.url, { method: "AS_RECEIVED" }),
      anApi("api_1", [aRoute("ANY", "/a/{rest*}", "int_1")], {
        cors: cors.one === undefined ? policy : cors.one,
      }),
      anApi("api_2", [aRoute("ANY", "/b", "int_1")], { cors: cors.two ?? null }),
      anApi("api_3", [aRoute("ANY", "/c", "int_1")]),
      ...[key, webhook, off, open, none].map(({ resource }) => resource),
    ],
    { engine },
  );

const preflight = (world: World, origin: string, method: string, headers: string, path = "/a/1") =>
  fetch(world.url + path, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": method,
      "access-control-request-headers": headers,
    },
  });

/** The CORS headers of a response. */
const corsOf = (response: Response) =>
  Object.fromEntries(
    [...response.headers]
      .filter(([name]) => name.startsWith("access-control-") || name === "vary")
      .map(([name, value]) => [name.replace("access-control-", ""), value]),
  );

const OWN = "InterchangeId, latchkey-error, retry-after, ratelimit, ratelimit-policy";

describe.each(engines)("CORS over %s", (engine) => {
  it("lets the pages of an API's policy send their preflight request, which carries no key", async () => {
    await using world = await worldOf(engine);
    const allowed = await preflight(world, APP, "PUT", "connxio-api-key, content-type");
    expect(allowed.status).toBe(204);
    expect(corsOf(allowed)).toEqual({
      "allow-origin": APP,
      "allow-methods": "PUT",
      "allow-headers": "connxio-api-key, content-type",
      "allow-credentials": "true",
      "max-age": "60",
      vary: "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
    });
    const subdomain = await preflight(world, "https://a.b.shop.example", "PUT", "connxio-api-key");
    expect(corsOf(subdomain)["allow-origin"]).toBe("https://a.b.shop.example");
    const more = corsOf(await preflight(world, APP, "DELETE", "connxio-api-key, x-other"));
    expect(more).not.toHaveProperty("allow-methods");
    expect(more["allow-headers"]).toBe("connxio-api-key");
    expect(world.upstream.seen).toHaveLength(0);
  });

  it("tells pages that no API allows nothing that a request without a key does not hear", async () => {
    await using world = await worldOf(engine);
    const wildcard = "https://*.shop.example"; // of the policy, and no origin
    for (const origin of [
      "https://evil.example",
      "https://shop.example",
      wildcard,
      `${APP}.evil.example`,
      "null",
    ]) {
      const refused = await preflight(world, origin, "PUT", "connxio-api-key");
      expect(refused.status).toBe(401);
      expect(corsOf(refused)).toEqual({ vary: "Origin" });
      const read = await fetch(`${world.url}/nowhere`, {
        headers: { origin, "connxio-api-key": key.secret },
      });
      expect(corsOf(read)).toEqual({ vary: "Origin" });
    }
  });

  it("puts the policy's lines on responses of the integration in place of its own, and on every refusal", async () => {
    await using world = await worldOf(engine);
    world.upstream.behaviour = () => ({
      headers: [
        "access-control-allow-origin",
        "*",
        "access-control-allow-methods",
        "GET",
        "vary",
        "Accept",
        "x-total",
        "3",
      ],
    });
    const expected = {
      "allow-origin": APP,
      "allow-credentials": "true",
      "expose-headers": `${OWN}, x-total`,
    };
    const send = (secret: string, path: string, origin = APP) =>
      fetch(world.url + path, { headers: { origin, "connxio-api-key": secret } });
    const passed = await send(key.secret, "/a/1");
    expect([passed.status, corsOf(passed)]).toEqual([200, { ...expected, vary: "Accept, Origin" }]);
    for (const [secret, path, status] of [
      [key.secret, "/nowhere", 404],
      [off.secret, "/a/1", 403],
    ] as const) {
      const refused = await send(secret, path);
      expect([refused.status, corsOf(refused)]).toEqual([status, { ...expected, vary: "Origin" }]);
    }
    const other = await send(key.secret, "/a/1", "https://evil.example");
    expect([other.status, corsOf(other)]).toEqual([200, { vary: "Accept, Origin" }]);
    await world.upstream.close();
    const failed = await send(key.secret, "/a/1");
    expect([failed.status, corsOf(failed)]).toEqual([502, { ...expected, vary: "Origin" }]);
    // Without a key no API is known: the pages of any API may read why.
    const keyless = await fetch(`${world.url}/a/1`, { headers: { origin: APP } });
    expect([keyless.status, corsOf(keyless)["allow-origin"]]).toEqual([401, APP]);
  });

  it("leaves the CORS headers of integrations alone where the API has no policy", async () => {
    await using world = await worldOf(engine);
    world.upstream.behaviour = () => ({ headers: ["access-control-allow-origin", "*"] });
    const passed = await fetch(`${world.url}/c`, {
      headers: { origin: APP, "connxio-api-key": none.secret },
    });
    expect(corsOf(passed)).toEqual({ "allow-origin": "*" });
  });

  it("responds to a preflight request with a webhook key by the policy of the key's API alone", async () => {
    await using world = await worldOf(engine, { two: anyPage });
    const query = `?Connxio-Api-Key=${webhook.secret}&Connxio-Api-Webhook=true`;
    const refused = await preflight(world, "https://evil.example", "PUT", "content-type", `/a/1${query}`);
    expect([refused.status, corsOf(refused)]).toEqual([204, { vary: "Origin" }]);
    const allowed = await preflight(world, APP, "PUT", "content-type", `/a/1${query}`);
    expect([allowed.status, corsOf(allowed)["allow-origin"]]).toEqual([204, APP]);
  });

  it("takes what all APIs of the node allow together, and forgets a policy that is changed or removed", async () => {
    await using world = await worldOf(engine, { two: anyPage });
    const asked = async (origin: string) => corsOf(await preflight(world, origin, "DELETE", "x-any"));
    expect(await asked("https://else.example")).toMatchObject({ "allow-origin": "*", "max-age": "600" });
    expect(await asked(APP)).toMatchObject({
      "allow-origin": APP,
      "allow-methods": "DELETE",
      "allow-headers": "x-any",
      "allow-credentials": "true",
      "max-age": "60",
    });
    await world.change([anApi("api_2", [aRoute("ANY", "/b", "int_1")])]);
    expect(await asked("https://else.example")).toEqual({ vary: "Origin" });
    await world.change([], [{ kind: "api", id: "api_1" }]);
    const gone = await preflight(world, APP, "PUT", "connxio-api-key");
    expect([gone.status, corsOf(gone)]).toEqual([401, {}]);
  });

  it("is applied from the last-known-good file by a node that starts without its control plane", async () => {
    await using world = await worldOf(engine);
    await world.ingress.close();
    await world.server.close();
    await world.startIngress();
    const allowed = await preflight(world, APP, "PUT", "connxio-api-key");
    expect([allowed.status, corsOf(allowed)["allow-origin"]]).toEqual([204, APP]);
  });

  it("reads one origin only", async () => {
    await using world = await worldOf(engine);
    using client = await RawClient.connect(world.ingress.port);
    client.send(
      `GET /a/1 HTTP/1.1\r\nHost: a\r\nOrigin: ${APP}\r\nOrigin: https://evil.example\r\nConnxio-Api-Key: ${key.secret}\r\n\r\n`,
    );
    const response = await client.response();
    expect(response.status).toBe(200);
    expect(response.header("access-control-allow-origin")).toBeUndefined();
  });
});
