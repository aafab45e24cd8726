/** What nodes serve as an API's document: written after the change, never instead of it, and never on the event loop. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Fixture, type FixtureOptions, type Json, SETUP_MS_MAX } from "../../testing/fixture.js";
import { longestTurn } from "../../testing/longest-turn.js";

interface Place {
  readonly f: Fixture;
  readonly integrationId: string;
  readonly subscriptionId: string;
}

async function placeOf(options: FixtureOptions = {}): Promise<Place> {
  const f = await Fixture.start(options);
  const subscriptionId = await f.subscription();
  return { f, subscriptionId, integrationId: await f.integration(subscriptionId) };
}

const opened: Fixture[] = [];
async function open(options?: FixtureOptions): Promise<Place> {
  const place = await placeOf(options);
  opened.push(place.f);
  return place;
}
afterEach(async () => {
  for (const f of opened.splice(0)) await f[Symbol.asyncDispose]();
});

const state = async (f: Fixture, apiId: string): Promise<Json> =>
  (
    await f.run("query($id: ID!) { api(id: $id) { servedDocument { state sizeBytes message } } }", {
      id: apiId,
    })
  ).api.servedDocument;

/** The text that nodes get; null: none. */
async function served(f: Fixture, apiId: string): Promise<string | null> {
  const resource = (await f.resources()).get(`api/${apiId}`);
  if (resource?.kind !== "api") throw new Error("no API");
  return resource.openapiJson === null ? null : Buffer.from(resource.openapiJson).toString();
}

describe("a served document", () => {
  let place: Place;
  beforeAll(async () => {
    place = await placeOf();
  }, SETUP_MS_MAX);
  afterAll(() => place.f[Symbol.asyncDispose]());

  const create = async (more: object = {}) => {
    const { f, subscriptionId, integrationId } = place;
    const routes = [{ method: "GET", path: "/a", integrationId }];
    return f.api(subscriptionId, { openapiServed: true, routes, ...more });
  };

  it("follows its API in a revision of its own, and says so meanwhile", async () => {
    const { f } = place;
    const { api } = await create();
    expect(await state(f, api.id)).toEqual({ state: "PENDING", sizeBytes: null, message: null });
    expect(await served(f, api.id)).toBeNull();
    await f.services.served.run();
    expect(await f.lastChanges()).toEqual([`upsert api/${api.id}`]);
    const text = await served(f, api.id);
    expect(JSON.parse(text ?? "")).toMatchObject({ openapi: "3.1.1", info: { title: "Orders API" } });
    expect(await state(f, api.id)).toEqual({
      state: "SERVED",
      sizeBytes: Buffer.byteLength(text ?? ""),
      message: null,
    });
  });

  it("is written anew for a summary, a contract and a key's mode, and not for anything else", async () => {
    const { f, integrationId } = place;
    const { api, key } = await create();
    await f.services.served.run();
    const before = await f.revision();
    await f.mutate("updateApi", { id: api.id, summary: "words" }, "api { id }");
    expect(await f.revision()).toBe(before);
    expect(await state(f, api.id)).toMatchObject({ state: "PENDING" });
    expect(await served(f, api.id)).not.toContain("words");
    await f.services.served.run();
    expect(await f.revision()).toBe(before + 1);
    expect(await served(f, api.id)).toContain("words");

    await f.mutate(
      "updateIntegration",
      { id: integrationId, responseContentTypes: ["text/csv"] },
      "integration { id }",
    );
    await f.services.served.run();
    expect(await served(f, api.id)).toContain("text/csv");
    await f.mutate("updateIntegration", { id: integrationId, webSockets: true }, "integration { id }");
    await f.services.served.run();
    expect(await served(f, api.id)).toContain("WebSocket connections");
    await f.mutate("updateApiKey", { id: key.id, mode: "WEBHOOK" }, "key { id }");
    await f.services.served.run();
    expect(await served(f, api.id)).toContain("Connxio-Api-Webhook");

    const last = await f.revision();
    await f.mutate("updateApiKey", { id: key.id, name: "other" }, "key { id }");
    await f.services.served.run();
    expect(await state(f, api.id)).toMatchObject({ state: "SERVED" });
    expect((await f.revision()) - last).toBeLessThanOrEqual(1);
  });

  it("ends with the API's wish to serve it", async () => {
    const { f } = place;
    const { api } = await create();
    await f.services.served.run();
    await f.mutate("updateApi", { id: api.id, openapiServed: false }, "api { id }");
    expect(await f.lastChanges()).toEqual([`upsert api/${api.id}`]);
    expect([await served(f, api.id), await state(f, api.id)]).toEqual([null, null]);
    const { api: gone } = await create();
    await f.mutate("deleteApi", { id: gone.id }, "deletedApiId");
    await f.services.served.run();
  });

  it("is that of the last change, also when it changes while it is written", async () => {
    const { f } = place;
    const { api } = await create({ summary: "first" });
    const writing = f.services.served.run();
    await f.mutate("updateApi", { id: api.id, summary: "second" }, "api { id }");
    await writing;
    await f.services.served.run();
    expect(await served(f, api.id)).toContain("second");
    expect(await state(f, api.id)).toMatchObject({ state: "SERVED" });
  });
});

const large = (integrationId: string) => ({
  openapiServed: true,
  routes: Array.from({ length: 60 }, (_, k) => ({
    method: "GET",
    path: `/a${k}`,
    integrationId,
    operation: { description: "lorem ipsum ".repeat(20_000) },
  })),
});

describe("a document that cannot be served", () => {
  it("is said to be too large where the API is read and in the log, until it is smaller", async () => {
    const { f, subscriptionId, integrationId } = await open({ servedBytesMax: 20_000 });
    const routes = [
      { method: "GET", path: "/a", integrationId, operation: { description: "x".repeat(20_000) } },
    ];
    const { api } = await f.api(subscriptionId, { openapiServed: true, routes });
    await f.services.served.run();
    expect(await state(f, api.id)).toEqual({
      state: "TOO_LARGE",
      sizeBytes: expect.any(Number),
      message: expect.stringContaining("Split the API."),
    });
    expect(await served(f, api.id)).toBeNull();
    expect(f.logLines.join()).toContain(api.id);
    expect(f.logLines.join()).toContain("too_large");
    await f.mutate("updateApi", { id: api.id, routes: [] }, "api { id }");
    await f.services.served.run();
    expect(await state(f, api.id)).toMatchObject({ state: "SERVED" });
  });

  it("is said to be too slow, and holds up no other one", async () => {
    const { f, subscriptionId, integrationId } = await open({ threadLimits: { cpuMsMax: 1 } });
    const { api: slow } = await f.api(subscriptionId, large(integrationId));
    const { api: quick } = await f.api(subscriptionId, { openapiServed: true });
    await f.services.served.run();
    expect(await state(f, slow.id)).toMatchObject({
      state: "TOO_SLOW",
      message: expect.stringContaining("Split the API."),
    });
    expect(await state(f, quick.id)).toMatchObject({ state: "SERVED" });
  });

  it("is tried again by a control plane with other settings", { timeout: 120_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "latchkey-served-"));
    try {
      const path = join(folder, "latchkey.db");
      const first = await placeOf({ path, servedBytesMax: 100 });
      const { api } = await first.f.api(first.subscriptionId, { openapiServed: true });
      await first.f.services.served.run();
      expect(await state(first.f, api.id)).toMatchObject({ state: "TOO_LARGE" });
      await first.f[Symbol.asyncDispose]();

      const again = await Fixture.start({ path });
      await again.services.served.run();
      expect(await state(again, api.id)).toMatchObject({ state: "SERVED" });
      const before = await again.revision();
      await again.services.served.run();
      expect(await again.revision()).toBe(before);
      await again[Symbol.asyncDispose]();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

it("writes and publishes a large document in short turns", { timeout: 120_000 }, async () => {
  const { f, subscriptionId, integrationId } = await open();
  const { api } = await f.api(subscriptionId, large(integrationId));
  const { longestMs } = await longestTurn(async () => {
    await f.services.served.run();
    const { revision } = f.services.source;
    return revision;
  });
  expect(await state(f, api.id)).toMatchObject({ state: "SERVED" });
  expect(longestMs).toBeLessThan(120);
});
