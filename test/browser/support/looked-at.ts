/** What is in the control plane while every view is looked at. */
import type { Dev, MadeApi } from "./dev.js";
import { poll } from "./suite.js";

const described = (summary: string, tag: string, more: object = {}) => ({
  summary,
  tags: [tag],
  responses: { 200: { description: "ok" } },
  ...more,
});

/** With notes of each kind, and an operation that is not read. */
export const sampleDocument = {
  openapi: "3.0.3",
  info: { title: "Shop", version: "1.2.0", "x-logo": "shop.png" },
  servers: [{ url: "https://shop.example/v3" }],
  paths: {
    "/orders": {
      get: described("List orders", "orders", {
        parameters: [{ name: "q", in: "query", schema: { type: "string", pattern: "(?=a)" } }],
      }),
      post: described("Place an order", "orders", { callbacks: {} }),
    },
    "/orders/{orderId}": {
      get: described(
        "Get an order with its lines, totals, addresses and everything that was shipped",
        "orders",
      ),
    },
    "/labels": { post: described("Print a label", "labels") },
    "/labels/{a}{b}": { get: described("Get a part of a label", "labels") },
  },
  security: [{ token: [] }],
  components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
};

/** Gives a route a body with a shared schema. */
const carriedDocument = {
  openapi: "3.1.0",
  info: { title: "Looked at", version: "v1" },
  tags: [{ name: "orders", description: "What customers order." }],
  paths: {
    "/orders/{orderId}": {
      put: {
        tags: ["orders"],
        requestBody: { content: { "application/json": { schema: { $ref: "#/components/schemas/Order" } } } },
        responses: { 200: { description: "The order." } },
      },
    },
  },
  components: {
    schemas: {
      Order: { type: "object", properties: { lines: { type: "array", items: { type: "string" } } } },
      Spare: { type: "string", enum: ["a", "b"] },
    },
  },
};

export async function prepare(dev: Dev): Promise<readonly [MadeApi, string]> {
  const api = await dev.makeApi("Looked at", {
    isRecoverable: true,
    routes: ["PUT /orders/{orderId} north", "GET /orders/{orderId} south", "ANY /files/{path*} north"],
  });
  await dev.mutate(
    "importOpenApi",
    { apiId: api.id, document: JSON.stringify(carriedDocument), pathPrefix: "" },
    "api { id }",
  );
  const input = {
    apiId: api.id,
    name: "Partner, test",
    mode: "WEBHOOK",
    rateLimit: { limit: 100, windowSeconds: 60 },
  };
  await dev.mutate("createApiKey", input, "key { id }");
  await makeCredentials(dev);
  await poll(() => dev.statusAt("/orders/1", { key: api.secret })).toBe(200);
  for (let i = 0; i < 40; i++)
    await dev.statusAt(i % 8 === 0 ? "/nowhere" : `/orders/${i}`, { key: api.secret });
  const { integrations } = await dev.sampleIds();
  return [api, integrations.north ?? ""];
}

/** One that an integration uses, and one that none does. */
async function makeCredentials(dev: Dev): Promise<void> {
  const { subscriptionId } = await dev.sampleIds();
  const { credential } = await dev.mutate<{ credential: { id: string } }>(
    "createCredential",
    {
      subscriptionId,
      name: "Target login",
      oauth: {
        tokenUrl: "https://login.example.com/oauth2/token",
        clientId: "orders-gateway",
        clientAuthentication: "CLIENT_SECRET_BASIC",
        scope: "orders.read",
      },
      secret: { value: "shown-nowhere" },
    },
    "credential { id }",
  );
  await dev.mutate(
    "createCredential",
    {
      subscriptionId,
      name: "Key of the warehouse",
      header: { name: "X-Api-Key" },
      secret: { value: "shown-nowhere-either" },
    },
    "credential { id }",
  );
  await dev.mutate(
    "createIntegration",
    {
      subscriptionId,
      name: "Logged in",
      urls: ["https://orders.example.com/in"],
      credentialIds: [credential.id],
    },
    "integration { id }",
  );
}

export async function sendSome(dev: Dev, api: MadeApi): Promise<void> {
  for (let i = 0; i < 40; i++)
    await dev.statusAt(i % 8 === 0 ? "/nowhere" : `/orders/${i}`, { key: api.secret });
}
