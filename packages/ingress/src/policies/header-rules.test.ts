import { type HeaderRules, noHeaderRules } from "@latchkey/core";
import { RawClient } from "@latchkey/testkit";
import { describe, expect, it } from "vitest";
import type { EngineName } from "../fronts/front-request.js";
import { aKey, anApi, anIntegration, aRoute, engines, World } from "../testing/world.js";

const key = aKey("key_1", "api_1", { name: "Partner Ä%" });
const CORS = {
  origins: ["https://app.example.com"],
  methods: [],
  headers: [],
  exposedHeaders: [],
  credentials: false,
  maxAgeSeconds: 60,
};

interface Rules {
  readonly integration?: Partial<HeaderRules>;
  readonly route?: Partial<HeaderRules>;
  readonly spelled?: readonly string[];
  readonly cors?: typeof CORS;
}

const worldOf = (engine: EngineName, { integration, route, spelled, cors }: Rules) =>
  World.of(
    ({ upstream }) => [
      anIntegration("int_1", upstream.url, {
        method: "AS_RECEIVED",
        headerRules: { ...noHeaderRules, ...integration },
        spelledHeaders: spelled ?? [],
      }),
      anApi(
        "api_1",
        [{ ...aRoute("ANY", "/a/{id}", "int_1"), headerRules: { ...noHeaderRules, ...route } }],
        { cors: cors ?? null },
      ),
      key.resource,
    ],
    { engine },
  );

const send = (world: World, path: string, headers: Record<string, string> = {}) =>
  fetch(world.url + path, { headers: { "connxio-api-key": key.secret, ...headers } });

/** Lines of the upstream request, as they were written. */
const lines = (world: World) => world.upstream.last.raw.toString("latin1").split("\r\n").slice(1, -2);
const linesOf = (world: World, name: string) =>
  lines(world).filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`));

describe.each(engines)("header rules over %s", (engine) => {
  it("set, append and remove headers of requests, the route's rules after the integration's", async () => {
    await using world = await worldOf(engine, {
      integration: {
        request: [
          { action: "set", name: "X-Tenant", value: "north" },
          { action: "set", name: "X-Stage", value: "integration" },
          { action: "remove", name: "user-agent", value: "" },
          { action: "append", name: "X-List", value: "two" },
        ],
      },
      route: { request: [{ action: "set", name: "X-Stage", value: "route" }] },
    });
    await send(world, "/a/1", {
      "x-tenant": "evil",
      // The library of uws ends connections with such names.
      ...(engine === "uws" ? {} : { "x.tenant": "evil" }),
      "x-list": "one",
      "user-agent": "curl",
    });
    expect(linesOf(world, "x-tenant")).toEqual(["X-Tenant: north"]);
    expect(linesOf(world, "x.tenant")).toEqual([]);
    expect(linesOf(world, "x-stage")).toEqual(["X-Stage: route"]);
    expect(linesOf(world, "user-agent")).toEqual([]);
    expect(linesOf(world, "x-list")).toEqual(["X-List: one", "X-List: two"]);
  });

  it("fill values from path, query, headers, ids and the key's name, escaped", async () => {
    await using world = await worldOf(engine, {
      route: {
        request: [
          {
            action: "set",
            name: "x-all",
            value: "{path.id}|{query.q}|{header.X-In}|{interchangeId}|{key.id}",
          },
          { action: "set", name: "x-key", value: "{{{key.name}}}" },
          { action: "set", name: "x-raw", value: "{query.line}" },
        ],
      },
    });
    await send(world, "/a/b%20c?q=d%20e&q=second&line=a%0d%0aX-Evil:%201", {
      "x-in": "f",
      interchangeid: "id-1",
    });
    expect(linesOf(world, "x-all")).toEqual(["x-all: b%20c|d%20e|f|id-1|key_1"]);
    expect(linesOf(world, "x-key")).toEqual(["x-key: {Partner %C3%84%25}"]);
    expect(linesOf(world, "x-raw")).toEqual(["x-raw: a%0d%0aX-Evil:%201"]);
    expect(linesOf(world, "x-evil")).toEqual([]);
  });

  it("add nothing where a value is too long: a rule may repeat what the client sent", async () => {
    await using world = await worldOf(engine, {
      integration: {
        request: [
          { action: "set", name: "X-Once", value: "{header.x-long}" },
          { action: "set", name: "X-Often", value: "{header.x-long}".repeat(100) },
        ],
      },
    });
    await send(world, "/a/1", { "x-long": "x".repeat(2_000), "x-often": "of the client" });
    expect(linesOf(world, "x-once")).toEqual([`X-Once: ${"x".repeat(2_000)}`]);
    expect(linesOf(world, "x-often")).toEqual([]);
  });

  it("add nothing where a value is missing; `set` still takes out what the client sent", async () => {
    await using world = await worldOf(engine, {
      integration: {
        request: [
          { action: "set", name: "x-user", value: "u-{query.user}" },
          { action: "set", name: "x-other", value: "{path.none}" },
          { action: "append", name: "x-more", value: "{header.x-none}" },
        ],
      },
    });
    await send(world, "/a/1?user2=x", { "x-user": "admin", "x-more": "kept" });
    expect([linesOf(world, "x-user"), linesOf(world, "x-other"), linesOf(world, "x-more")]).toEqual([
      [],
      [],
      ["x-more: kept"],
    ]);
  });

  it("never shows the client's key to templates", async () => {
    await using world = await worldOf(engine, {
      route: {
        request: [
          { action: "set", name: "x-key", value: "{header.connxio-api-key}" },
          { action: "set", name: "x-query", value: "{query.Connxio-Api-Key}" },
        ],
      },
    });
    await send(world, "/a/1?Connxio-Api-Key=lk_x");
    expect([linesOf(world, "x-key"), linesOf(world, "x-query")]).toEqual([[], []]);
    expect(lines(world).join("\n")).not.toContain(key.secret);
  });

  it("write names as the integration needs them", async () => {
    await using world = await worldOf(engine, { spelled: ["SOAPAction", "X-ABC"] });
    await send(world, "/a/1", { soapaction: "urn:a", "x-abc": "1", "x-def": "2" });
    expect([linesOf(world, "soapaction"), linesOf(world, "x-abc"), linesOf(world, "x-def")]).toEqual([
      ["SOAPAction: urn:a"],
      ["X-ABC: 1"],
      ["x-def: 2"],
    ]);
  });

  it("change responses of the integration, before the API's CORS policy", async () => {
    await using world = await worldOf(engine, {
      integration: {
        response: [
          { action: "set", name: "Strict-Transport-Security", value: "max-age=31536000" },
          { action: "remove", name: "Server", value: "" },
          { action: "set", name: "Vary", value: "Accept" },
        ],
      },
      route: { response: [{ action: "set", name: "X-Id", value: "{path.id}" }] },
      cors: CORS,
    });
    world.upstream.behaviour = () => ({
      headers: ["Server", "old/1", "Vary", "Accept-Language", "X-Id", "0"],
    });
    for (const path of ["/a/7", "/a/7"]) {
      const response = await send(world, path, { origin: "https://app.example.com" });
      expect(response.status).toBe(200);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        "strict-transport-security": "max-age=31536000",
        vary: "Accept, Origin",
        "x-id": "7",
        "access-control-allow-origin": "https://app.example.com",
      });
      expect(response.headers.get("server")).toBeNull();
    }
  });

  it("keep bytes of a copied header within its line", async () => {
    await using world = await worldOf(engine, {
      route: {
        request: [{ action: "set", name: "x-copy", value: "{header.x-in}" }],
        response: [{ action: "set", name: "x-back", value: "{header.x-in}" }],
      },
    });
    const byte = engine === "uws" ? "" : "\xe9"; // which the library's build for Node.js 20 leaves out
    using client = await RawClient.connect(world.ingress.port);
    client.send(
      `GET /a/1 HTTP/1.1\r\nHost: a\r\nConnxio-Api-Key: ${key.secret}\r\nX-In: a\tb${byte}\r\n\r\n`,
    );
    const response = await client.response();
    expect(response.status).toBe(200);
    expect(linesOf(world, "x-copy")).toEqual([`x-copy: a\tb${byte}`]);
  });
});

it("quarantines an integration with a rule that no control plane would save, and serves without rules by reference", async () => {
  await using world = await worldOf("strict", {});
  await world.change([
    anIntegration("int_1", world.upstream.url, {
      headerRules: { request: [{ action: "set", name: "Host", value: "evil" }], response: [] },
    }),
  ]);
  const refused = await send(world, "/a/1");
  expect([refused.status, refused.headers.get("latchkey-error")]).toEqual([503, "integration.unavailable"]);
});
