/**
 * Fields by which the gateway decides: in every spelling that an upstream may take for the same name, once, twice and
 * named by `Connection`, against what the upstream received.
 */

import { generateApiKey, NEVER_FORWARDED } from "@latchkey/core";
import { RawClient, type RawResponse } from "@latchkey/testkit";
import { describe, expect, it } from "vitest";
import { aKey, anApi, anIntegration, aRoute, engines, World } from "../testing/world.js";

const key = aKey("key_1", "api_1");
/** Every character of a token that is neither letter, digit nor dash (RFC 9110 §5.6.2). */
const SEPARATORS = "!#$%&'*+.^_`|~";

const schema = JSON.stringify({ type: "object", properties: { amount: { maximum: 100 } } });

/** The name as CGI-like upstreams see it. */
const folded = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, "_");
const casesOf = (name: string) => [name, name.toUpperCase(), name.toLowerCase()];

describe.each(engines)("deciding fields over %s", (engine) => {
  /** This build of uWebSockets.js takes letters, digits and dashes in a name and no other character. */
  const takesVariants = engine !== "uws";
  const variantsOf = (name: string) =>
    takesVariants && name.includes("-")
      ? [...SEPARATORS].map((separator) => name.replaceAll("-", separator))
      : [];

  const start = (config: object = {}) =>
    World.of(
      ({ upstream }) => [
        anIntegration("int_1", upstream.url, {
          requestSchema: schema,
          requestContentTypes: ["application/json", "text/plain"],
        }),
        anApi("api_1", [
          aRoute("ANY", "/free", "int_1"),
          { ...aRoute("ANY", "/checked", "int_1"), validate: true },
        ]),
        key.resource,
      ],
      { engine, config },
    );

  /** The response to these lines, and what the upstream got. */
  const send = async (
    world: World,
    lines: readonly string[],
    { path = "/free", body = "", withKey = true } = {},
  ): Promise<{ response: RawResponse; upstream: readonly string[] | null }> => {
    const seenBefore = world.upstream.seen.length;
    using raw = await RawClient.connect(world.ingress.port);
    const all = [
      "Host: client.example",
      ...(withKey ? [`Connxio-Api-Key: ${key.secret}`] : []),
      ...lines,
      ...(body === "" ? [] : [`Content-Length: ${body.length}`]),
    ];
    raw.send(`POST ${path} HTTP/1.1\r\n${all.join("\r\n")}\r\n\r\n${body}`);
    const response = await raw.response();
    const isSeen = world.upstream.seen.length > seenBefore;
    return { response, upstream: isSeen ? world.upstream.last.headers : null };
  };

  const refusedAs = (sent: Awaited<ReturnType<typeof send>>) => [
    sent.response.status,
    sent.response.header("latchkey-error"),
    sent.upstream,
  ];
  const REFUSED = [400, "request.malformed", null];

  const values: Readonly<Record<string, string>> = {
    "Connxio-Api-Key": key.secret,
    "Connxio-Api-Webhook": "true",
    Authorization: "Bearer of-a-client",
    "Content-Type": "text/plain",
    "Max-Forwards": "7",
  };

  it.each(Object.keys(values))("refuses %s when it comes twice, in whatever spelling", async (name) => {
    await using world = await start();
    const value = values[name] as string;
    const withKey = name !== "Connxio-Api-Key";
    for (const first of casesOf(name)) {
      for (const second of [name, ...variantsOf(name)]) {
        const lines = [`${first}: ${value}`, `${second}: other`];
        for (const order of [lines, lines.toReversed()])
          expect([order, refusedAs(await send(world, order, { withKey }))]).toEqual([order, REFUSED]);
      }
    }
    const [variant, other] = variantsOf(name);
    if (variant === undefined) return;
    expect(refusedAs(await send(world, [`${variant}: a`, `${other}: b`], { withKey }))).toEqual(REFUSED);
  });

  it("refuses a length or a coding beside its variant, and forwards no variant alone", async () => {
    await using world = await start();
    for (const variant of variantsOf("Content-Length")) {
      const lines = [`${variant}: 3`];
      const twice = refusedAs(await send(world, lines, { body: "hello" }));
      expect([variant, twice]).toEqual([variant, REFUSED]);
    }
    for (const name of ["Transfer-Encoding", "Content-Length", ...Object.keys(values)]) {
      for (const variant of variantsOf(name)) {
        const sent = await send(world, [`${variant}: chunked`], { withKey: name !== "Connxio-Api-Key" });
        const names = (sent.upstream ?? []).filter((_, i) => i % 2 === 0);
        const isOwn = (seen: string) => seen.toLowerCase() === name.toLowerCase();
        expect([variant, names.filter((seen) => folded(seen) === folded(name) && !isOwn(seen))]).toEqual([
          variant,
          [],
        ]);
        // A key in another spelling is none.
        expect([variant, sent.response.status]).toEqual([variant, name === "Connxio-Api-Key" ? 401 : 200]);
      }
    }
  });

  it("refuses a Connection that names what is not for one hop, and takes out the rest", async () => {
    await using world = await start();
    const names = [
      ...Object.keys(values),
      "Content-Encoding",
      "Content-Length",
      "Transfer-Encoding",
      "Host",
      "Cookie",
      "Origin",
      "If-Match",
      "Sec-Fetch-Site",
      "InterchangeId",
      "ConfigCorrelationId",
      "X-Forwarded-For",
      "Forwarded",
      "cx-path-id",
    ];
    for (const name of names.flatMap(casesOf)) {
      for (const options of [name, `keep-alive, ${name}`, `,${name} ,close`]) {
        const sent = await send(world, [`Connection: ${options}`]);
        expect([options, refusedAs(sent)]).toEqual([options, REFUSED]);
      }
    }
    for (const option of [
      '"Content-Type"',
      '"x-own"',
      "x-own;a=1",
      "x-own x-other",
      "keep-alive, (x-own)",
      "x-öwn",
    ]) {
      const sent = await send(world, [`Connection: ${option}`, "X-Own: 1"]);
      expect([option, refusedAs(sent)]).toEqual([option, REFUSED]);
    }
    for (const option of ["x-own", "TE", "Upgrade", "keep-alive", "proxy-connection"]) {
      const sent = await send(world, [`Connection: ${option}`, "X-Own: 1"]);
      expect([option, sent.response.status, sent.upstream?.includes("x-own")]).toEqual([
        option,
        200,
        option !== "x-own",
      ]);
    }
  });

  it("holds a body to its schema whatever else calls itself its type or coding", async () => {
    await using world = await start();
    const bad = '{"amount":1000}';
    const json = "Content-Type: application/json";
    const cases: readonly (readonly [readonly string[], number])[] = [
      [[json], 422],
      [[json, "Content-Type: text/plain"], 400],
      [["Content-Type: text/plain", json], 400],
      [["Content-Type: text/plain", "content_type: application/json"], 400],
      [["content_type: text/plain", json], 400],
      [["content.type: text/plain"], 415],
      [[json, "Vary: content-encoding", "Content-Encoding: gzip"], 415],
      [[json, "Content-Encoding: identity", "Content-Encoding: gzip"], 415],
      [[json, "Content-Encoding: gzip", "Content-Encoding: identity"], 415],
      [[json, "Content_Encoding: gzip"], 422],
      [[json, "Connection: content-type"], 400],
    ];
    for (const [lines, status] of cases) {
      if (!takesVariants && lines.some((line) => /^content[_.]/i.test(line))) continue;
      const sent = await send(world, lines, { path: "/checked", body: bad });
      expect([lines, sent.response.status, sent.upstream]).toEqual([lines, status, null]);
    }
  });

  it("forwards no other client address, URL or method, in whatever spelling", async () => {
    for (const trustedProxies of [[], ["127.0.0.0/8"]]) {
      await using world = await start({ trustedProxies });
      for (const name of NEVER_FORWARDED) {
        for (const spelling of [name, name.toUpperCase(), ...variantsOf(name)]) {
          const sent = await send(world, [`${spelling}: forged`]);
          expect([spelling, sent.response.status]).toEqual([spelling, 200]);
          expect([spelling, sent.upstream?.includes("forged")]).toEqual([spelling, false]);
        }
      }
    }
  });

  it("sends no API key on in Referer, baggage or tracestate, however it is encoded", async () => {
    await using world = await start();
    const secretKey = generateApiKey();
    const traceparent = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    for (const secret of [secretKey, `%6C${secretKey.slice(1)}`, `%256C${secretKey.slice(1)}`]) {
      const sent = await send(world, [
        `Referer: https://gateway.example/page?Connxio-Api-Key=${secret}&a=1`,
        `baggage: key=${secret}`,
        traceparent,
        `tracestate: vendor=${secret}`,
      ]);
      expect([
        sent.response.status,
        sent.upstream?.some((text) => text.includes(secretKey.slice(3))),
      ]).toEqual([200, false]);
    }
    const plain = ["Referer: https://gateway.example/page?a=1", "baggage: a=1"];
    const { upstream } = await send(world, plain);
    expect(upstream).toEqual(expect.arrayContaining(["https://gateway.example/page?a=1", "a=1"]));
  });

  it("drops the variants of what the gateway sets", async () => {
    await using world = await start();
    const names = [
      "ConfigCorrelationId",
      "Interchange-Id",
      "X-Forwarded-For",
      "X-Forwarded-Proto",
      "cx-path-id",
    ];
    for (const name of [...names, "X-Forwarded-Anything"].flatMap((each) => [each, ...variantsOf(each)])) {
      if (name === "Interchange-Id" || folded(name) === "interchange_id") continue; // another name
      const sent = await send(world, [`${name}: forged`]);
      expect([name, sent.upstream?.includes("forged")]).toEqual([name, false]);
    }
  });

  it("keeps the console's cookies to itself, both ways, and the others byte for byte", async () => {
    await using world = await start();
    const cookieOf = async (...cookies: readonly string[]) => {
      const sent = await send(
        world,
        cookies.map((cookie) => `Cookie: ${cookie}`),
      );
      const headers = sent.upstream ?? [];
      return headers.filter((_, i) => headers[i - 1]?.toLowerCase() === "cookie");
    };
    expect(await cookieOf('a=b;c=d;  e="x; y"; latchkey=1; x_latchkey_session=2')).toEqual([
      'a=b;c=d;  e="x; y"; latchkey=1; x_latchkey_session=2',
    ]);
    for (const name of ["latchkey_session", "__Host-latchkey_session"]) {
      expect(await cookieOf(`${name}=secret`)).toEqual([]);
      expect(await cookieOf(`a=b; ${name}=secret; c=d`)).toEqual(["a=b; c=d"]);
      expect(await cookieOf(`${name}=secret; c=d`, `a=b;${name} =secret`)).toEqual(["c=d", "a=b"]);
      expect(await cookieOf(`a=b; =${name}=secret; ${name.toUpperCase()}=secret`)).toEqual(["a=b"]);
    }
    const set = [
      "latchkey_session=x; Path=/",
      "__Host-latchkey_session=x; Secure; Path=/",
      " =latchkey_session=x",
      "LATCHKEY_SESSION=x",
      "own=latchkey_session; Path=/",
      "latchkey_session_of_mine=1",
    ];
    world.upstream.behaviour = () => ({ headers: set.flatMap((cookie) => ["Set-Cookie", cookie]) });
    const sent = await send(world, []);
    expect(sent.response.all("set-cookie")).toEqual([
      "own=latchkey_session; Path=/",
      "latchkey_session_of_mine=1",
    ]);
  });

  it("carries on what a trusted proxy writes in the header that is configured, and what of it parses", async () => {
    const lines = [
      "X-Forwarded-For: garbage, 192.0.2.1:4711, <script>, [2001:db8::1]:80",
      "X-Forwarded-For: 2001:db8::2, 999.1.1.1",
      "X-Forwarded-Proto: HTTPS, javascript",
      "X-Forwarded-Host: api.example.com, a b",
      "X-Forwarded-Port: 443",
      'Forwarded: for=198.51.100.1;proto=https, for="[2001:db8::9]:80";host="b.example", for=, by=<x>;for=1.2.3.4',
      'Forwarded: for=_hidden;proto=gopher, for=unknown, "',
    ];
    const all = (headers: readonly string[] | null | undefined, name: string) =>
      (headers ?? []).filter((_, i, list) => i % 2 === 1 && list[i - 1]?.toLowerCase() === name);
    {
      await using world = await start({ trustedProxies: ["127.0.0.0/8"] });
      const { upstream } = await send(world, lines);
      expect(all(upstream, "x-forwarded-for")).toEqual(["192.0.2.1, 2001:db8::1, 2001:db8::2, 127.0.0.1"]);
      expect(all(upstream, "x-forwarded-proto")).toEqual(["https"]);
      expect(all(upstream, "x-forwarded-host")).toEqual(["api.example.com"]);
      expect(all(upstream, "x-forwarded-port")).toEqual(["443"]);
      expect(all(upstream, "forwarded")).toEqual([
        'for=192.0.2.1, for="[2001:db8::1]", for="[2001:db8::2]", for=127.0.0.1;host=client.example;proto=http',
      ]);
    }
    await using world = await start({ trustedProxies: ["127.0.0.0/8"], trustedProxyHeader: "forwarded" });
    const { upstream } = await send(world, lines);
    expect(all(upstream, "x-forwarded-for")).toEqual(["198.51.100.1, 2001:db8::9, 127.0.0.1"]);
    expect(all(upstream, "x-forwarded-proto")).toEqual(["http"]);
    expect(all(upstream, "x-forwarded-host")).toEqual(["client.example"]);
    expect(all(upstream, "x-forwarded-port")).toEqual([]);
    expect(all(upstream, "forwarded")).toEqual([
      'for=198.51.100.1;proto=https, for="[2001:db8::9]:80";host="b.example", for=unknown, for=127.0.0.1;host=client.example;proto=http',
    ]);
  });

  it.each([
    ["says what the proxy leaves out", ["for=1.1.1.1;proto=https;host=evil.example, for=203.0.113.9"]],
    ["says it in a line of its own", ["for=1.1.1.1;proto=https;host=evil.example", "for=203.0.113.9"]],
    ["leaves a quote open", ['for="x', "for=203.0.113.9"]],
    ["leaves a quote open in the line that the proxy goes on with", ['for="x, for=203.0.113.9']],
    ["escapes what comes behind", ['for="x\\', "for=203.0.113.9"]],
  ])("takes no host and scheme from a client behind a trusted proxy that %s", async (_, lines) => {
    await using world = await start({ trustedProxies: ["127.0.0.0/8"], trustedProxyHeader: "forwarded" });
    const { upstream } = await send(
      world,
      lines.map((line) => `Forwarded: ${line}`),
    );
    const value = (name: string) => {
      const at = (upstream ?? []).findIndex((text, i) => i % 2 === 0 && text.toLowerCase() === name);
      return upstream?.[at + 1];
    };
    expect(value("x-forwarded-for")).toMatch(/203\.0\.113\.9, 127\.0\.0\.1$/);
    expect([value("x-forwarded-host"), value("x-forwarded-proto")]).toEqual(["client.example", "http"]);
  });
});
