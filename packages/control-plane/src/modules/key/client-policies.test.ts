import { afterEach, beforeEach, expect, it } from "vitest";
import { Fixture, SETUP_MS_MAX } from "../../testing/fixture.js";

let f: Fixture;
let subscriptionId: string;
beforeEach(async () => {
  f = await Fixture.start();
  subscriptionId = await f.subscription();
}, SETUP_MS_MAX);
afterEach(() => f[Symbol.asyncDispose]());

const errorsOf = ({ userErrors }: { userErrors: { code: string; field: string[] }[] }) =>
  userErrors.map(({ code, field }) => `${code} ${field.slice(1).join(".")}`);
const KEY = "key { id version ipRules { allow deny } scopes { method path } }";
const API = "api { id version ipRules { allow deny } }";

it("keeps IP rules and scopes of a key, tells the nodes and the audit log, and null removes them", async () => {
  const { api, key } = await f.api(subscriptionId);
  const { key: changed } = await f.mutate(
    "updateApiKey",
    {
      id: key.id,
      ipRules: { allow: [" 2001:DB8::/32", "10.0.0.0/8", "10.0.0.0/8"], deny: ["10.1.0.0/16"] },
      scopes: [
        { method: "GET", path: "/orders/{id}" },
        { method: "GET", path: "/orders/{orderId}" },
        { method: "ANY", path: "/files/{rest*}" },
      ],
    },
    KEY,
  );
  const ipRules = { allow: ["10.0.0.0/8", "2001:db8::/32"], deny: ["10.1.0.0/16"] };
  expect(changed).toMatchObject({
    ipRules,
    scopes: [
      { method: "GET", path: "/orders/{id}" },
      { method: "ANY", path: "/files/{rest*}" },
    ],
  });
  expect((await f.resources()).get(`key/${key.id}`)).toMatchObject({
    ipRules,
    scopes: [
      { method: "GET", pattern: "/orders/{id}" },
      { method: "ANY", pattern: "/files/{rest*}" },
    ],
  });
  const partly = await f.mutate("updateApiKey", { id: key.id, ipRules: { deny: [] } }, KEY);
  expect(partly.key.ipRules).toEqual({ allow: ipRules.allow, deny: [] });
  const removed = await f.mutate("updateApiKey", { id: key.id, ipRules: null, scopes: null }, KEY);
  expect(removed.key).toMatchObject({ ipRules: { allow: [], deny: [] }, scopes: [] });
  const { api: closed } = await f.mutate("updateApi", { id: api.id, ipRules: { allow: ["::1"] } }, API);
  expect(closed.ipRules).toEqual({ allow: ["::1"], deny: [] });
  expect((await f.resources()).get(`api/${api.id}`)).toMatchObject({ ipRules: closed.ipRules });
  const { api: copy } = await f.mutate("duplicateApi", { id: api.id }, API);
  expect(copy.ipRules).toEqual(closed.ipRules);
});

it("names every block and scope that cannot be", async () => {
  const { api, key } = await f.api(subscriptionId);
  const refused = await f.mutate(
    "updateApiKey",
    {
      id: key.id,
      ipRules: { allow: ["10.0.0.0/33", "::1"], deny: ["example.com"] },
      scopes: [
        { method: "GET", path: "orders" },
        { method: "GET", path: "/a/{" },
      ],
    },
    KEY,
  );
  expect(errorsOf(refused)).toEqual([
    "INVALID ipRules.allow.0",
    "INVALID ipRules.deny.0",
    "PATH_MALFORMED scopes.0.path",
    "PATH_MALFORMED scopes.1.path",
  ]);
  const many = await f.mutate("updateApi", { id: api.id, ipRules: { allow: Array(201).fill("::1") } }, API);
  expect(errorsOf(many)).toEqual(["TOO_MANY ipRules.allow"]);
});
