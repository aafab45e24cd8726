import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Fixture, SETUP_MS_MAX, unknownId } from "../../testing/fixture.js";

let f: Fixture;
let subscriptionId: string;
beforeEach(async () => {
  f = await Fixture.start();
  subscriptionId = await f.subscription();
}, SETUP_MS_MAX);
afterEach(() => f[Symbol.asyncDispose]());

const WHOLE = `integration { id name description inboundKind routable urls method loadBalancing forwardAuthorization requestSchema responseSchema
  requestContentTypes responseContentTypes version
  limits { requestBodyBytesMax responseBodyBytesMax connectTimeoutMs firstByteTimeoutMs bodyIdleTimeoutMs concurrentRequestsMax }
  healthCheck { path intervalMs timeoutMs unhealthyAfter healthyAfter } circuitBreaker { failures openMs } retry { attemptsMax budgetPercent }
  examples { name direction contentType value } subscription { id } }`;

const everything = {
  description: "What comes in",
  inboundKind: "API",
  urls: ["https://a.example/in", "http://b.example:8080/in?x=1"],
  method: "PUT",
  limits: { requestBodyBytesMax: 5_000_000_000, connectTimeoutMs: 500 },
  loadBalancing: "LEAST_REQUESTS",
  forwardAuthorization: true,
  healthCheck: { path: "/health" },
  circuitBreaker: { failures: 3, openMs: 1000 },
  retry: { attemptsMax: 2, budgetPercent: 10 },
  requestSchema: '{"type":"object"}',
  responseSchema: "true",
  requestContentTypes: ["Application/JSON", "image/*"],
  responseContentTypes: ["application/json"],
  examples: [{ name: "One", direction: "REQUEST", value: "{}" }],
};

describe("integrations", () => {
  it("refuse a schema that requests cannot be held to, and say what is wrong with it", async () => {
    const create = async (requestSchema: string) =>
      (
        await f.mutate(
          "createIntegration",
          { subscriptionId, name: "A", ...everything, requestSchema },
          WHOLE,
        )
      ).userErrors;
    for (const [schema, fault] of [
      ['{"type":"nope"}', "data/type must be"],
      ['{"$ref":"#/nowhere"}', "can't resolve reference #/nowhere"],
      ['{"properties":{"a":{"pattern":"(?=x)"}}}', "linear time"],
    ] as const) {
      expect(await create(schema)).toEqual([
        expect.objectContaining({
          code: "INVALID",
          field: ["input", "requestSchema"],
          message: expect.stringContaining(fault),
        }),
      ]);
    }
    // What is only shown may be in any dialect.
    const { integration } = await f.mutate(
      "createIntegration",
      { subscriptionId, name: "B", ...everything, responseSchema: '{"minimum":1,"exclusiveMinimum":true}' },
      WHOLE,
    );
    expect(integration.name).toBe("B");
  });

  it("keep everything they are given, fill in defaults, and reach the nodes", async () => {
    const { integration, revision } = await f.mutate(
      "createIntegration",
      { subscriptionId, name: "Orders", ...everything },
      WHOLE,
    );
    expect(integration).toMatchObject({
      ...everything,
      name: "Orders",
      routable: true,
      version: 1,
      limits: {
        requestBodyBytesMax: 5_000_000_000,
        responseBodyBytesMax: 0,
        connectTimeoutMs: 500,
        firstByteTimeoutMs: 0,
      },
      healthCheck: {
        path: "/health",
        intervalMs: 10_000,
        timeoutMs: 2_000,
        unhealthyAfter: 3,
        healthyAfter: 2,
      },
      requestContentTypes: ["application/json", "image/*"],
      examples: [{ name: "One", direction: "REQUEST", contentType: "application/json", value: "{}" }],
      subscription: { id: subscriptionId },
    });
    expect(revision.number).toBe(1);
    expect(await f.lastChanges()).toEqual([`upsert integration/${integration.id}`]);
    expect((await f.resources()).get(`integration/${integration.id}`)).toMatchObject({
      subscriptionId,
      name: "Orders",
      urls: everything.urls,
      method: "PUT",
      loadBalancing: "least-requests",
      forwardAuthorization: true,
      limits: { requestBodyBytesMax: 5_000_000_000, connectTimeoutMs: 500 },
      requestSchema: '{"type":"object"}',
      circuitBreaker: { failures: 3, openMs: 1000 },
    });
  });

  it("may keep the client's method, and keep the bearer token only where it is asked for", async () => {
    const id = await f.integration(subscriptionId, { method: "AS_RECEIVED" });
    expect((await f.resources()).get(`integration/${id}`)).toMatchObject({
      method: "AS_RECEIVED",
      forwardAuthorization: false,
    });
    await f.mutate(
      "updateIntegration",
      { id, method: "HEAD", forwardAuthorization: true },
      "integration { id }",
    );
    const updated = await f.mutate("updateIntegration", { id, name: "Other" }, WHOLE);
    expect(updated.integration).toMatchObject({ method: "HEAD", forwardAuthorization: true });
  });

  it("that API requests do not start stay unknown to the nodes, and need no URL", async () => {
    const id = await f.integration(subscriptionId, { inboundKind: "QUEUE", urls: [] });
    expect(await f.revision()).toBe(0);
    expect((await f.resources()).size).toBe(0);
    const became = await f.mutate(
      "updateIntegration",
      { id, expectedVersion: 1, inboundKind: "API", urls: ["https://x.example"] },
      "integration { routable urls }",
    );
    expect(became.integration).toEqual({ routable: true, urls: ["https://x.example/"] });
    expect(await f.lastChanges()).toEqual([`upsert integration/${id}`]);
    await f.mutate(
      "updateIntegration",
      { id, expectedVersion: 2, inboundKind: "FILE" },
      "integration { id }",
    );
    expect(await f.lastChanges()).toEqual([`remove integration/${id}`]);
  });

  it("leave alone what an update leaves out, and empty what can be empty with null", async () => {
    const id = (
      await f.mutate(
        "createIntegration",
        { subscriptionId, name: "Orders", ...everything },
        "integration { id }",
      )
    ).integration.id;
    const renamed = await f.mutate("updateIntegration", { id, expectedVersion: 1, name: "Invoices" }, WHOLE);
    expect(renamed.integration).toMatchObject({
      name: "Invoices",
      method: "PUT",
      version: 2,
      circuitBreaker: { failures: 3 },
      requestSchema: '{"type":"object"}',
    });
    const reset = await f.mutate(
      "updateIntegration",
      {
        id,
        expectedVersion: 2,
        circuitBreaker: null,
        limits: null,
        requestSchema: null,
        examples: null,
      },
      WHOLE,
    );
    expect(reset.integration).toMatchObject({
      method: "PUT",
      circuitBreaker: null,
      limits: { connectTimeoutMs: 0 },
      requestSchema: null,
      examples: [],
    });
  });

  it("make no revision when nothing changed that nodes know, and no version when nothing changed at all", async () => {
    const id = await f.integration(subscriptionId);
    const before = await f.revision();
    const described = await f.mutate(
      "updateIntegration",
      { id, expectedVersion: 1, description: "for people" },
      "integration { version }",
    );
    expect(described).toMatchObject({ integration: { version: 2 }, revision: { number: before } });
    const same = await f.mutate(
      "updateIntegration",
      { id, expectedVersion: 2, description: "for people" },
      "integration { version }",
    );
    expect(same).toMatchObject({ integration: { version: 2 }, revision: { number: before } });
    expect(await f.revision()).toBe(before);
  });

  it.each([
    [{ name: " " }, "REQUIRED", ["name"]],
    [{ name: "x".repeat(201) }, "TOO_LONG", ["name"]],
    [{ urls: [] }, "REQUIRED", ["urls"]],
    [{ urls: ["ftp://x.example/"] }, "URL_INVALID", ["urls", "0"]],
    [{ urls: ["https://a.example/", "http://user:pw@x.example/"] }, "URL_INVALID", ["urls", "1"]],
    [{ urls: ["http://169.254.169.254/"] }, "URL_ADDRESS_REFUSED", ["urls", "0"]],
    [{ urls: ["https://a.example/", "https://a.example"] }, "INVALID", ["urls", "1"]],
    [{ urls: Array.from({ length: 33 }, (_, i) => `https://a${i}.example/`) }, "TOO_MANY", ["urls"]],
    [{ limits: { connectTimeoutMs: -1 } }, "INVALID", ["limits", "connectTimeoutMs"]],
    [{ healthCheck: { path: "health" } }, "PATH_MALFORMED", ["healthCheck", "path"]],
    [
      { healthCheck: { path: "/h", intervalMs: 1000, timeoutMs: 2000 } },
      "INVALID",
      ["healthCheck", "timeoutMs"],
    ],
    [{ circuitBreaker: { failures: 0 } }, "INVALID", ["circuitBreaker", "failures"]],
    [{ retry: { attemptsMax: 11 } }, "INVALID", ["retry", "attemptsMax"]],
    [{ requestSchema: "{" }, "INVALID", ["requestSchema"]],
    [{ responseSchema: "[]" }, "INVALID", ["responseSchema"]],
    [{ requestContentTypes: ["json"] }, "INVALID", ["requestContentTypes", "0"]],
    [{ examples: [{ name: "", direction: "RESPONSE", value: "" }] }, "REQUIRED", ["examples", "0", "name"]],
  ])("refuse %j", async (more, code, field) => {
    const payload = await f.mutate(
      "createIntegration",
      { subscriptionId, name: "Orders", urls: ["https://x.example/"], ...more },
      "integration { id }",
    );
    expect(payload).toMatchObject({ integration: null, userErrors: [{ code, field: ["input", ...field] }] });
    expect(await f.revision()).toBe(0);
  });

  it("show every mistake of a form at once", async () => {
    const payload = await f.mutate(
      "createIntegration",
      { subscriptionId: unknownId("subscription"), name: "", urls: ["x"] },
      "integration { id }",
    );
    expect(payload.userErrors.map((e: { code: string }) => e.code).sort()).toEqual([
      "NOT_FOUND",
      "REQUIRED",
      "URL_INVALID",
    ]);
  });

  it("refuse a lost update, an unknown id, and a subscription that is not there", async () => {
    const id = await f.integration(subscriptionId);
    await f.mutate("updateIntegration", { id, expectedVersion: 1, name: "B" }, "integration { id }");
    const stale = await f.mutate(
      "updateIntegration",
      { id, expectedVersion: 1, name: "C" },
      "integration { id }",
    );
    expect(stale.userErrors).toMatchObject([{ code: "CONFLICT", currentVersion: 2, current: { id } }]);
    const unknown = await f.mutate(
      "updateIntegration",
      { id: unknownId("integration"), expectedVersion: 1 },
      "integration { id }",
    );
    expect(unknown.userErrors).toMatchObject([{ code: "NOT_FOUND", field: ["input", "id"] }]);
  });

  it("take no URL with a parameter that a route to them does not have, and say which route", async () => {
    const id = await f.integration(subscriptionId);
    const routes = ["/orders/{OrderId}", "/orders"].map((path) => ({
      method: "GET",
      path,
      integrationId: id,
    }));
    const { api } = await f.api(subscriptionId, { title: "Shop", routes });
    const change = (url: string) =>
      f.mutate("updateIntegration", { id, urls: [url] }, "integration { version }");
    const refused = await change("https://orders.example/{orderId}");
    expect(refused.userErrors).toMatchObject([{ code: "INVALID", field: ["input", "urls"] }]);
    expect(refused.userErrors[0].message).toContain("{orderId}");
    expect(refused.userErrors[0].message).toContain('GET /orders of "Shop"');
    expect(refused.userErrors[0].message).not.toContain("OrderId} of");
    await f.mutate("updateApi", { id: api.id, routes: routes.slice(0, 1) }, "api { id }");
    expect(await change("https://orders.example/{orderId}")).toMatchObject({
      integration: { version: 2 },
      userErrors: [],
    });
  });

  it("cannot be deleted nor change their kind while routes name them, and say which", async () => {
    const id = await f.integration(subscriptionId);
    const routes = Array.from({ length: 12 }, (_, i) => ({
      method: "GET",
      path: `/r${String(i).padStart(2, "0")}`,
      integrationId: id,
    }));
    const { api } = await f.api(subscriptionId, { title: "Shop", routes });
    const refused = await f.mutate("deleteIntegration", { id }, "deletedIntegrationId");
    expect(refused.userErrors).toMatchObject([{ code: "IN_USE", field: ["input", "id"] }]);
    expect(refused.userErrors[0].message).toContain('GET /r00 of "Shop"');
    expect(refused.userErrors[0].message).toContain("and 2 more");
    const changed = await f.mutate(
      "updateIntegration",
      { id, expectedVersion: 1, inboundKind: "QUEUE" },
      "integration { id }",
    );
    expect(changed.userErrors).toMatchObject([{ code: "IN_USE", field: ["input", "inboundKind"] }]);
    const shown = await f.run(
      "query($id: ID!) { integration(id: $id) { routeCount usedBy(first: 1) { apiId apiTitle method path } } }",
      { id },
    );
    expect(shown.integration).toEqual({
      routeCount: 12,
      usedBy: [{ apiId: api.id, apiTitle: "Shop", method: "GET", path: "/r00" }],
    });
    await f.mutate(
      "updateApi",
      { id: api.id, expectedVersion: 1, title: "Shop", summary: "", routes: [] },
      "api { id }",
    );
    const deleted = await f.mutate("deleteIntegration", { id }, "deletedIntegrationId");
    expect(deleted).toMatchObject({ deletedIntegrationId: id, userErrors: [] });
    expect(await f.lastChanges()).toEqual([`remove integration/${id}`]);
  });

  it("are listed by subscription, by what can be routed to, and by search", async () => {
    const other = await f.subscription("Other");
    await f.integration(subscriptionId, { name: "Orders in" });
    await f.integration(subscriptionId, { name: "Nightly", inboundKind: "SCHEDULE", urls: [] });
    await f.integration(other, { name: "Elsewhere", urls: ["https://orders.elsewhere.example/"] });
    const names = async (args: string) =>
      (await f.run(`{ integrations(${args}) { nodes { name } totalCount } }`)).integrations.nodes.map(
        (n: { name: string }) => n.name,
      );
    expect(await names(`filter: {subscriptionId: "${subscriptionId}", routable: true}`)).toEqual([
      "Orders in",
    ]);
    expect(await names("filter: {routable: true}")).toEqual(["Elsewhere", "Orders in"]);
    expect(await names("filter: {routable: false}")).toEqual(["Nightly"]);
    expect(await names('filter: {search: "orders"}')).toEqual(["Elsewhere", "Orders in"]);
    expect(await names("filter: {inboundKind: SCHEDULE}")).toEqual(["Nightly"]);
  });

  it("may lead inwards only where the operator allows it", async () => {
    await using open = await Fixture.start({ allow: ["127.0.0.0/8"] });
    const id = await open.integration(await open.subscription(), { urls: ["http://127.0.0.1:9/"] });
    expect(id).toMatch(/^int_/);
  });
});
