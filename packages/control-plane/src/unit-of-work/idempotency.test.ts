import { afterEach, beforeEach, expect, it } from "vitest";
import { Fixture, SETUP_MS_MAX } from "../testing/fixture.js";

let f: Fixture;
let subscriptionId: string;
beforeEach(async () => {
  f = await Fixture.start();
  subscriptionId = await f.subscription();
}, SETUP_MS_MAX);
afterEach(() => f[Symbol.asyncDispose]());

const CREATE_API =
  "mutation($i: CreateApiInput!) { createApi(input: $i) { api { id title } key { id } secret userErrors { code field } revision { number } } }";

async function createApi(key: string | null, more: Record<string, unknown> = {}) {
  const { data, errors } = await f.raw(CREATE_API, { i: { subscriptionId, title: "Orders", ...more } }, key);
  expect(errors).toBeUndefined();
  return data.createApi;
}

it("a creation sent again makes nothing new, and does not show the secret again", async () => {
  const first = await createApi("k1");
  const again = await createApi("k1");
  expect(again).toMatchObject({ api: first.api, key: first.key, secret: null, userErrors: [] });
  expect(again.revision).toEqual(first.revision);
  expect((await f.run("{ apis { totalCount } }")).apis.totalCount).toBe(1);
  expect((await createApi("k2")).api.id).not.toBe(first.api.id);
  expect((await createApi(null)).api.id).not.toBe((await createApi(null)).api.id);
});

it("the secret of a recoverable API is shown again, each time with an entry in the audit log", async () => {
  const revealed = async (id: string) =>
    (await f.run(`{ auditLog(filter: { action: "apiKey.reveal", targetId: "${id}" }) { totalCount } }`))
      .auditLog.totalCount;
  const first = await createApi("k1", { recoverable: true });
  expect(await revealed(first.key.id)).toBe(0);
  expect((await createApi("k1", { recoverable: true })).secret).toBe(first.secret);
  expect(await revealed(first.key.id)).toBe(1);

  const query =
    "mutation($i: CreateApiKeyInput!) { createApiKey(input: $i) { key { id } secret userErrors { code } } }";
  const input = { apiId: first.api.id, name: "second" };
  const create = async () => (await f.raw(query, { i: input }, "k2")).data.createApiKey;
  const { key } = await create();
  // Another client regenerates it in between: the repetition discloses the new secret.
  const { secret } = await f.mutate("regenerateApiKey", { id: key.id }, "secret");
  expect((await create()).secret).toBe(secret);
  expect(await revealed(key.id)).toBe(1);
});

it("a repetition that discloses nothing leaves no entry", async () => {
  await createApi("k1");
  const count = async () => (await f.run("{ auditLog { totalCount } }")).auditLog.totalCount;
  const before = await count();
  await createApi("k1");
  expect(await count()).toBe(before);
});

it("works for subscriptions, integrations and keys alike", async () => {
  const { api } = await createApi(null);
  for (const [mutation, input, selection] of [
    ["createSubscription", { name: "Twice" }, "subscription { id }"],
    [
      "createIntegration",
      { subscriptionId, name: "Twice", urls: ["https://x.example"] },
      "integration { id }",
    ],
    ["createApiKey", { apiId: api.id, name: "Twice" }, "key { id }"],
  ] as const) {
    const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
    const query = `mutation($i: ${type}!) { ${mutation}(input: $i) { ${selection} userErrors { code } } }`;
    const one = await f.raw(query, { i: input }, `key-${mutation}`);
    const two = await f.raw(query, { i: input }, `key-${mutation}`);
    expect(one.data[mutation].userErrors).toEqual([]);
    expect(two.data).toEqual(one.data);
  }
});

it("a key that was used for something else is IDEMPOTENCY_KEY_REUSED; one of a refused creation is free", async () => {
  await createApi("k1");
  expect((await createApi("k1", { title: "Other" })).userErrors).toEqual([
    { code: "IDEMPOTENCY_KEY_REUSED", field: [] },
  ]);
  expect((await createApi("k2", { title: "" })).userErrors).toMatchObject([{ code: "REQUIRED" }]);
  expect((await createApi("k2")).userErrors).toEqual([]);
});

it("is remembered for a day, and tells when what was made is gone", async () => {
  const first = await createApi("k1");
  await f.mutate("deleteApi", { id: first.api.id }, "deletedApiId");
  expect((await createApi("k1")).userErrors).toEqual([{ code: "NOT_FOUND", field: [] }]);
  f.clock.advance(86_400_001);
  expect((await createApi("k1")).userErrors).toEqual([]);
});

it("goes with one mutation a request", async () => {
  const query =
    'mutation { a: createSubscription(input: {name: "a"}) { revision { number } } b: createSubscription(input: {name: "b"}) { revision { number } } }';
  expect((await f.raw(query, {}, "k1")).errors).toMatchObject([{ extensions: { code: "BAD_REQUEST" } }]);
  expect((await f.raw(query, {})).errors).toBeUndefined();
});

it("a key finds nothing that another operator made with it", async () => {
  const input = { subscriptionId, title: "Orders", recoverable: true };
  const createAs = async (actor: string) =>
    (await f.raw(CREATE_API, { i: input }, "k1", actor)).data.createApi;
  const [ofAnna, ofBen] = [await createAs("anna"), await createAs("ben")];
  expect(ofBen.api.id).not.toBe(ofAnna.api.id);
  expect(ofBen.secret).not.toBe(ofAnna.secret);
  expect((await createAs("anna")).api.id).toBe(ofAnna.api.id);
});

it("two at the same time make one", async () => {
  const both = await Promise.all([createApi("k1"), createApi("k1")]);
  expect(new Set(both.map((payload) => payload.api.id)).size).toBe(1);
});
