import { RawClient } from "@latchkey/testkit";
import { describe, expect, it } from "vitest";
import { aKey, anApi, anIntegration, aRoute, engines, World } from "../testing/world.js";

const key = aKey("key_1", "api_1");
const schema = JSON.stringify({
  type: "object",
  properties: { amount: { type: "number", minimum: 1 }, lines: { type: "array", items: { type: "string" } } },
  required: ["amount"],
});

describe.each(engines)("validation over %s", (engine) => {
  const start = (more: object = {}, config: object = {}) =>
    World.of(
      ({ upstream }) => [
        anIntegration("int_1", upstream.url, { requestSchema: schema, ...more }),
        anApi("api_1", [
          { ...aRoute("POST", "/checked", "int_1"), validate: true },
          aRoute("POST", "/free", "int_1"),
          { ...aRoute("GET", "/checked", "int_1"), validate: true },
        ]),
        key.resource,
      ],
      { engine, config },
    );
  const ask = async (world: World, body: string, type = "application/json", path = "/checked") => {
    const response = await fetch(`${world.url}${path}`, {
      method: "POST",
      headers: { "connxio-api-key": key.secret, "content-type": type },
      body,
    });
    return {
      status: response.status,
      problem: (await response.json()) as { code: string; errors: { pointer: string }[] },
    };
  };

  it("lets through what fits, as it came", async () => {
    await using world = await start();
    const body = '{ "amount" : 1.50, "lines": ["a"] }';
    expect((await ask(world, body)).status).toBe(200);
    expect(world.upstream.last.body.toString()).toBe(body);
  });

  it("refuses what does not fit with pointers, and sends nothing upstream", async () => {
    await using world = await start();
    const wrong = await ask(world, '{"amount": 0, "lines": ["a", 2]}');
    expect([wrong.status, wrong.problem.code]).toEqual([422, "request.schema_mismatch"]);
    expect(wrong.problem.errors.map(({ pointer }) => pointer).sort()).toEqual(["/amount", "/lines/1"]);
    const syntax = await ask(world, '{"amount": ');
    expect([syntax.status, syntax.problem.code]).toEqual([400, "request.body_malformed"]);
    const type = await ask(world, "amount=1", "application/x-www-form-urlencoded");
    expect([type.status, type.problem.code]).toEqual([415, "request.media_type_unsupported"]);
    expect(world.upstream.seen).toHaveLength(0);
  });

  it("leaves routes alone that do not ask for it", async () => {
    await using world = await start();
    expect((await ask(world, "anything", "text/plain", "/free")).status).toBe(200);
  });

  it("checks a body that comes in pieces, and one that is too large to be collected is refused", async () => {
    await using world = await start({}, { limits: { checkedBodyBytesMax: 2_000 } });
    using raw = await RawClient.connect(world.ingress.port);
    const head = `POST /checked HTTP/1.1\r\nHost: a\r\nconnxio-api-key: ${key.secret}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
    raw.send(head);
    for (const piece of ['{"amou', 'nt": 5', "}"]) {
      raw.send(`${piece.length.toString(16)}\r\n${piece}\r\n`);
      await new Promise(setImmediate);
    }
    raw.send("0\r\n\r\n");
    expect((await raw.answer()).status).toBe(200);
    expect(world.upstream.last.body.toString()).toBe('{"amount": 5}');
    raw.send(`${head}bb8\r\n${" ".repeat(3_000)}\r\n0\r\n\r\n`);
    expect((await raw.answer()).status).toBe(413);
  });

  it("does not serve a route whose schema is no schema", async () => {
    await using world = await start({ requestSchema: '{"type": "no such type"}' });
    const response = await ask(world, "{}");
    expect([response.status, response.problem.code]).toEqual([503, "integration.unavailable"]);
  });
});
