/** A whole control plane: GraphQL over HTTP, health, start and stop. */
import { join } from "node:path";
import { createLogger } from "@latchkey/observe";
import { describe, expect, it } from "vitest";
import { runControlPlane } from "./run.js";
import {
  ALICE,
  config,
  folder,
  graphql,
  logLines,
  origin,
  post,
  setUpControlPlane,
  TOKEN,
} from "./testing/control-plane-http.js";

setUpControlPlane();

describe("compression", () => {
  const long = `{ __schema { types { name description } } }`;
  const encodingOf = async (query: string, accepted: string) => {
    const response = await post("/graphql", { headers: { "accept-encoding": accepted }, body: { query } });
    expect((await response.json()) as object).toHaveProperty("data");
    return response.headers.get("content-encoding");
  };

  it("is used for responses to queries, as the client accepts it", async () => {
    expect(await encodingOf(long, "gzip, deflate, br")).toBe("br");
    expect(await encodingOf(long, "gzip")).toBe("gzip");
    expect(await encodingOf(long, "br;q=0, identity")).toBeNull();
    expect(await encodingOf("{ viewer { actor } }", "br")).toBeNull();
  });

  it("is never used for a response that may hold a secret: those to mutations and to a sign-in", async () => {
    const mutation = `mutation { createSubscription(input: {name: "${"a".repeat(99)}"}) { userErrors { message } subscription { id ${Array.from({ length: 9 }, (_, i) => `n${i}: name`).join(" ")} m0: name m1: name m2: name m3: name m4: name } } }`;
    expect(await encodingOf(mutation, "br")).toBeNull();
    const signIn = await post("/session", {
      token: null,
      headers: { "accept-encoding": "br" },
      body: { token: TOKEN },
    });
    expect(await signIn.json()).toHaveProperty("csrfToken");
    expect(signIn.headers.get("content-encoding")).toBeNull();
  });
});

describe("GraphQL over HTTP", () => {
  it("accepts requests with a token, and tells the operators apart", async () => {
    expect(await graphql("{ viewer { actor } }")).toMatchObject({
      status: 200,
      data: { viewer: { actor: "admin" } },
    });
    expect(await graphql("{ viewer { actor } }", { token: ALICE })).toMatchObject({
      data: { viewer: { actor: "alice" } },
    });
    expect((await graphql("{ server { version ingressUrl keyHeader canRecover } }")).data.server).toEqual({
      version: "0.1.0",
      ingressUrl: "http://127.0.0.1:8080",
      keyHeader: "Connxio-Api-Key",
      canRecover: true,
    });
  });

  it.each([null, "wrong", `${TOKEN}x`, ""])(
    "refuses the token %j with UNAUTHENTICATED, whatever is asked",
    async (token) => {
      const response = await graphql("{ nothing of this parses", { token });
      expect(response).toMatchObject({ status: 401, errors: [{ extensions: { code: "UNAUTHENTICATED" } }] });
      expect(response.headers.get("www-authenticate")).toContain("Bearer");
      expect(response.data).toBeUndefined();
    },
  );

  it("takes queries by GET with a header that no other site can make a browser send, and no mutations", async () => {
    const url = `${origin}/graphql?query=${encodeURIComponent("{viewer{actor}}")}`;
    expect((await fetch(url)).status).toBe(401);
    const asked = await fetch(url, { headers: { authorization: `Bearer ${TOKEN}` } });
    expect(await asked.json()).toEqual({ data: { viewer: { actor: "admin" } } });
    const mutation = await fetch(
      `${origin}/graphql?query=${encodeURIComponent('mutation{createSubscription(input:{name:"x"}){revision{number}}}')}`,
      { headers: { authorization: `Bearer ${TOKEN}` } },
    );
    expect(mutation.status).toBe(405);
  });

  it("takes only JSON, only so much of it, and only one operation a request", async () => {
    expect((await post("/graphql", { headers: { "content-type": "text/plain" }, body: {} })).status).toBe(
      415,
    );
    expect((await post("/graphql", { body: { query: "#".repeat(70_000) } })).status).toBe(413);
    expect((await post("/graphql", { body: [{ query: "{viewer{actor}}" }] })).status).toBe(400);
    // The import of a document may be larger.
    const query = "mutation($input:ImportOpenApiInput!){importOpenApi(input:$input){userErrors{code}}}";
    const large = { query, variables: { input: { document: "#".repeat(70_000) } } };
    expect((await post("/graphql", { body: large })).status).toBe(200);
    expect((await post("/graphql", { body: { ...large, query: "{viewer{actor}}" } })).status).toBe(413);
    const broken = await fetch(`${origin}/graphql`, {
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
      body: "{",
    });
    expect(broken.status).toBe(400);
  });

  it("refuses hostile operations quickly, before they are validated", async () => {
    for (const query of [
      `{${"a{".repeat(20)}b${"}".repeat(21)}`,
      `{ ${Array.from({ length: 60 }, (_, i) => `x${i}: viewer { actor }`).join(" ")} }`,
      `{ ${"viewer { actor } ".repeat(200)} }`,
    ]) {
      const response = await graphql(query);
      expect(response).toMatchObject({
        status: 400,
        errors: [{ extensions: { code: "OPERATION_TOO_LARGE" } }],
      });
    }
  });

  it("gives each response an id, which the log and the audit log have as well", async () => {
    const response = await post("/graphql", {
      headers: { "x-request-id": "my-request-1" },
      body: { query: 'mutation{createSubscription(input:{name:"Ids"}){revision{number}}}' },
    });
    expect(response.headers.get("x-request-id")).toBe("my-request-1");
    const { data } = await graphql("{ auditLog(first: 1) { nodes { requestId actor } } }");
    expect(data.auditLog.nodes).toEqual([{ requestId: "my-request-1", actor: "admin" }]);
    const odd = await post("/graphql", {
      headers: { "x-request-id": "x y" },
      body: { query: "{viewer{actor}}" },
    });
    expect(odd.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe("health", () => {
  it("is public, metrics need a token", async () => {
    expect(await (await fetch(`${origin}/healthz`)).json()).toEqual({ status: "ok" });
    expect(await (await fetch(`${origin}/readyz`)).json()).toEqual({ status: "ready" });
    expect((await fetch(`${origin}/metrics`)).status).toBe(401);
    const metrics = await fetch(`${origin}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } });
    expect(await metrics.text()).toContain("latchkey_");
  });

  it("no log line has a token", () => {
    const text = logLines.join("");
    for (const secret of [TOKEN, ALICE]) expect(text).not.toContain(secret);
  });
});

describe("starting and stopping", () => {
  it("a port that is taken is named, and leaves nothing open", async () => {
    const port = Number(new URL(origin).port);
    const again = runControlPlane(config({ dataDir: join(folder, "data3"), http: { port } }), {
      logger: createLogger({ name: "test", level: "silent" }),
    });
    await expect(again).rejects.toMatchObject({ name: "ListenError", port, cause: { code: "EADDRINUSE" } });
  });

  it("a second start finds everything again", async () => {
    const logger = createLogger({ name: "test", level: "silent" });
    const settings = config({ dataDir: join(folder, "data4") });
    const first = await runControlPlane(settings, { logger });
    const response = await fetch(first.graphqlUrl, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify({
        query: 'mutation { createSubscription(input: {name: "Kept"}) { revision { number } } }',
      }),
    });
    expect(response.status).toBe(200);
    await first.close();
    await using second = await runControlPlane(settings, { logger });
    const found = await fetch(second.graphqlUrl, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify({ query: "{ subscriptions { nodes { name } } }" }),
    });
    expect(await found.json()).toEqual({ data: { subscriptions: { nodes: [{ name: "Kept" }] } } });
  });
});
