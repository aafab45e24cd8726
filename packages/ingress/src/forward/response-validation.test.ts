/** Responses of routes that have them checked: reported, refused, or none of the gateway's business. */
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { until } from "../testing/until.js";
import { aKey, anApi, anIntegration, aRoute, engines, World } from "../testing/world.js";

/** Many times what a response takes on a busy machine. */
const RESPONSE_MS_MAX = 10_000;
const key = aKey("key_1", "api_1");
const operation = JSON.stringify({
  responses: {
    "200": {
      headers: { "X-Rate": { schema: { type: "integer" } } },
      content: {
        "application/json": { schema: { $ref: "#/components/schemas/Order" } },
        "text/event-stream": { schema: { type: "object" } },
      },
    },
    "204": {},
    "4XX": { content: { "application/json": { schema: { type: "object", required: ["error"] } } } },
  },
});
const schemas = JSON.stringify({
  Order: {
    type: "object",
    required: ["id"],
    properties: { id: { type: "integer" }, secret: { writeOnly: true } },
  },
});
const json = (body: string | Buffer, status = 200, headers: readonly string[] = []) => ({
  status,
  headers: ["Content-Type", "application/json", ...headers],
  body,
});

describe.each(engines)("response validation over %s", (engine) => {
  const start = (config: object = {}) =>
    World.of(
      ({ upstream }) => [
        anIntegration("int_1", upstream.url, {
          circuitBreaker: { failures: 1, openMs: 60_000 },
          responseSchema: '{"type":"array"}',
        }),
        anApi(
          "api_1",
          [
            { ...aRoute("ANY", "/report", "int_1"), operation, responseValidation: "report" },
            { ...aRoute("ANY", "/refuse", "int_1"), operation, responseValidation: "refuse" },
            { ...aRoute("GET", "/integration", "int_1"), responseValidation: "refuse" },
            { ...aRoute("ANY", "/off", "int_1"), operation },
          ],
          { schemas },
        ),
        key.resource,
      ],
      { engine, config },
    );
  const ask = async (world: World, path: string, method = "GET") => {
    const response = await fetch(`${world.url}${path}`, {
      method,
      headers: { "connxio-api-key": key.secret },
      // A response that waits for its check for ever is a failure of its test, not of all that come behind.
      signal: AbortSignal.timeout(RESPONSE_MS_MAX),
    });
    return {
      status: response.status,
      code: response.headers.get("latchkey-error"),
      body: await response.text(),
    };
  };
  const counts = async (world: World) => {
    const text = await (await fetch(`${world.adminUrl}/metrics`)).text();
    return Object.fromEntries(
      [...text.matchAll(/latchkey_ingress_response_checks_total\{outcome="(\w+)"\} (\d+)/g)]
        .map(([, outcome, count]) => [outcome, Number(count)])
        .filter(([, count]) => count !== 0),
    );
  };
  const faults = (world: World) =>
    world.logLines
      .filter((line) => line.includes("does not match its operation"))
      .map((line) => JSON.parse(line) as { routeId: string; issues: { in: string; pointer: string }[] });

  it("lets through what fits, as it came", async () => {
    await using world = await start();
    const body = '{ "id" : 1.0 }';
    world.upstream.behaviour = () => json(body, 200, ["X-Rate", "5"]);
    for (const path of ["/report", "/refuse", "/off"])
      expect(await ask(world, path)).toEqual({ status: 200, code: null, body });
    world.upstream.behaviour = () => ({ status: 204 });
    expect((await ask(world, "/refuse")).status).toBe(204);
    world.upstream.behaviour = () => json('{"error":1}', 404);
    expect((await ask(world, "/refuse")).status).toBe(404);
    expect(await counts(world)).toEqual({ valid: 4 });
    expect(faults(world)).toEqual([]);
  });

  it.each([
    ["body", json('{"id":"password"}')],
    ["body of another status", json("[]", 418)],
    ["status", json('{"id":1}', 201)],
    [
      "content type",
      {
        status: 200,
        headers: ["Content-Type", "text/html"],
        body: "<b>password</b>",
      },
    ],
    ["header", json('{"id":1}', 200, ["X-Rate", "password"])],
    ["large body", json(JSON.stringify({ id: "password", more: "x".repeat(100_000) }))],
    ["compressed body", json(gzipSync('{"id":"password"}'), 200, ["Content-Encoding", "gzip"])],
  ])("reports or refuses a response with the wrong %s, and shows nothing of it", async (_, response) => {
    await using world = await start();
    world.upstream.behaviour = () => response;
    const off = await ask(world, "/off");
    expect(off.status).toBe(response.status);
    expect(await ask(world, "/report")).toEqual(off);
    const refused = await ask(world, "/refuse");
    expect([refused.status, refused.code]).toEqual([502, "upstream.response_invalid"]);
    expect(refused.body).not.toContain("password");
    await until(async () => (await counts(world)).reported === 1);
    expect(await counts(world)).toEqual({ reported: 1, refused: 1 });
    expect(faults(world)).toHaveLength(2);
    expect(world.logLines.join()).not.toContain("password");
    // A response that is wrong is a response: the circuit stays closed, and nothing is sent twice.
    expect(world.upstream.seen).toHaveLength(3);
    world.upstream.behaviour = () => json('{"id":1}');
    expect((await ask(world, "/refuse")).status).toBe(200);
  });

  it("says of a body what the integration says where the operation has no response for it", async () => {
    await using world = await start();
    world.upstream.behaviour = () => json("[]");
    expect((await ask(world, "/integration")).status).toBe(200);
    world.upstream.behaviour = () => json("{}");
    expect((await ask(world, "/integration")).status).toBe(502);
    world.upstream.behaviour = () => json("{}", 500);
    expect((await ask(world, "/integration")).status).toBe(500);
  });

  it("never reads event streams, and bodies that nobody gets", async () => {
    await using world = await start();
    world.upstream.behaviour = () => ({
      headers: ["Content-Type", "text/event-stream"],
      body: "data: 1\n\n",
    });
    expect(await ask(world, "/refuse")).toEqual({ status: 200, code: null, body: "data: 1\n\n" });
    world.upstream.behaviour = () => json('{"id":"x"}');
    expect((await ask(world, "/refuse", "HEAD")).status).toBe(200);
  });

  it("refuses what is too large to be collected, and reports nothing of it", async () => {
    await using world = await start({ limits: { checkedBodyBytesMax: 1_000 } });
    const body = JSON.stringify({ id: "x", more: "x".repeat(2_000) });
    world.upstream.behaviour = () => json(body);
    expect(await ask(world, "/report")).toEqual({ status: 200, code: null, body });
    const refused = await ask(world, "/refuse");
    expect([refused.status, refused.code]).toEqual([502, "upstream.response_too_large"]);
    expect(await counts(world)).toEqual({ unchecked: 2 });
  });
});
