/** One rule for null in every change: it clears what can be empty, and is REQUIRED where there is always a value. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Fixture, SETUP_MS_MAX } from "../testing/fixture.js";

let f: Fixture;
beforeEach(async () => {
  f = await Fixture.start();
}, SETUP_MS_MAX);
afterEach(() => f[Symbol.asyncDispose]());

interface Field {
  readonly name: string;
  readonly type: { readonly kind: string };
}

/** Fields of an input that GraphQL lets be null, without those that only say what to change. */
async function nullableFields(input: string): Promise<readonly string[]> {
  const { __type } = await f.run(
    "query($name: String!) { __type(name: $name) { inputFields { name type { kind } } } }",
    {
      name: input,
    },
  );
  return (__type.inputFields as readonly Field[])
    .filter(({ name, type }) => type.kind !== "NON_NULL" && !["id", "expectedVersion"].includes(name))
    .map(({ name }) => name)
    .sort();
}

const limit = { limit: 10, windowSeconds: 60 };
const text = { type: "string" };
const noLimits = {
  requestBodyBytesMax: 0,
  responseBodyBytesMax: 0,
  connectTimeoutMs: 0,
  firstByteTimeoutMs: 0,
  bodyIdleTimeoutMs: 0,
  concurrentRequestsMax: 0,
};

const ipRules = { allow: ["10.0.0.0/8"] };
const ownership = { owner: "Orders team", labels: ["team:orders"], metadata: { ticket: "A-1" } };
const noOwnership = { owner: "", labels: [], metadata: {} };
const headerRules = { request: [{ action: "SET", name: "X-Tenant", value: "north" }] };

/** `set`: none of it is a default. `cleared`: what null leaves; for all other fields it is REQUIRED. */
const kinds = [
  {
    name: "updateApi",
    type: "Api",
    set: {
      summary: "What it is for.",
      versionLabel: "v7",
      recoverable: true,
      bearerRequired: true,
      openapiServed: true,
      schemas: { Order: text },
      tags: [{ name: "orders" }],
      cors: { origins: ["https://app.example.com"] },
      info: { termsOfService: "https://example.com/terms" },
      ipRules,
      ...ownership,
      quota: limit,
      rateLimit: limit,
    },
    selection:
      "owner labels metadata quota { limit } rateLimit { limit } summary cors { origins } ipRules { allow } schemas tags info recording { until }",
    cleared: {
      ...noOwnership,
      quota: null,
      rateLimit: null,
      summary: "",
      cors: null,
      ipRules: { allow: [] },
      schemas: null,
      tags: [],
      info: null,
      recording: null,
    },
    create: async (set: object) => {
      const recording = { forSeconds: 3_600 };
      return (await f.api(await f.subscription(), { ...set, recording })).api.id as string;
    },
  },
  {
    name: "updateIntegration",
    type: "Integration",
    set: {
      description: "Takes orders.",
      inboundKind: "QUEUE",
      urls: ["https://orders.example/in"],
      method: "PUT",
      limits: { connectTimeoutMs: 100 },
      loadBalancing: "LEAST_REQUESTS",
      healthCheck: { path: "/health" },
      circuitBreaker: { failures: 3 },
      retry: { attemptsMax: 2 },
      forwardAuthorization: true,
      webSockets: true,
      headerRules,
      spelledHeaders: ["SOAPAction"],
      quota: limit,
      rateLimit: limit,
      requestSchema: JSON.stringify(text),
      responseSchema: JSON.stringify(text),
      requestContentTypes: ["text/plain"],
      responseContentTypes: ["text/plain"],
      examples: [{ name: "One", direction: "REQUEST", value: "1" }],
    },
    selection: `description urls limits { ${Object.keys(noLimits).join(" ")} } healthCheck { path } circuitBreaker { failures }
      retry { attemptsMax } requestSchema responseSchema requestContentTypes responseContentTypes examples { name }
      headerRules { request { name } } spelledHeaders quota { limit } rateLimit { limit }`,
    cleared: {
      description: "",
      urls: [],
      limits: noLimits,
      healthCheck: null,
      circuitBreaker: null,
      retry: { attemptsMax: 0 },
      headerRules: { request: [] },
      spelledHeaders: [],
      quota: null,
      rateLimit: null,
      requestSchema: null,
      responseSchema: null,
      requestContentTypes: [],
      responseContentTypes: [],
      examples: [],
    },
    create: async (set: object) => f.integration(await f.subscription(), { ...set }),
  },
  {
    name: "updateApiKey",
    type: "ApiKey",
    set: {
      active: true,
      mode: "WEBHOOK",
      expiresAt: "2100-01-01T00:00:00Z",
      quota: limit,
      rateLimit: limit,
      ipRules,
      scopes: [{ method: "GET", path: "/a" }],
      ...ownership,
    },
    selection:
      "owner labels metadata expiresAt quota { limit } rateLimit { limit } ipRules { allow } scopes { path }",
    cleared: {
      ...noOwnership,
      expiresAt: null,
      quota: null,
      rateLimit: null,
      ipRules: { allow: [] },
      scopes: [],
    },
    create: async (set: object) => (await f.api(await f.subscription(), { key: set })).key.id as string,
  },
  {
    name: "updateRoute",
    type: "Route",
    set: {
      operationId: "getOne",
      validate: true,
      responseValidation: "REFUSE",
      operation: { summary: "One" },
      headerRules,
      requestBodyBytesMax: 1000,
      quota: limit,
      rateLimit: limit,
    },
    selection:
      "operation headerRules { request { name } } requestBodyBytesMax quota { limit } rateLimit { limit }",
    cleared: {
      operation: null,
      headerRules: { request: [] },
      requestBodyBytesMax: 0,
      quota: null,
      rateLimit: null,
    },
    create: async (set: object) => {
      const subscriptionId = await f.subscription();
      const integrationId = await f.integration(subscriptionId);
      const routes = [{ method: "GET", path: "/orders/{id}", integrationId, ...set }];
      return (await f.api(subscriptionId, { routes })).api.routes[0].id as string;
    },
  },
];

describe("null in a change", () => {
  it.each(kinds)(
    "$name: clears what can be empty, is REQUIRED elsewhere, and never means nothing",
    async (kind) => {
      const { name, type, selection } = kind;
      const cleared: Readonly<Record<string, unknown>> = kind.cleared;
      const id = await kind.create(kind.set);
      const given = await f.run(`query($id: ID!) { node(id: $id) { ... on ${type} { ${selection} } } }`, {
        id,
      });
      const input = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
      const fields = await nullableFields(input);
      expect(fields).toEqual(expect.arrayContaining(Object.keys(cleared)));
      const payloadField = type === "ApiKey" ? "key" : type.toLowerCase();
      for (const field of fields) {
        const payload = await f.mutate(name, { id, [field]: null }, `${payloadField} { ${selection} }`);
        if (field in cleared) {
          expect(given.node[field], field).not.toEqual(cleared[field]);
          expect({ errors: payload.userErrors, value: payload[payloadField]?.[field] }, field).toEqual({
            errors: [],
            value: cleared[field],
          });
        } else
          expect(payload.userErrors, field).toMatchObject([{ code: "REQUIRED", field: ["input", field] }]);
      }
    },
  );

  it("holds for a stored route in updateApi.routes as in updateRoute; on a new one null is the default", async () => {
    const subscriptionId = await f.subscription();
    const integrationId = await f.integration(subscriptionId);
    const route = { method: "GET", path: "/orders/{id}", integrationId };
    const { set } = kinds.find(({ name }) => name === "updateRoute") as (typeof kinds)[number];
    const { api } = await f.api(subscriptionId, { routes: [{ ...route, ...set }] });
    const [{ id }] = api.routes;
    const selection = "api { routes { operationId validate responseValidation operation } }";
    const update = (...routes: readonly object[]) => f.mutate("updateApi", { id: api.id, routes }, selection);
    const nulls = { operationId: null, validate: null, responseValidation: null };
    for (const named of [{ id }, {}])
      expect((await update({ ...route, ...named, ...nulls })).userErrors).toMatchObject(
        Object.keys(nulls).map((name) => ({ code: "REQUIRED", field: ["input", "routes", "0", name] })),
      );
    const { api: changed, userErrors } = await update(
      { ...route, id, operation: null },
      { ...route, ...nulls, id: null, operation: null, path: "/new" },
    );
    expect(userErrors).toEqual([]);
    expect(changed.routes).toEqual([
      { operationId: "getOne", validate: true, responseValidation: "REFUSE", operation: null },
      { operationId: "get-new", validate: false, responseValidation: "OFF", operation: null },
    ]);
  });
});
