import { afterEach, beforeEach, expect, it } from "vitest";
import { Fixture, SETUP_MS_MAX } from "../../testing/fixture.js";

let f: Fixture;
let subscriptionId: string;
beforeEach(async () => {
  f = await Fixture.start();
  subscriptionId = await f.subscription();
}, SETUP_MS_MAX);
afterEach(() => f[Symbol.asyncDispose]());

const OWNERSHIP = "owner labels metadata";
const errorsOf = ({ userErrors }: { userErrors: { code: string; field: string[] }[] }) =>
  userErrors.map(({ code, field }) => `${code} ${field.slice(1).join(".")}`);
const DAY_MS = 86_400_000;

it("keeps owner, labels and metadata, and tells nodes nothing of them", async () => {
  const { api, key } = await f.api(subscriptionId);
  const before = await f.revision();
  const given = { owner: " Orders team ", labels: ["b", " A x ", "b", "a.b"], metadata: { b: "2", a: "1" } };
  const refused = await f.mutate("updateApi", { id: api.id, ...given }, "api { id }");
  expect(errorsOf(refused)).toEqual(["INVALID labels.1"]);
  const labels = { ...given, labels: ["b", " A:x ", "b", "a.b"] };
  const kept = { owner: "Orders team", labels: ["a.b", "a:x", "b"], metadata: { a: "1", b: "2" } };
  expect((await f.mutate("updateApi", { id: api.id, ...labels }, `api { ${OWNERSHIP} }`)).api).toEqual(kept);
  expect((await f.mutate("updateApiKey", { id: key.id, ...labels }, `key { ${OWNERSHIP} }`)).key).toEqual(
    kept,
  );
  expect(await f.revision()).toBe(before);
  const wrong = { labels: Array.from({ length: 21 }, (_, i) => `l${i}`), metadata: { "": "x", n: 1 } };
  expect(errorsOf(await f.mutate("updateApiKey", { id: key.id, ...wrong }, "key { id }"))).toEqual([
    "TOO_MANY labels",
    "INVALID metadata",
    "INVALID metadata.n",
  ]);
});

it("lists APIs and keys by a whole label", async () => {
  const one = await f.api(subscriptionId, { labels: ["team:orders"], key: { labels: ["a.b"] } });
  await f.api(subscriptionId, { labels: ["team:orders-north"], key: { labels: ["axb", "b"] } });
  const apis = await f.run(
    `{ apis(first: 9, filter: { label: "Team:orders" }) { totalCount nodes { id } } }`,
  );
  expect(apis.apis).toEqual({ totalCount: 1, nodes: [{ id: one.api.id }] });
  const keys = await f.run(`{ apiKeys(first: 9, filter: { label: "a.b" }) { totalCount nodes { id } } }`);
  expect(keys.apiKeys).toEqual({ totalCount: 1, nodes: [{ id: one.key.id }] });
});

it("lists active keys that expire before a time", async () => {
  const at = (days: number) => new Date(f.clock.now() + days * DAY_MS).toISOString();
  const soon = await f.api(subscriptionId, { key: { expiresAt: at(3) } });
  await f.api(subscriptionId, { key: { expiresAt: at(30) } });
  await f.api(subscriptionId, { key: { expiresAt: at(3), active: false } });
  await f.api(subscriptionId);
  const { apiKeys } = await f.run(
    "query($before: DateTime!) { apiKeys(first: 9, filter: { expiresBefore: $before }) { totalCount nodes { id } } }",
    { before: at(14) },
  );
  expect(apiKeys).toEqual({ totalCount: 1, nodes: [{ id: soon.key.id }] });
});
