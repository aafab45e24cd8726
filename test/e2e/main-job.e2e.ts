/**
 * The main job on real parts: GraphQL mutation → SQLite → gRPC stream → ingress → upstream, without ever restarting
 * the ingress. Prints how long it takes from a mutation's response to its enforcement.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { engines } from "../support/engines.js";
import { Recorder } from "../support/recorder.js";
import {
  enforced,
  type MadeApi,
  makeApi,
  makeIntegration,
  makeSubscription,
  mutate,
} from "../support/seed.js";
import { Stack } from "../support/stack.js";

describe.each(engines)("the main job over the %s engine", (engine) => {
  let stack: Stack;
  let north: Recorder;
  let south: Recorder;
  let subscriptionId: string;
  let northId: string;
  let southId: string;

  beforeAll(async () => {
    [north, south] = await Promise.all([Recorder.start(), Recorder.start()]);
    stack = await Stack.start({ engine, nodes: 2 });
    subscriptionId = await makeSubscription(stack);
    northId = await makeIntegration(stack, subscriptionId, "north", `${north.url}/north`);
    southId = await makeIntegration(stack, subscriptionId, "south", `${south.url}/south`);
  });

  afterAll(async () => {
    await stack?.[Symbol.asyncDispose]();
    await north?.[Symbol.asyncDispose]();
    await south?.[Symbol.asyncDispose]();
  });

  async function call(secret: string, path = "/orders/17", init: RequestInit = {}): Promise<Response> {
    return await fetch(stack.ingress.url + path, {
      ...init,
      headers: { "Connxio-Api-Key": secret, ...(init.headers as Record<string, string>) },
    });
  }

  async function statusOf(secret: string, path?: string): Promise<number> {
    const response = await call(secret, path);
    await response.arrayBuffer();
    return response.status;
  }

  async function sameRoutes(title: string, integrationId: string): Promise<MadeApi> {
    const api = await makeApi(stack, subscriptionId, title, [
      { method: "ANY", path: "/orders/{id}", integrationId },
    ]);
    await enforced(stack, api.revision);
    return api;
  }

  it("tells two APIs with the same path apart by their keys", async () => {
    const a = await sameRoutes("A", northId);
    const b = await sameRoutes("B", southId);
    const response = await call(a.secret, "/orders/17?q=1", { method: "PUT", body: "to the north" });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ upstream: "/north" });
    expect(north.last).toMatchObject({ method: "POST", url: "/north?q=1" });
    expect(north.last.body.toString()).toBe("to the north");
    expect(north.last.headers).toMatchObject({ configcorrelationid: northId, "cx-path-id": "17" });

    expect(await (await call(b.secret, "/orders/17", { method: "PUT", body: "x" })).json()).toEqual({
      upstream: "/south",
    });
    expect(south.last.headers).toMatchObject({ configcorrelationid: southId });
    expect(south.last.method).toBe("POST");
  });

  it("enforces a disabled key, an enabled one, a new secret and a deleted API", async () => {
    const api = await sameRoutes("lifecycle", northId);
    expect(await statusOf(api.secret)).toBe(200);

    const off = await mutate(stack, "updateApiKey", { id: api.keyId, active: false }, "key { active }");
    await enforced(stack, off.revision);
    const refused = await call(api.secret);
    expect(refused.status).toBe(403);
    expect(refused.headers.get("content-type")).toBe("application/problem+json");
    expect(await refused.json()).toMatchObject({ status: 403, code: "key.disabled" });

    const on = await mutate(stack, "updateApiKey", { id: api.keyId, active: true }, "key { active }");
    await enforced(stack, on.revision);
    expect(await statusOf(api.secret)).toBe(200);

    const next = await mutate<{ secret: string }>(stack, "regenerateApiKey", { id: api.keyId }, "secret");
    stack.secrets.add(next.secret);
    await enforced(stack, next.revision);
    expect(await statusOf(api.secret)).toBe(401);
    expect(await statusOf(next.secret)).toBe(200);

    const gone = await mutate(stack, "deleteApi", { id: api.id }, "deletedApiId");
    await enforced(stack, gone.revision);
    expect(await statusOf(next.secret)).toBe(401);
  });

  it("keeps the old secret alive for the overlap that was asked for", async () => {
    const api = await sameRoutes("overlap", northId);
    const input = { id: api.keyId, overlapSeconds: 3600 };
    const next = await mutate<{ secret: string }>(stack, "regenerateApiKey", input, "secret");
    stack.secrets.add(next.secret);
    await enforced(stack, next.revision);
    expect(await statusOf(api.secret)).toBe(200);
    expect(await statusOf(next.secret)).toBe(200);
  });

  it("takes a webhook key by query, and a header key never", async () => {
    const api = await sameRoutes("webhook", northId);
    const query = `?Connxio-Api-Key=${api.secret}&Connxio-Api-Webhook=true`;
    const bare = async (path: string) =>
      (await fetch(stack.ingress.url + path, { method: "POST", body: "{}" })).status;
    expect(await bare(`/orders/1${query}`)).toBe(401);
    const hook = await mutate(stack, "updateApiKey", { id: api.keyId, mode: "WEBHOOK" }, "key { mode }");
    await enforced(stack, hook.revision);
    expect(await bare(`/orders/1${query}`)).toBe(200);
    expect(north.last.url).toBe("/north");
  });

  it("swaps a route's integration and responds with 404, 405 with Allow, and 401", async () => {
    const api = await makeApi(stack, subscriptionId, "swap", [
      { method: "GET", path: "/items/{id}", integrationId: northId },
      { method: "DELETE", path: "/items/{id}", integrationId: northId },
    ]);
    await enforced(stack, api.revision);
    expect(await (await call(api.secret, "/items/1")).json()).toEqual({ upstream: "/north" });
    const swapped = await mutate(
      stack,
      "updateApi",
      {
        id: api.id,
        expectedVersion: api.version,
        title: "swap",
        summary: "",
        routes: [{ method: "GET", path: "/items/{id}", integrationId: southId }],
      },
      "api { version }",
    );
    await enforced(stack, swapped.revision);
    expect(await (await call(api.secret, "/items/1")).json()).toEqual({ upstream: "/south" });
    expect(await statusOf(api.secret, "/nowhere")).toBe(404);
    const wrong = await call(api.secret, "/items/1", { method: "DELETE" });
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get("allow")).toBe("GET");
    expect((await fetch(`${stack.ingress.url}/items/1`)).status).toBe(401);
    expect(await statusOf("lk_0000000000000000000000000000000000000000000000000", "/items/1")).toBe(401);
  });

  it("enforces 200 changes within milliseconds of the mutation's response (printed)", async () => {
    const api = await sameRoutes("timing", northId);
    const times: number[] = [];
    for (let i = 0; i < 200; i++) {
      const active = i % 2 === 1;
      await mutate(stack, "updateApiKey", { id: api.keyId, active }, "key { id }");
      const start = performance.now();
      while ((await statusOf(api.secret)) !== (active ? 200 : 403));
      times.push(performance.now() - start);
    }
    times.sort((a, b) => a - b);
    process.stdout.write(
      `${engine}: mutation response → enforced: median ${times[100]?.toFixed(1)} ms, worst ${times[199]?.toFixed(1)} ms of 200\n`,
    );
    expect(times).toHaveLength(200);
  });

  it("names the nodes that have acknowledged a revision", async () => {
    const api = await sameRoutes("receipt", northId);
    const { awaitRevision } = await stack.graphql<{
      awaitRevision: { complete: boolean; acknowledged: { afterMs: number; node: string }[] };
    }>(
      `query($revision: RevisionInput!) {
        awaitRevision(revision: $revision, nodes: ALL, timeoutMs: 60000) { complete acknowledged { afterMs node } }
      }`,
      { revision: api.revision },
    );
    expect(awaitRevision.complete).toBe(true);
    expect(awaitRevision.acknowledged.map(({ node }) => node).sort()).toEqual(["node-1", "node-2"]);
  });
});
