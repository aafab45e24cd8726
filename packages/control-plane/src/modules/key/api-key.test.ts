import { keyDigest } from "@latchkey/core";
import type { KeyResource } from "@latchkey/snapshot";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Fixture, SETUP_MS_MAX, unknownId } from "../../testing/fixture.js";

let f: Fixture;
let subscriptionId: string;
let api: { id: string };
let key: { id: string; version: number };
let secret: string;
beforeEach(async () => {
  f = await Fixture.start();
  subscriptionId = await f.subscription();
  ({ api, key, secret } = await f.api(subscriptionId));
}, SETUP_MS_MAX);
afterEach(() => f[Symbol.asyncDispose]());

const KEY =
  "key { id name display active mode expiresAt overlapUntil recoverable version lastUsedAt rateLimit { limit windowSeconds burst } quota { limit } api { id } }";

async function resource(): Promise<KeyResource> {
  return (await f.resources()).get(`key/${key.id}`) as KeyResource;
}
async function digests(): Promise<string[]> {
  return (await resource()).secrets.map((s) => Buffer.from(s.digest).toString("hex"));
}
const hex = (text: string) => keyDigest(text).toString("hex");
const update = (more: Record<string, unknown>) => f.mutate("updateApiKey", { id: key.id, ...more }, KEY);

describe("updateApiKey", () => {
  it("switches a key off as a revocation, and on again as a plain change", async () => {
    const off = await update({ active: false });
    expect(off).toMatchObject({ key: { active: false, version: 2, api: { id: api.id } }, userErrors: [] });
    expect(await f.lastChanges()).toEqual([`upsert key/${key.id} !`]);
    expect((await resource()).active).toBe(false);
    await update({ active: true });
    expect(await f.lastChanges()).toEqual([`upsert key/${key.id}`]);
  });

  it("changes mode, limits and expiry; null takes them away; what is left out stays", async () => {
    const expiresAt = new Date(f.clock.now() + 60_000).toISOString();
    const changed = await update({
      mode: "WEBHOOK",
      expiresAt,
      rateLimit: { limit: 10, windowSeconds: 1, burst: 20 },
      quota: { limit: 1000, windowSeconds: 86_400 },
    });
    expect(changed.key).toMatchObject({
      mode: "WEBHOOK",
      expiresAt,
      rateLimit: { limit: 10, windowSeconds: 1, burst: 20 },
      quota: { limit: 1000 },
    });
    expect(await resource()).toMatchObject({
      mode: "webhook",
      expiresAtMs: f.clock.now() + 60_000,
      quota: { limit: 1000, windowSeconds: 86_400, burst: 0 },
    });
    const kept = await update({ name: "Other" });
    expect(kept.key).toMatchObject({ name: "Other", mode: "WEBHOOK", expiresAt, rateLimit: { limit: 10 } });
    const cleared = await update({ expiresAt: null, rateLimit: null, quota: null });
    expect(cleared.key).toMatchObject({ expiresAt: null, rateLimit: null, quota: null });
    expect(await resource()).toMatchObject({ expiresAtMs: 0, rateLimit: null, quota: null });
  });

  it("refuses null for name, activity and mode", async () => {
    await update({ active: false });
    for (const field of ["name", "active", "mode"])
      expect((await update({ [field]: null })).userErrors).toMatchObject([
        { code: "REQUIRED", field: ["input", field] },
      ]);
    expect((await resource()).active).toBe(false);
  });

  it("an earlier expiry is a revocation, a later one and a name are not", async () => {
    await update({ expiresAt: new Date(f.clock.now() + 1000).toISOString() });
    expect(await f.lastChanges()).toEqual([`upsert key/${key.id} !`]);
    await update({ expiresAt: new Date(f.clock.now() + 9000).toISOString() });
    expect(await f.lastChanges()).toEqual([`upsert key/${key.id}`]);
    await update({ name: "Renamed" });
    expect(await f.lastChanges()).toEqual([`upsert key/${key.id}`]);
    for (const policy of [{ scopes: [{ method: "GET", path: "/a" }] }, { ipRules: { deny: ["::1"] } }]) {
      await update(policy);
      expect(await f.lastChanges()).toEqual([`upsert key/${key.id} !`]);
    }
    // Expiring a key now is a way to end it.
    await update({ expiresAt: new Date(f.clock.now() - 1000).toISOString() });
    expect(await f.lastChanges()).toEqual([`upsert key/${key.id} !`]);
  });

  it("refuses a lost update only when the client says what it saw", async () => {
    await update({ active: false });
    const stale = await update({ expectedVersion: 1, active: true });
    expect(stale.userErrors).toMatchObject([
      { code: "CONFLICT", currentVersion: 2, current: { id: key.id } },
    ]);
    expect((await update({ active: true })).userErrors).toEqual([]);
  });

  it.each([
    [{ name: "" }, "REQUIRED", ["name"]],
    [{ name: "x".repeat(101) }, "TOO_LONG", ["name"]],
    [{ rateLimit: { limit: 0, windowSeconds: 1 } }, "INVALID", ["rateLimit", "limit"]],
    [{ rateLimit: { limit: 1, windowSeconds: 86_401 } }, "INVALID", ["rateLimit", "windowSeconds"]],
    [{ rateLimit: { limit: 1, windowSeconds: 1, burst: -1 } }, "INVALID", ["rateLimit", "burst"]],
    [{ quota: { limit: 1, windowSeconds: 0 } }, "INVALID", ["quota", "windowSeconds"]],
    [{ expiresAt: "1960-01-01T00:00:00Z" }, "INVALID", ["expiresAt"]],
  ])("refuses %j", async (more, code, field) => {
    expect((await update(more)).userErrors).toMatchObject([{ code, field: ["input", ...field] }]);
  });
});

describe("a version that was not the newest", () => {
  it.each([
    ["regenerateApiKey", "secret"],
    ["deleteApiKey", "deletedApiKeyId"],
  ])("stops %s", async (name, field) => {
    await update({ name: "Renamed" });
    const payload = await f.mutate(name, { id: key.id, expectedVersion: 1 }, field);
    expect(payload[field]).toBeNull();
    expect(payload.userErrors).toMatchObject([{ code: "CONFLICT", field: ["input", "expectedVersion"] }]);
    expect((await f.mutate(name, { id: key.id, expectedVersion: 2 }, field)).userErrors).toEqual([]);
  });
});

describe("regenerateApiKey", () => {
  const regenerate = (overlapSeconds?: number) =>
    f.mutate(
      "regenerateApiKey",
      { id: key.id, ...(overlapSeconds === undefined ? {} : { overlapSeconds }) },
      `${KEY} secret`,
    );

  it("replaces the secret at once, as a revocation", async () => {
    const payload = await regenerate();
    expect(payload.secret).toMatch(/^lk_/);
    expect(payload.secret).not.toBe(secret);
    expect(payload.key).toMatchObject({
      id: key.id,
      overlapUntil: null,
      version: 2,
      display: `${payload.secret.slice(0, 9)}…`,
    });
    expect(await digests()).toEqual([hex(payload.secret)]);
    expect(await f.lastChanges()).toEqual([`upsert key/${key.id} !`]);
  });

  it("lets the old secret live on for the overlap, and a still older one die", async () => {
    const second = await regenerate(3600);
    expect(await digests()).toEqual([hex(second.secret), hex(secret)]);
    expect((await resource()).secrets.map((s) => s.notAfterMs)).toEqual([0, f.clock.now() + 3_600_000]);
    expect(second.key.overlapUntil).toBe(new Date(f.clock.now() + 3_600_000).toISOString());
    const third = await regenerate(60);
    expect(await digests()).toEqual([hex(third.secret), hex(second.secret)]);
  });

  it.each([-1, 2_592_001])("refuses an overlap of %i seconds", async (overlapSeconds) => {
    expect((await regenerate(overlapSeconds)).userErrors).toMatchObject([
      { code: "INVALID", field: ["input", "overlapSeconds"] },
    ]);
  });
});

describe("createApiKey and deleteApiKey", () => {
  it("an API has several keys, and one dies without the others", async () => {
    const made = await f.mutate("createApiKey", { apiId: api.id, name: "Second" }, `${KEY} secret`);
    expect(made.key).toMatchObject({ name: "Second", active: true, mode: "HEADER", api: { id: api.id } });
    expect(made.secret).not.toBe(secret);
    const listed = await f.run("query($id: ID!) { api(id: $id) { keys { totalCount nodes { name } } } }", {
      id: api.id,
    });
    expect(listed.api.keys).toEqual({
      totalCount: 2,
      nodes: expect.arrayContaining([{ name: "Default" }, { name: "Second" }]),
    });
    const deleted = await f.mutate("deleteApiKey", { id: key.id }, "deletedApiKeyId");
    expect(deleted).toMatchObject({ deletedApiKeyId: key.id, userErrors: [] });
    expect(await f.lastChanges()).toEqual([`remove key/${key.id} !`]);
    expect([...(await f.resources()).keys()].filter((name) => name.startsWith("key/"))).toEqual([
      `key/${made.key.id}`,
    ]);
  });

  it("refuse an unknown API, an unknown key, and a key that is expired from the start", async () => {
    const noApi = await f.mutate("createApiKey", { apiId: unknownId("api") }, "key { id }");
    expect(noApi.userErrors).toMatchObject([{ code: "NOT_FOUND", field: ["input", "apiId"] }]);
    const past = await f.mutate(
      "createApiKey",
      { apiId: api.id, expiresAt: new Date(f.clock.now()).toISOString() },
      "key { id }",
    );
    expect(past.userErrors).toMatchObject([{ code: "INVALID", field: ["input", "expiresAt"] }]);
    for (const name of ["updateApiKey", "regenerateApiKey", "revealApiKey", "deleteApiKey"]) {
      const payload = await f.mutate(
        name,
        { id: unknownId("apiKey") },
        name === "deleteApiKey" ? "deletedApiKeyId" : "key { id }",
      );
      expect(payload.userErrors).toMatchObject([{ code: "NOT_FOUND", field: ["input", "id"] }]);
    }
  });

  it("keys are listed over all APIs, by API, mode, subscription, activity, name and first characters", async () => {
    const other = await f.api(await f.subscription("Other"), {
      key: { name: "Partner", active: false, mode: "WEBHOOK" },
    });
    const names = async (filter: string) =>
      (await f.run(`{ apiKeys(filter: ${filter}) { nodes { name } } }`)).apiKeys.nodes.map(
        (n: { name: string }) => n.name,
      );
    expect(await names(`{apiId: "${other.api.id}"}`)).toEqual(["Partner"]);
    expect(await names(`{subscriptionId: "${subscriptionId}"}`)).toEqual(["Default"]);
    expect(await names("{active: false}")).toEqual(["Partner"]);
    expect(await names("{mode: WEBHOOK}")).toEqual(["Partner"]);
    expect(await names(`{mode: WEBHOOK, subscriptionId: "${subscriptionId}"}`)).toEqual([]);
    expect(await names('{search: "part"}')).toEqual(["Partner"]);
    expect(await names(`{search: "${secret.slice(0, 9)}"}`)).toEqual(["Default"]);
  });
});

describe("revealApiKey", () => {
  it("shows the secret of a recoverable API again, after regeneration as well, and writes every look down", async () => {
    const made = await f.api(subscriptionId, { recoverable: true });
    const reveal = () => f.mutate("revealApiKey", { id: made.key.id }, "key { id recoverable } secret");
    expect(await reveal()).toMatchObject({ secret: made.secret, key: { recoverable: true }, userErrors: [] });
    const { secret: second } = await f.mutate("regenerateApiKey", { id: made.key.id }, "secret");
    expect((await reveal()).secret).toBe(second);
    const log = await f.run(
      'query($id: ID!) { auditLog(filter: {targetId: $id, action: "apiKey.reveal"}) { totalCount nodes { actor revision { number } } } }',
      { id: made.key.id },
    );
    expect(log.auditLog).toEqual({
      totalCount: 2,
      nodes: [
        { actor: "admin", revision: null },
        { actor: "admin", revision: null },
      ],
    });
    const rests = await f.db
      .selectFrom("api_key")
      .select("sealed_secret")
      .where("id", "=", made.key.id)
      .executeTakeFirstOrThrow();
    expect(rests.sealed_secret?.includes(second)).toBe(false);
  });

  it("refuses a key whose API was not recoverable when it was made", async () => {
    const payload = await f.mutate("revealApiKey", { id: key.id }, "secret");
    expect(payload).toMatchObject({ secret: null, userErrors: [{ code: "NOT_RECOVERABLE" }] });
  });

  it("forgets the secrets when the API is made unrecoverable", async () => {
    const made = await f.api(subscriptionId, { recoverable: true });
    await f.mutate(
      "updateApi",
      { id: made.api.id, expectedVersion: 1, title: "T", summary: "", routes: [], recoverable: false },
      "api { id }",
    );
    const payload = await f.mutate("revealApiKey", { id: made.key.id }, "secret");
    expect(payload.userErrors).toMatchObject([{ code: "NOT_RECOVERABLE" }]);
  });

  it("needs an encryption key", async () => {
    await using bare = await Fixture.start({ withoutEncryptionKey: true });
    const payload = await bare.mutate(
      "createApi",
      { subscriptionId: await bare.subscription(), title: "T", recoverable: true },
      "api { id }",
    );
    expect(payload.userErrors).toMatchObject([{ code: "NOT_RECOVERABLE", field: ["input", "recoverable"] }]);
  });
});
