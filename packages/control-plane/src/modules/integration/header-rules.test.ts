import { afterEach, beforeEach, expect, it } from "vitest";
import { Fixture, SETUP_MS_MAX } from "../../testing/fixture.js";

let f: Fixture;
let subscriptionId: string;
beforeEach(async () => {
  f = await Fixture.start();
  subscriptionId = await f.subscription();
}, SETUP_MS_MAX);
afterEach(() => f[Symbol.asyncDispose]());

const RULES = "headerRules { request { action name value } response { action name value } }";
const errorsOf = ({ userErrors }: { userErrors: { code: string; field: string[] }[] }) =>
  userErrors.map(({ code, field }) => `${code} ${field.slice(1).join(".")}`);
const create = (more: object) =>
  f.mutate(
    "createIntegration",
    { subscriptionId, name: "Orders", urls: ["https://a.example"], ...more },
    `integration { id version ${RULES} spelledHeaders }`,
  );

it("keeps header rules of an integration, tells the nodes, and null removes them", async () => {
  const headerRules = {
    request: [
      { action: "SET", name: "X-Tenant", value: " north-{key.id} " },
      { action: "REMOVE", name: "Cookie" },
    ],
    response: [{ action: "SET", name: "X-Frame-Options", value: "DENY" }],
  };
  const { integration } = await create({ headerRules, spelledHeaders: [" SOAPAction"] });
  expect(integration).toMatchObject({
    headerRules: {
      request: [
        { action: "SET", name: "X-Tenant", value: "north-{key.id}" },
        { action: "REMOVE", name: "Cookie", value: "" },
      ],
      response: [{ action: "SET", name: "X-Frame-Options", value: "DENY" }],
    },
    spelledHeaders: ["SOAPAction"],
  });
  expect((await f.resources()).get(`integration/${integration.id}`)).toMatchObject({
    headerRules: {
      request: [
        { action: "set", name: "X-Tenant" },
        { action: "remove", name: "Cookie" },
      ],
    },
    spelledHeaders: ["SOAPAction"],
  });
  const removed = await f.mutate(
    "updateIntegration",
    { id: integration.id, headerRules: null, spelledHeaders: null },
    `integration { ${RULES} spelledHeaders }`,
  );
  expect(removed.integration).toEqual({ headerRules: { request: [], response: [] }, spelledHeaders: [] });
  expect((await f.resources()).get(`integration/${integration.id}`)).toMatchObject({
    headerRules: { request: [], response: [] },
  });
});

it("names every rule that cannot be", async () => {
  const set = (name: string, value = "a") => ({ action: "SET", name, value });
  const refused = await create({
    headerRules: {
      request: [set("Host"), set("X-Ok"), set("X-A", "a\r\nb"), set("X-B", "{nope}"), set("via")],
      response: [
        set("Set-Cookie"),
        { action: "REMOVE", name: "X", value: "a" },
        set("access-control-max-age"),
      ],
    },
    spelledHeaders: ["Content-Length", "X-A", "x-a"],
  });
  expect(errorsOf(refused)).toEqual([
    "INVALID headerRules.request.0.name",
    "INVALID headerRules.request.2.value",
    "INVALID headerRules.request.3.value",
    "INVALID headerRules.request.4.name",
    "INVALID headerRules.response.0.value",
    "INVALID headerRules.response.1.value",
    "INVALID headerRules.response.2.name",
    "INVALID spelledHeaders.0",
    "INVALID spelledHeaders.2",
  ]);
  const many = await create({ headerRules: { request: Array.from({ length: 51 }, () => set("X-A")) } });
  expect(errorsOf(many)).toEqual(["TOO_MANY headerRules.request"]);
});

it("keeps a route's rules when its API is changed, duplicated and imported again", async () => {
  const { integration } = await create({});
  const rules = { request: [{ action: "SET", name: "X-Id", value: "{path.id}" }], response: [] };
  const route = { method: "GET", path: "/a/{id}", integrationId: integration.id, headerRules: rules };
  const ROUTES = `api { id routes { id path ${RULES} } }`;
  const { api } = await f.mutate("createApi", { title: "Orders", subscriptionId, routes: [route] }, ROUTES);
  expect(api.routes[0].headerRules).toEqual(rules);
  expect((await f.resources()).get(`api/${api.id}`)).toMatchObject({
    routes: [{ headerRules: { request: [{ action: "set", name: "X-Id", value: "{path.id}" }] } }],
  });
  const { headerRules: _, ...without } = route;
  const kept = await f.mutate("updateApi", { id: api.id, routes: [without] }, ROUTES);
  expect(kept.api.routes[0]).toMatchObject({ id: api.routes[0].id, headerRules: rules });
  const renamed = await f.mutate(
    "updateRoute",
    { id: api.routes[0].id, path: "/b/{id}" },
    `route { ${RULES} }`,
  );
  expect(renamed.route.headerRules).toEqual(rules);
  const copy = await f.mutate("duplicateApi", { id: api.id }, ROUTES);
  expect(copy.api.routes[0].headerRules).toEqual(rules);
  const wrong = await f.mutate(
    "updateRoute",
    {
      id: api.routes[0].id,
      headerRules: { request: [{ action: "SET", name: "X-Id", value: "{path.other}" }] },
    },
    "route { id }",
  );
  expect(errorsOf(wrong)).toEqual(["INVALID headerRules.request.0.value"]);
  const removed = await f.mutate(
    "updateRoute",
    { id: api.routes[0].id, headerRules: null },
    `route { ${RULES} }`,
  );
  expect(removed.route.headerRules).toEqual({ request: [], response: [] });
});
