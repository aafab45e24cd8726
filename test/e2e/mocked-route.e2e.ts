/** A route whose integration is a mock: the client chooses status, example and media type through the gateway. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { CorsPolicy } from "@latchkey/core";
import { type ApiModel, mockResponse } from "@latchkey/openapi";
import { METHOD_AS_RECEIVED } from "@latchkey/snapshot";
import { aKey, anApi, anIntegration, aRoute, served } from "@latchkey/testkit";
import { expect, it } from "vitest";
import { SmallNode } from "../fault/support/small-node.js";
import { engines } from "../support/engines.js";

const PAGE = "https://app.example.com";
const cors: CorsPolicy = {
  origins: [PAGE],
  methods: [],
  headers: [],
  exposedHeaders: [],
  credentials: false,
  maxAgeSeconds: 600,
};
const order = { id: 17, state: "paid" };
const model: ApiModel = {
  title: "Orders",
  summary: "",
  version: "v1",
  serverUrl: null,
  webhook: false,
  routes: [
    {
      method: "GET",
      path: "/orders/{id}",
      operationId: "get-order",
      integration: { name: "orders" },
      operation: {
        responses: {
          200: {
            description: "The order",
            content: {
              "application/json": { examples: { paid: { value: order }, open: { value: { id: 17 } } } },
              "text/csv": { example: "17;paid" },
            },
          },
          404: {
            description: "There is none",
            content: { "application/json": { example: { error: "no order" } } },
          },
        },
      },
    },
  ],
};

it.each(engines)("responds as the client prefers, on %s", async (engine) => {
  const server = createServer((req, res) => {
    const path = (req.url ?? "/").split("?")[0] ?? "/";
    void mockResponse(model, { method: req.method ?? "GET", path, headers: req.headers }).then(
      ({ status, headers, body }) => res.writeHead(status, headers).end(body),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const mock = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const key = aKey("key_1", "api_1");
    const other = aKey("key_2", "api_2");
    await using node = await SmallNode.start(
      served(
        anIntegration("int_mock", `${mock}/orders/{id}`, { method: METHOD_AS_RECEIVED }),
        anApi("api_1", [aRoute("GET", "/orders/{id}", "int_mock")]),
        key.resource,
        // With a policy of its own, and without one.
        anApi("api_2", [aRoute("GET", "/orders/{id}", "int_mock")], { cors }),
        other.resource,
      ),
      { env: { LATCHKEY_INGRESS_ENGINE: engine } },
    );
    const get = async (headers: Readonly<Record<string, string>>) => {
      const response = await fetch(`${node.url}/orders/17`, {
        headers: { "connxio-api-key": key.secret, ...headers },
      });
      const type = response.headers.get("content-type") ?? "";
      const body = await response.text();
      return [response.status, type.startsWith("application/json") ? (JSON.parse(body) as unknown) : body];
    };
    expect(await get({})).toEqual([200, order]);
    expect(await get({ prefer: "example=open" })).toEqual([200, { id: 17 }]);
    expect(await get({ accept: "text/csv" })).toEqual([200, "17;paid"]);
    expect(await get({ prefer: "code=404" })).toEqual([404, { error: "no order" }]);
    expect((await get({ accept: "image/png" }))[0]).toBe(406);
    const allowed = async (secret: string, origin: string) => {
      const headers = { "connxio-api-key": secret, origin };
      const response = await fetch(`${node.url}/orders/17`, { headers });
      return response.headers.get("access-control-allow-origin");
    };
    expect(await allowed(key.secret, "https://any.example.com")).toBe("*");
    expect(await allowed(other.secret, PAGE)).toBe(PAGE);
    expect(await allowed(other.secret, "https://any.example.com")).toBeNull();
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
