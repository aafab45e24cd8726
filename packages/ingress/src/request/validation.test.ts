import { RawClient, type RawResponse } from "@latchkey/testkit";
import { describe, expect, it } from "vitest";
import { until } from "../testing/until.js";
import { aKey, anApi, anIntegration, aRoute, engines, World } from "../testing/world.js";

const key = aKey("key_1", "api_1");
/** Of a route: the operation that has these parameters. */
const withParameters = (parameters: readonly object[]) => ({ operation: JSON.stringify({ parameters }) });
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

  it("requires a required body, whatever the client's method was", async () => {
    await using world = await start();
    const send = async (head: string) => {
      using raw = await RawClient.connect(world.ingress.port);
      raw.send(`${head}\r\nHost: a\r\nconnxio-api-key: ${key.secret}\r\n\r\n`);
      return (await raw.response()).status;
    };
    expect(await send("GET /checked HTTP/1.1")).toBe(400);
    expect(await send("POST /checked HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 0")).toBe(
      400,
    );
    expect(world.upstream.seen).toHaveLength(0);
  });

  it("refuses a member that is there twice, and says which", async () => {
    await using world = await start();
    for (const body of ['{"amount":1000,"amount":1}', '{"amo\\u0075nt":1000,"amount":1}']) {
      const twice = await ask(world, body);
      expect([twice.status, twice.problem.code, twice.problem.errors.map(({ pointer }) => pointer)]).toEqual([
        400,
        "request.body_malformed",
        ["/amount"],
      ]);
    }
    // Nested, and too large to be looked at between other requests.
    const lines = Array.from({ length: 5_000 }, () => '"long enough"').join();
    const nested = await ask(world, `{"amount":1,"lines":[${lines}],"more":[{"a":1},{"b":1,"b":1}]}`);
    expect([nested.status, nested.problem.errors[0]?.pointer]).toEqual([400, "/more/1/b"]);
    expect(world.upstream.seen).toHaveLength(0);
  });

  it("checks in a thread what takes long: large bodies, costly patterns, large schemas", async () => {
    await using world = await start();
    const text = "a".repeat(100_000);
    const large = await ask(world, JSON.stringify({ amount: 1, lines: [text] }));
    expect(large.status).toBe(200);
    expect(world.upstream.last.body.length).toBeGreaterThan(100_000);
    expect((await ask(world, JSON.stringify({ amount: 0, lines: [text] }))).problem.errors[0]?.pointer).toBe(
      "/amount",
    );
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`p${i}`, { type: "string" }]));
    await world.change([
      anIntegration("int_1", world.upstream.url, {
        requestSchema: JSON.stringify({
          properties: { ...many, code: { pattern: "^(?:[a-z]{1,60},?){1,15}$" } },
        }),
      }),
    ]);
    expect((await ask(world, '{"p7":"x"}')).status).toBe(200);
    expect((await ask(world, '{"p7":7}')).problem.errors[0]?.pointer).toBe("/p7");
    expect((await ask(world, `{"code":"${"ab".repeat(400)}"}`)).status).toBe(200);
    // More than a thread takes, too.
    const costly = await ask(world, `{"code":"${"ab".repeat(7_000)}"}`);
    expect([costly.status, costly.problem.code]).toEqual([422, "request.schema_mismatch"]);
    // Nothing waits for a client that leaves meanwhile, and others are served.
    using raw = await RawClient.connect(world.ingress.port);
    const body = JSON.stringify({ p1: text });
    raw.send(
      `POST /checked HTTP/1.1\r\nHost: a\r\nconnxio-api-key: ${key.secret}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    raw.socket.end();
    expect((await ask(world, body)).status).toBe(200);
  });

  it("checks costly parameters in a thread, before the body is read", async () => {
    await using world = await start();
    const parameters = [
      {
        in: "query",
        name: "q",
        required: true,
        schema: { type: "string", pattern: "^[a-z]{1,900}$" },
      },
    ];
    await world.change([
      anApi("api_1", [{ ...aRoute("POST", "/q", "int_1"), validate: true, ...withParameters(parameters) }]),
    ]);
    const body = JSON.stringify({ amount: 1, lines: ["x".repeat(50_000)] });
    const good = await ask(world, body, "application/json", `/q?q=${"a".repeat(800)}`);
    expect(good.status).toBe(200);
    expect(world.upstream.last.body.toString()).toBe(body);
    const bad = await ask(world, body, "application/json", `/q?q=${"a".repeat(1_000)}`);
    expect([bad.status, bad.problem.errors[0]?.pointer]).toEqual([422, "/q"]);
  });

  describe("path and query", () => {
    const parameters = [
      { in: "path", name: "id", required: true, schema: { type: "integer", minimum: 1 } },
      { in: "query", name: "state", required: true, schema: { enum: ["open", "closed"] } },
      { in: "query", name: "tag", schema: { type: "array", items: { type: "string", maxLength: 3 } } },
    ];
    const startWith = (values: readonly object[]) =>
      World.of(
        ({ upstream }) => [
          anIntegration("int_1", upstream.url),
          anIntegration("int_2", upstream.url, { requestSchema: schema }),
          anApi("api_1", [
            { ...aRoute("ANY", "/orders/{id}", "int_1"), validate: true, ...withParameters(values) },
            { ...aRoute("POST", "/orders/{id}", "int_2"), validate: true, ...withParameters(values) },
            { ...aRoute("GET", "/free/{id}", "int_1"), ...withParameters(values) },
            { ...aRoute("GET", "/v{id}-{name}.json", "int_1"), validate: true, ...withParameters(values) },
          ]),
          key.resource,
        ],
        { engine },
      );
    const get = async (world: World, target: string, more: RequestInit = {}) => {
      const response = await fetch(`${world.url}${target}`, {
        ...more,
        headers: { "connxio-api-key": key.secret, ...more.headers },
      });
      const problem = (await response.json()) as {
        code: string;
        errors?: readonly { in: string; pointer: string; detail: string }[];
      };
      const places = (problem.errors ?? []).map((error) => `${error.in} ${error.pointer}`).sort();
      return {
        status: response.status,
        type: response.headers.get("content-type"),
        code: problem.code,
        places,
      };
    };

    it("are known by name where they are a part of their segment", async () => {
      await using world = await startWith(parameters);
      expect((await get(world, "/v7-a%2Fb-c.json?state=open")).status).toBe(200);
      expect(world.upstream.last.header("cx-path-id")).toBe("7");
      expect(world.upstream.last.header("cx-path-name")).toBe("a%2Fb-c");
      expect((await get(world, "/v0-a.json?state=open")).places).toEqual(["path /id"]);
      expect((await get(world, "/v-a.json?state=open")).code).toBe("route.not_found");
    });

    it("are let through when they fit, and refused with pointers when they do not", async () => {
      await using world = await startWith(parameters);
      expect((await get(world, "/orders/7?state=open&tag=a&tag=b&more=1")).status).toBe(200);
      expect(world.upstream.last.header("cx-path-id")).toBe("7");
      expect(await get(world, "/orders/0?tag=a&tag=long")).toEqual({
        status: 422,
        type: "application/problem+json",
        code: "request.schema_mismatch",
        places: ["path /id", "query /state", "query /tag/1"],
      });
      expect((await get(world, "/orders/x?state=open")).places).toEqual(["path /id"]);
      expect((await get(world, "/orders/7?state=open&state=open")).places).toEqual(["query /state"]);
      expect((await get(world, "/orders/7?state=%zz")).status).toBe(400);
      expect(world.upstream.seen).toHaveLength(1);
    });

    it("are checked after the content type and before the body", async () => {
      await using world = await startWith(parameters);
      const post = (type: string, body: string, target: string) =>
        get(world, target, { method: "POST", headers: { "content-type": type }, body });
      expect((await post("text/plain", "x", "/orders/0")).status).toBe(415);
      expect((await post("application/json", "{", "/orders/0?state=open")).places).toEqual(["path /id"]);
      expect((await post("application/json", "{", "/orders/7?state=open")).status).toBe(400);
      expect((await post("application/json", '{"amount":0}', "/orders/7?state=open")).places).toEqual([
        "body /amount",
      ]);
      expect((await post("application/json", '{"amount":1}', "/orders/7?state=open")).status).toBe(200);
    });

    it("are anything on a route that does not ask for it", async () => {
      await using world = await startWith(parameters);
      expect((await get(world, "/free/x")).status).toBe(200);
    });

    it("follow a new revision, and a schema that is none closes the route only", async () => {
      await using world = await startWith(parameters);
      expect((await get(world, "/orders/x?state=open")).status).toBe(422);
      const [, ...others] = parameters;
      const without = {
        ...aRoute("ANY", "/orders/{id}", "int_1"),
        validate: true,
        ...withParameters(others),
      };
      const broken = {
        ...aRoute("GET", "/broken", "int_1"),
        validate: true,
        ...withParameters([{ in: "query", name: "a", schema: { type: "none such" } }]),
      };
      await world.change([anApi("api_1", [without, broken])]);
      expect((await get(world, "/orders/x?state=open")).status).toBe(200);
      expect((await get(world, "/broken")).code).toBe("integration.unavailable");
    });
  });

  describe("an operation", () => {
    const operation = JSON.stringify({
      parameters: [
        { in: "query", name: "page", schema: { $ref: "#/components/schemas/Page" } },
        {
          in: "header",
          name: "X-Ids",
          required: true,
          schema: { type: "array", items: { type: "integer" } },
        },
        { in: "cookie", name: "theme", schema: { enum: ["dark", "light"] } },
      ],
      requestBody: {
        required: true,
        content: {
          "application/x-www-form-urlencoded": { schema: { $ref: "#/components/schemas/Form" } },
          "multipart/form-data": { schema: { $ref: "#/components/schemas/Form" } },
          "application/json": { schema: { $ref: "#/components/schemas/Pet" } },
        },
      },
    });
    const schemas = JSON.stringify({
      Page: { type: "integer", minimum: 1 },
      Form: {
        type: "object",
        required: ["n"],
        properties: { n: { type: "integer" }, file: { maxLength: 5 } },
      },
      Pet: {
        type: "object",
        required: ["id", "name"],
        properties: { id: { readOnly: true }, name: { type: "string" } },
      },
      Unreached: { type: "no type" },
    });
    const startWith = () =>
      World.of(
        ({ upstream }) => [
          // What the operation says of the body counts, and not what the integration does.
          anIntegration("int_1", upstream.url, { requestSchema: '{"type":"array"}' }),
          anApi("api_1", [{ ...aRoute("POST", "/pets", "int_1"), validate: true, operation }], { schemas }),
          key.resource,
        ],
        { engine },
      );
    const send = async (
      world: World,
      query: string,
      headers: Readonly<Record<string, string>>,
      body: NonNullable<RequestInit["body"]> | null,
    ) => {
      const response = await fetch(`${world.url}/pets${query}`, {
        method: "POST",
        headers: { "connxio-api-key": key.secret, "x-ids": "1,2", ...headers },
        body,
      });
      const problem = (await response.json()) as { errors?: readonly { in: string; pointer: string }[] };
      const places = (problem.errors ?? []).map((error) => `${error.in} ${error.pointer}`);
      return [response.status, ...places].join(" ");
    };

    it("is what parameters, headers and cookies are held to", async () => {
      await using world = await startWith();
      const json = { "content-type": "application/json" };
      const pet = '{"name":"x"}';
      expect(await send(world, "?page=1&other=%zz", { ...json, cookie: "theme=dark" }, pet)).toBe("200");
      expect(await send(world, "?page=0", json, pet)).toBe("422 query /page");
      expect(await send(world, "", { ...json, "x-ids": "1,b" }, pet)).toBe("422 header /X-Ids/1");
      expect(await send(world, "", { ...json, cookie: "theme=pink" }, pet)).toBe("422 cookie /theme");
    });

    it("is what bodies of each media type are held to", async () => {
      await using world = await startWith();
      const json = { "content-type": "application/json" };
      expect(await send(world, "", json, '{"id":1}')).toBe("422 body /name");
      expect(await send(world, "", json, "[]")).toBe("422 body ");
      expect(await send(world, "", {}, null)).toBe("400 body ");
      expect(await send(world, "", {}, new URLSearchParams({ n: "5" }))).toBe("200");
      expect(await send(world, "", {}, new URLSearchParams({ n: "x" }))).toBe("422 body /n");
      const form = new FormData();
      form.set("n", "5");
      form.set("file", new Blob(["12345"]));
      expect(await send(world, "", {}, form)).toBe("200");
      expect(world.upstream.last.body.toString()).toContain("12345");
      form.set("file", new Blob(["123456"]));
      expect(await send(world, "", {}, form)).toBe("422 body /file");
    });
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
    expect((await raw.response()).status).toBe(200);
    expect(world.upstream.last.body.toString()).toBe('{"amount": 5}');
    using other = await RawClient.connect(world.ingress.port);
    other.send(`${head}bb8\r\n${" ".repeat(3_000)}\r\n0\r\n\r\n`);
    expect((await other.response()).status).toBe(413);
  });

  it("refuses a body when those that wait hold all there may be, and takes bodies again when they are gone", async () => {
    await using world = await start({}, { limits: { bufferedBytesMax: 2_000 } });
    const head = `POST /checked HTTP/1.1\r\nHost: a\r\nconnxio-api-key: ${key.secret}\r\nContent-Type: application/json\r\nContent-Length: 1500\r\n\r\n`;
    const body = '{"amount": 5}'.padEnd(1_500);
    using first = await RawClient.connect(world.ingress.port);
    first.send(head + body.slice(0, 1_400));
    const second = await eventuallyRefused(world, head + body);
    expect(second.header("latchkey-error")).toBe("gateway.overloaded");
    first.send(body.slice(1_400));
    expect((await first.response()).status).toBe(200);
    for (let i = 0; i < 5; i++) {
      using next = await RawClient.connect(world.ingress.port);
      next.send(head + body);
      expect((await next.response()).status).toBe(200);
    }
    using aborted = await RawClient.connect(world.ingress.port);
    aborted.send(head + body.slice(0, 1_400));
    expect((await eventuallyRefused(world, head + body)).status).toBe(503);
    aborted.socket.destroy();
    await until(async () => {
      using next = await RawClient.connect(world.ingress.port);
      next.send(head + body);
      return (await next.response()).status === 200;
    });
  });

  it("does not serve a route whose schema is no schema", async () => {
    await using world = await start({ requestSchema: '{"type": "no such type"}' });
    const response = await ask(world, "{}");
    expect([response.status, response.problem.code]).toEqual([503, "integration.unavailable"]);
  });
});

/** Sends until the node has no room: what another connection sent just before may not have been read yet. */
async function eventuallyRefused(world: World, bytes: string): Promise<RawResponse> {
  for (;;) {
    using raw = await RawClient.connect(world.ingress.port);
    raw.send(bytes);
    const response = await raw.response();
    if (response.status !== 200) return response;
  }
}
