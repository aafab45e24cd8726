/** Headers and bodies reach the message trail for APIs that record them, until the recording ends, and without a secret. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { generateApiKey, MASKED } from "@latchkey/core";
import type { CredentialResource, CredentialScheme, Recording } from "@latchkey/snapshot";
import { describe, expect, it } from "vitest";
import type { EngineName } from "../fronts/front-request.js";
import { aKey, anApi, anIntegration, aRoute, engines, World } from "../testing/world.js";
import type { RequestSample } from "../usage/request-samples.js";

const CREDENTIAL = "credential-of-the-target";
process.env.LATCHKEY_SECRET_RECORDED = CREDENTIAL;
const CLIENT_SECRETS = ["client-bearer-secret", "client-cookie-secret", "set-cookie-secret", "form-password"];
const HOUR_MS = 3_600_000;

const key = aKey("key_1", "api_1");
const credential: CredentialResource = {
  kind: "credential",
  id: "crd_1",
  subscriptionId: "sub_1",
  name: "x",
  scheme: { kind: "header", name: "X-Partner" },
  secret: { kind: "reference", reference: "env:LATCHKEY_SECRET_RECORDED" },
};

/** The target sends all that it got back, and a secret of its own. */
async function start(engine: EngineName, recording: Recording | null): Promise<World> {
  const world = await World.of(
    ({ upstream }) => [
      anIntegration("int_1", upstream.url, { credentialIds: ["crd_1"], forwardAuthorization: true }),
      anApi("api_1", [aRoute("POST", "/{rest*}", "int_1")], { recording }),
      key.resource,
      credential,
    ],
    { engine },
  );
  world.upstream.behaviour = (request) => ({
    status: 200,
    headers: [
      "content-type",
      "application/json",
      "set-cookie",
      "sid=set-cookie-secret; Path=/",
      "x-echo",
      request.header("x-partner") ?? "",
      "location",
      "/next?code=location-secret",
    ],
    body: JSON.stringify({
      visible: "shown",
      echo: `${request.header("x-partner")} ${request.header("authorization")} ${request.header("cookie")}`,
      access_token: "token-of-the-response",
      customer: { email: "someone@example.com", orders: [{ card: "4111" }] },
      echoedKey: key.secret,
    }),
  });
  return world;
}

async function sampleOf(world: World, path: string): Promise<RequestSample> {
  const found = () =>
    world.server.usage.flatMap(({ samples }) => samples).find((sample) => sample.path === path);
  await world.server.when(() => found() !== undefined);
  return found() as RequestSample;
}

async function post(world: World, path: string, type: string, body: string): Promise<string> {
  const headers = {
    "connxio-api-key": key.secret,
    authorization: "Bearer client-bearer-secret",
    cookie: "sid=client-cookie-secret; theme=dark",
    "content-type": type,
    "x-note": "client-bearer-secret twice",
    "x-plain": "shown",
  };
  return (await fetch(`${world.url}${path}`, { method: "POST", headers, body })).text();
}

const text = (sample: RequestSample): string =>
  JSON.stringify(sample.content, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
const headerOf = (headers: readonly string[] = [], name: string) => headers[headers.indexOf(name) + 1];
const later = (mask: readonly string[] = []): Recording => ({ untilMs: Date.now() + HOUR_MS, mask });

describe.each(engines)("recording over %s", (engine) => {
  it("has headers and bodies of request and response, and no secret of either", async () => {
    await using world = await start(engine, later(["$.customer.email", "$..card"]));
    const body = JSON.stringify({
      visible: "shown",
      password: "json-password",
      customer: { email: "a@b.c" },
    });
    const got = await post(world, "/json", "application/json", body);
    // The client gets everything as it is.
    expect(got).toContain(CREDENTIAL);
    const sample = await sampleOf(world, "/json");
    const { request, response } = sample.content ?? {};
    expect(JSON.parse(request?.body ?? "")).toEqual({
      visible: "shown",
      password: MASKED,
      customer: { email: MASKED },
    });
    expect(JSON.parse(response?.body ?? "")).toMatchObject({
      visible: "shown",
      access_token: MASKED,
      customer: { email: MASKED, orders: [{ card: MASKED }] },
    });
    expect(headerOf(request?.headers, "x-plain")).toBe("shown");
    expect(headerOf(request?.headers, "authorization")).toBe(MASKED);
    expect(headerOf(request?.headers, "x-note")).toBe(`${MASKED} twice`);
    expect(headerOf(response?.headers, "x-echo")).toBe(MASKED);
    expect(headerOf(response?.headers, "location")).toBe(`/next?${MASKED}`);
    const secrets = [...CLIENT_SECRETS, CREDENTIAL, key.secret, "json-password", "token-of-the-response"];
    for (const secret of [...secrets, "4111", "someone@example.com", "location-secret"])
      expect(text(sample), secret).not.toContain(secret);
  });

  it("has the beginning of a long text, leaves out what it cannot mask, and masks forms", async () => {
    await using world = await start(engine, later());
    await post(world, "/text", "text/plain", `client-cookie-secret ${"x".repeat(20_000)}`);
    const long = (await sampleOf(world, "/text")).content?.request;
    expect([long?.bodyState, long?.body.length, long?.body.slice(0, 5)]).toEqual([
      2,
      16_384 - "client-cookie-secret".length + MASKED.length,
      `${MASKED} x`,
    ]);
    await post(world, "/form", "application/x-www-form-urlencoded", "a=1&password=form-password&b=2");
    expect((await sampleOf(world, "/form")).content?.request?.body).toBe(`a=1&password=${MASKED}&b=2`);
    for (const [path, type, body] of [
      ["/bytes", "application/octet-stream", "bytes"],
      ["/broken", "application/json", '{"password": "form-password"'],
      ["/long", "application/json", JSON.stringify({ a: "x".repeat(20_000) })],
      ["/deep", "application/json", "[".repeat(8_000) + "]".repeat(8_000)],
    ] as const) {
      await post(world, path, type, body);
      const { request } = (await sampleOf(world, path)).content ?? {};
      expect([path, request?.bodyState === 3 || path === "/deep", request?.body.length]).toEqual([
        path,
        true,
        path === "/deep" && request?.bodyState === 1 ? 16_000 : 0,
      ]);
    }
  });

  it("reads names and values of forms as their readers do: percent-decoded", async () => {
    await using world = await start(engine, later());
    const body = "pass%77ord=12345&note=client%2Dcookie%2Dsecret&b=2";
    await post(world, "/form", "application/x-www-form-urlencoded", body);
    const { request } = (await sampleOf(world, "/form")).content ?? {};
    expect(request?.body).toBe(`pass%77ord=${MASKED}&note=${MASKED}&b=2`);
  });

  it("masks a secret that begins with another one as a whole", async () => {
    await using world = await start(engine, later());
    const headers = { "connxio-api-key": key.secret, cookie: "id=user-12; sig=user-12.signed" };
    const body = "user-12 user-12.signed";
    await (await fetch(`${world.url}/cookies`, { method: "POST", headers, body })).text();
    const { request } = (await sampleOf(world, "/cookies")).content ?? {};
    expect(request?.body).toBe(`${MASKED} ${MASKED}`);
  });

  it("has no body and no value of a header when there are more secrets than it can look for", async () => {
    await using world = await start(engine, later());
    const cookies = Array.from({ length: 100 }, (_, i) => `c${i}=secret-${i}`);
    const headers = { "connxio-api-key": key.secret, cookie: cookies.join("; "), "x-plain": "shown" };
    const body = JSON.stringify({ visible: "shown" });
    await (
      await fetch(`${world.url}/many`, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body,
      })
    ).text();
    const { request, response } = (await sampleOf(world, "/many")).content ?? {};
    expect([request?.bodyState, request?.body, response?.bodyState]).toEqual([3, "", 3]);
    expect(headerOf(request?.headers, "x-plain")).toBe(MASKED);
  });

  it("masks what one part shows to be secret in every other part", async () => {
    await using world = await start(engine, later(["$.email", "$.address"]));
    const secrets = ["some@example.com", "Elm Street 12", "4917610001", "other@example.com", "inner-secret"];
    const [email, street, phone, other, inner] = secrets;
    // Both sides repeat values of the other one under names that tell nothing.
    world.upstream.behaviour = () => ({
      headers: ["content-type", "application/json", "x-customer", `${email}, ${street}`],
      body: JSON.stringify({
        customer: `<${email}>`,
        [`of ${street}`]: [inner, Number(phone), `${phone}${phone}`, 4917610001.5, 12],
        address: { of: [other] },
      }),
    });
    const body = JSON.stringify({
      reference: other,
      email,
      address: { lines: [street], phone: Number(phone) },
      tokens: [{ value: inner }],
    });
    const got = await post(world, `/parts/${other}?who=${other}&page=2`, "application/json", body);
    expect(got).toContain(email);
    const sample = await sampleOf(world, `/parts/${other}`);
    const { request, response, upstreamResponse } = sample.content ?? {};
    expect(request?.target).toBe(`/parts/${MASKED}?who=${MASKED}&page=${MASKED}`);
    expect(JSON.parse(request?.body ?? "")).toEqual({
      reference: MASKED,
      email: MASKED,
      address: MASKED,
      tokens: MASKED,
    });
    expect(JSON.parse(response?.body ?? "")).toEqual({
      customer: `<${MASKED}>`,
      [`of ${MASKED}`]: [MASKED, MASKED, MASKED + MASKED, MASKED, 12],
      address: MASKED,
    });
    expect(headerOf(upstreamResponse?.headers, "x-customer")).toBe(`${MASKED}, ${MASKED}`);
    for (const secret of secrets) expect(text(sample), secret).not.toContain(secret);
  });

  it("reads a text by its charset, whole characters of it alone, and leaves out what is no text of it", async () => {
    await using world = await start(engine, later());
    world.upstream.behaviour = ({ body }) => ({
      headers: ["content-type", 'text/plain; charset="ISO-8859-1"'],
      body,
    });
    const bytes = Buffer.from("bl\u00e5b\u00e6r", "latin1");
    await fetch(`${world.url}/latin`, {
      method: "POST",
      headers: { "connxio-api-key": key.secret, "content-type": "text/plain" },
      body: bytes,
    });
    const latin = (await sampleOf(world, "/latin")).content;
    expect([latin?.request?.bodyState, latin?.request?.body]).toEqual([3, ""]);
    expect([latin?.response?.bodyState, latin?.response?.body]).toEqual([1, "bl\u00e5b\u00e6r"]);
    await post(world, "/cut", "text/plain", `a${"\u00e5".repeat(10_000)}`);
    const cut = (await sampleOf(world, "/cut")).content?.request;
    expect([cut?.bodyState, cut?.body]).toEqual([2, `a${"\u00e5".repeat(8_191)}`]);
    await post(world, "/unknown", "text/plain; charset=nonsense", "text");
    expect((await sampleOf(world, "/unknown")).content?.request?.bodyState).toBe(3);
  });

  it("has the headers of a refused request, and nothing without a known key, once it is over, or where it is off", async () => {
    await using world = await start(engine, later());
    const headers = { "connxio-api-key": key.secret, "x-plain": "shown" };
    expect((await fetch(`${world.url}/refused`, { headers })).status).toBe(405);
    const refused = (await sampleOf(world, "/refused")).content;
    expect(headerOf(refused?.request?.headers, "x-plain")).toBe("shown");
    expect(headerOf(refused?.request?.headers, "connxio-api-key")).toBe(MASKED);
    expect(refused?.response).toBeUndefined();
    const unknown = generateApiKey();
    await (await fetch(`${world.url}/denied`, { headers: { "connxio-api-key": unknown } })).text();
    expect((await sampleOf(world, "/denied")).content).toBeUndefined();
    for (const recording of [{ untilMs: Date.now() - 1_000, mask: [] }, null]) {
      await using other = await start(engine, recording);
      await post(other, "/over", "text/plain", "text");
      expect((await sampleOf(other, "/over")).content).toBeUndefined();
    }
  });
});

/** A token server: every client gets the same token. */
async function tokenServer(token: string): Promise<Server & AsyncDisposable> {
  const server = createServer((_, res) => {
    res.setHeader("content-type", "application/json");
    res.end(JSON.stringify({ access_token: token, token_type: "Bearer", expires_in: 600 }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

describe.each(engines)("credentials of an integration over %s", (engine) => {
  const TOKEN = "token-of-the-token-server";
  const oauth = (tokenUrl: string): CredentialScheme => ({
    kind: "oauth",
    tokenUrl,
    clientId: "client",
    clientAuthentication: "client-secret-post",
    scope: "",
    audience: "",
    resource: "",
    keyId: "",
  });

  it.each(["header", "query", "basic", "oauth"] as const)(
    "%s: what was sent to the integration and what it responded is recorded without their values",
    async (kind) => {
      const secret = kind === "query" ? "query/secret&more=1" : "secret-of-the-credential";
      process.env.LATCHKEY_SECRET_RECORDED = secret;
      await using tokens = await tokenServer(TOKEN);
      const schemes: Record<typeof kind, CredentialScheme> = {
        header: { kind: "header", name: "X-Partner" },
        query: { kind: "query", name: "partner" },
        basic: { kind: "basic", userName: "latchkey" },
        oauth: oauth(`http://127.0.0.1:${(tokens.address() as AddressInfo).port}/token`),
      };
      await using world = await World.of(
        ({ upstream }) => [
          anIntegration("int_1", upstream.url, { credentialIds: ["crd_1"] }),
          anApi("api_1", [aRoute("POST", "/{rest*}", "int_1")], { recording: later() }),
          key.resource,
          { ...credential, scheme: schemes[kind] },
        ],
        { engine },
      );
      world.upstream.behaviour = (request) => ({
        headers: ["content-type", "text/plain", "x-echo", request.target],
        body: `${request.target} ${JSON.stringify(request.headers)} ${request.body.toString()}`,
      });
      const form = "application/x-www-form-urlencoded";
      const response = await fetch(`${world.url}/a/${kind}?page=2&password=in-the-query`, {
        method: "POST",
        headers: { "connxio-api-key": key.secret, "content-type": form, "x-plain": "shown" },
        body: "password=in-the-form&note=hello",
      });
      const got = await response.text();
      const sent = {
        header: secret,
        query: encodeURIComponent(secret),
        basic: Buffer.from(`latchkey:${secret}`).toString("base64"),
        oauth: TOKEN,
      }[kind];
      // The credential was sent, and came back.
      expect(got).toContain(sent);
      const sample = await sampleOf(world, `/a/${kind}`);
      const { request, upstreamRequest, upstreamResponse } = sample.content ?? {};
      expect(request?.target).toBe(`/a/${kind}?page=2&password=${MASKED}`);
      expect([request?.method, upstreamRequest?.method, upstreamResponse?.method]).toEqual([
        "POST",
        "POST",
        "",
      ]);
      expect(upstreamRequest?.target).toMatch(new RegExp(`^/\\?page=2&password=${MASKED}`));
      if (kind === "query") expect(upstreamRequest?.target).toContain(`partner=${MASKED}`);
      expect(headerOf(upstreamRequest?.headers, "x-plain")).toBe("shown");
      expect(headerOf(upstreamRequest?.headers, "x-forwarded-for")).toBe("127.0.0.1");
      const name = kind === "header" ? "x-partner" : "authorization";
      if (kind !== "query") expect(headerOf(upstreamRequest?.headers, name)).toBe(MASKED);
      expect(headerOf(upstreamResponse?.headers, "x-echo")).toMatch(/page=2/);
      for (const value of [secret, sent, TOKEN, key.secret, "in-the-query", "in-the-form"])
        expect(text(sample), value).not.toContain(value);
    },
  );

  it("shows a path without a query that has the name of a secret in it", async () => {
    await using world = await start(engine, later());
    await post(world, "/session-tokens", "text/plain", "of /session-tokens");
    const { request } = (await sampleOf(world, "/session-tokens")).content ?? {};
    expect([request?.target, request?.body]).toEqual(["/session-tokens", "of /session-tokens"]);
  });

  it("masks every value of a query where paths of JSON are masked", async () => {
    await using world = await start(engine, later(["$.email"]));
    await fetch(`${world.url}/masked?email=someone%40example.com&flag`, {
      method: "POST",
      headers: { "connxio-api-key": key.secret },
    });
    const { request } = (await sampleOf(world, "/masked")).content ?? {};
    expect(request?.target).toBe(`/masked?email=${MASKED}&=${MASKED}`);
  });
});
