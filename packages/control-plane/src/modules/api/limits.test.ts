import { afterEach, beforeEach, expect, it } from "vitest";
import { Fixture, SETUP_MS_MAX } from "../../testing/fixture.js";

let f: Fixture;
let subscriptionId: string;
beforeEach(async () => {
  f = await Fixture.start();
  subscriptionId = await f.subscription();
}, SETUP_MS_MAX);
afterEach(() => f[Symbol.asyncDispose]());

const LIMITS = "rateLimit { limit windowSeconds burst } quota { limit windowSeconds burst }";
const rateLimit = { limit: 10, windowSeconds: 1, burst: 20 };
const quota = { limit: 1000, windowSeconds: 86_400, burst: 0 };
const errorsOf = ({ userErrors }: { userErrors: { code: string; field: string[] }[] }) =>
  userErrors.map(({ code, field }) => `${code} ${field.slice(1).join(".")}`);

it("gives limits to an API, a route and an integration, and tells the nodes", async () => {
  const { integration } = await f.mutate(
    "createIntegration",
    {
      subscriptionId,
      name: "Orders",
      urls: ["https://a.example"],
      rateLimit,
      quota: { limit: 1000, windowSeconds: 86_400 },
    },
    `integration { id ${LIMITS} }`,
  );
  expect(integration).toMatchObject({ rateLimit, quota });
  const route = {
    method: "PUT",
    path: "/a",
    integrationId: integration.id,
    rateLimit,
    quota,
    requestBodyBytesMax: 1000,
  };
  const { api } = await f.mutate(
    "createApi",
    { title: "Orders", subscriptionId, rateLimit, quota, routes: [route] },
    `api { id ${LIMITS} routes { id requestBodyBytesMax ${LIMITS} } }`,
  );
  expect(api).toMatchObject({ rateLimit, quota, routes: [{ rateLimit, quota, requestBodyBytesMax: 1000 }] });
  const resources = await f.resources();
  expect(resources.get(`integration/${integration.id}`)).toMatchObject({ rateLimit, quota });
  expect(resources.get(`api/${api.id}`)).toMatchObject({
    rateLimit,
    quota,
    routes: [{ rateLimit, quota, requestBodyBytesMax: 1000 }],
  });
  const removed = await f.mutate(
    "updateRoute",
    { id: api.routes[0].id, quota: null, requestBodyBytesMax: null },
    `route { requestBodyBytesMax ${LIMITS} }`,
  );
  expect(removed.route).toEqual({ requestBodyBytesMax: 0, rateLimit, quota: null });
});

it("names limits that cannot be", async () => {
  const { api } = await f.api(subscriptionId);
  const wrong = { limit: 0, windowSeconds: 90_000 };
  expect(errorsOf(await f.mutate("updateApi", { id: api.id, rateLimit: wrong }, "api { id }"))).toEqual([
    "INVALID rateLimit.limit",
    "INVALID rateLimit.windowSeconds",
  ]);
  const integrationId = await f.integration(subscriptionId);
  const routes = [{ method: "GET", path: "/x", integrationId, quota: wrong, requestBodyBytesMax: -1 }];
  expect(errorsOf(await f.mutate("updateApi", { id: api.id, routes }, "api { id }"))).toEqual([
    "INVALID routes.0.requestBodyBytesMax",
    "INVALID routes.0.quota.limit",
  ]);
});
