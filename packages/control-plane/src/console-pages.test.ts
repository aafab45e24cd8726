/** The console over HTTP: its pages, its session, and documents as downloads. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { createLogger } from "@latchkey/observe";
import { describe, expect, it } from "vitest";
import { runControlPlane } from "./run.js";
import {
  ALICE,
  config,
  folder,
  graphql,
  origin,
  post,
  raw,
  setUpControlPlane,
  TOKEN,
} from "./testing/control-plane-http.js";

setUpControlPlane();

describe("the console's session", () => {
  const signIn = async (token = TOKEN) => {
    const response = await post("/session", { token: null, body: { token } });
    const setCookie = response.headers.get("set-cookie") ?? "";
    const { csrfToken = "", actor = "" } = (await response.json()) as { csrfToken?: string; actor?: string };
    return { response, setCookie, cookie: setCookie.split(";")[0] ?? "", csrfToken, actor };
  };

  it("is a cookie that scripts cannot read, good together with the CSRF token", async () => {
    const { setCookie, cookie, csrfToken, actor } = await signIn(ALICE);
    expect(actor).toBe("alice");
    expect(setCookie).toContain("HttpOnly");
    expect(setCookie).toContain("SameSite=Strict");
    const asked = await graphql("{ viewer { actor } }", {
      token: null,
      headers: { cookie, "x-csrf-token": csrfToken },
    });
    expect(asked).toMatchObject({ data: { viewer: { actor: "alice" } } });
    for (const headers of [{ cookie }, { cookie, "x-csrf-token": "wrong" }, { "x-csrf-token": csrfToken }])
      expect(await graphql("{ viewer { actor } }", { token: null, headers })).toMatchObject({ status: 401 });
    const resumed = await fetch(`${origin}/session`, { headers: { cookie, "x-csrf-token": csrfToken } });
    expect(await resumed.json()).toEqual({ actor: "alice" });
  });

  it("ends by signing out, which another site cannot do for an operator", async () => {
    const { cookie, csrfToken } = await signIn();
    const forged = await fetch(`${origin}/session`, { method: "DELETE", headers: { cookie } });
    expect(forged.status).toBe(401);
    const ended = await fetch(`${origin}/session`, {
      method: "DELETE",
      headers: { cookie, "x-csrf-token": csrfToken },
    });
    expect(ended.status).toBe(204);
    expect(ended.headers.get("set-cookie")).toContain("Expires=Thu, 01 Jan 1970");
    expect(
      await graphql("{ viewer { actor } }", { token: null, headers: { cookie, "x-csrf-token": csrfToken } }),
    ).toMatchObject({ status: 401 });
  });

  it("is not opened by a wrong token, or from another origin, whose refusal names what to set", async () => {
    expect((await signIn("wrong")).response.status).toBe(401);
    const foreign = await post("/session", {
      token: null,
      headers: { origin: "http://evil.example" },
      body: { token: TOKEN },
    });
    expect(foreign.status).toBe(403);
    expect(await foreign.text()).toContain("http.publicOrigins");
  });

  it("is worth nothing by its cookie alone: no response to it has the CSRF token", async () => {
    const { cookie, csrfToken } = await signIn();
    const value = cookie.split("=")[1] ?? "";
    const derived = createHash("sha256").update("latchkey-csrf:").update(value).digest("base64url");
    expect(csrfToken).not.toBe(derived);
    for (const path of ["/session", `/graphql?query=${encodeURIComponent("{viewer{actor}}")}`])
      expect((await fetch(`${origin}${path}`, { headers: { cookie } })).status).toBe(401);
    expect(
      await graphql("{ viewer { actor } }", { token: null, headers: { cookie, "x-csrf-token": derived } }),
    ).toMatchObject({ status: 401 });
  });
});

describe("pages", () => {
  it("the console is at / and at each of its views, under a strict policy", async () => {
    for (const path of ["/", "/apis/api_1", "/nodes"]) {
      const response = await fetch(origin + path, { headers: { accept: "text/html" } });
      expect(response.status).toBe(200);
      expect(await response.text()).toContain("Console");
      expect(response.headers.get("content-security-policy")).toContain("script-src 'self'");
      expect(response.headers.get("content-security-policy")).not.toContain("unsafe");
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
      expect(response.headers.get("cache-control")).toBe("no-cache");
    }
  });

  it("hashed files are kept for a year, compressed, and asked for again only when they changed", async () => {
    const path = `${origin}/assets/index-Ab3dEf9h.js`;
    const response = await fetch(path, { headers: { "accept-encoding": "br" } });
    expect(response.headers.get("cache-control")).toContain("immutable");
    expect(response.headers.get("content-encoding")).toBe("br");
    expect(await response.text()).toContain("export {}");
    const again = await fetch(path, { headers: { "if-none-match": response.headers.get("etag") ?? "" } });
    expect(again.status).toBe(304);
  });

  it("nothing leads out of the folder, and a missing script is no page", async () => {
    for (const target of [
      "/../secret.txt",
      "/%2e%2e/secret.txt",
      "/..%2fsecret.txt",
      "/assets/../../secret.txt",
      "//etc/passwd",
      "/assets\\..\\..\\secret.txt",
    ]) {
      const response = await raw(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      expect(response).not.toContain("not for anybody");
      expect(response).toMatch(/^HTTP\/1\.1 (400|404)/);
    }
    expect((await fetch(`${origin}/assets/gone.js`, { headers: { accept: "text/html" } })).status).toBe(404);
    expect((await fetch(`${origin}/`, { method: "POST" })).status).toBe(404);
    expect((await fetch(`${origin}/graphql`, { method: "PUT" })).status).toBe(405);
  });

  it("a folder that is not there gives a page that says so", async () => {
    await using bare = await runControlPlane(
      config({ dataDir: join(folder, "data2"), http: { port: 0, consoleDir: join(folder, "absent") } }),
      {
        logger: createLogger({ name: "test", level: "silent" }),
      },
    );
    const response = await fetch(bare.consoleUrl, { headers: { accept: "text/html" } });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain("npm run build");
  });
});

describe("OpenAPI documents", () => {
  it("are downloads with a token or a session, with a safe name, and unchanged ones are not sent again", async () => {
    const { data } = await graphql(
      'mutation { createSubscription(input: {name: "S"}) { subscription { id } } }',
    );
    const made = await graphql(
      `mutation { createApi(input: {title: "Ørders: \\"a/b\\"", subscriptionId: "${data.createSubscription.subscription.id}"}) { api { id } } }`,
    );
    const path = `${origin}/apis/${made.data.createApi.api.id}/openapi`;
    expect((await fetch(`${path}.json`)).status).toBe(401);
    const authorization = `Bearer ${TOKEN}`;
    const json = await fetch(`${path}.json`, { headers: { authorization } });
    expect(json.status).toBe(200);
    expect(json.headers.get("content-disposition")).toBe(
      `attachment; filename="_rders- -a-b.json"; filename*=UTF-8''%C3%98rders-%20-a-b.json`,
    );
    expect(await json.json()).toMatchObject({
      openapi: "3.0.3",
      info: { title: 'Ørders: "a/b"', version: "v1" },
    });
    const unchanged = await fetch(`${path}.json`, {
      headers: { authorization, "if-none-match": `W/${json.headers.get("etag")}` },
    });
    expect(unchanged.status).toBe(304);
    const yaml = await fetch(`${path}.yaml?version=3.1`, { headers: { authorization } });
    expect(yaml.headers.get("content-type")).toContain("yaml");
    expect(await yaml.text()).toContain("openapi: 3.1.1");
    expect((await fetch(`${path}.json?key=key_none`, { headers: { authorization } })).status).toBe(404);
    expect((await fetch(`${path}.json?version=2`, { headers: { authorization } })).status).toBe(400);
    expect((await fetch(`${origin}/apis/api_none/openapi.json`, { headers: { authorization } })).status).toBe(
      404,
    );
  });
});
