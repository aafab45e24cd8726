/** What OpenAPI has no field for: written as fields, with sentences for people, and read from the fields alone. */
import { describe, expect, it } from "vitest";
import { fromOpenApi } from "./from-openapi.js";
import { api, type Deep, document, route } from "./small-api.cases.js";

describe("what OpenAPI has no field for", () => {
  it("says on the GET where WebSockets are taken, and an import finds it again", () => {
    const integration = { name: "Live", webSockets: true };
    const model = api(
      route("ANY", "/any", { integration, operation: { description: "Both ways." } }),
      route("GET", "/live", { integration }),
      route("POST", "/live", { integration }),
    );
    const paths = document(model).paths as Deep;
    const sentence = "This route accepts WebSocket connections.";
    expect(paths["/live"]?.get?.description).toBe(sentence);
    expect(paths["/live"]?.post?.description).toBeUndefined();
    expect(paths["/any"]?.get?.description).toBe(`Both ways. ${sentence} This route accepts any method.`);
    expect(paths["/any"]?.put?.description).toBe("Both ways. This route accepts any method.");
    const imported = fromOpenApi(JSON.stringify(document(model)));
    expect(imported.report).toEqual([]);
    expect(
      imported.routes.map(({ method, path, integration: { webSockets }, operation }) => [
        method,
        path,
        webSockets,
        operation?.description,
      ]),
    ).toEqual([
      ["ANY", "/any", true, "Both ways."],
      ["GET", "/live", true, undefined],
      ["POST", "/live", undefined, undefined],
    ]);
  });

  it("says a route's own limits, and an import finds them again", () => {
    const rateLimit = { limit: 10, windowSeconds: 60, burst: 5 };
    const quota = { limit: 1000, windowSeconds: 86_400 };
    const model = api(
      route("ANY", "/any", { limits: { quota } }),
      route("POST", "/orders", {
        operation: { description: "Orders." },
        limits: { requestBodyBytesMax: 65_536, rateLimit, quota },
      }),
      route("GET", "/plain", { limits: {} }),
    );
    const paths = document(model).paths as Deep;
    expect(paths["/orders"]?.post?.description).toBe(
      "Orders. The gateway limits request bodies of this route to 65536 bytes. " +
        "The gateway's rate limit of this route is 10 requests in 60 seconds, at most 5 at once. " +
        "The gateway's quota of this route is 1000 requests in 86400 seconds.",
    );
    expect(paths["/any"]?.put?.description).toBe(
      "This route accepts any method. The gateway's quota of this route is 1000 requests in 86400 seconds.",
    );
    expect(paths["/plain"]?.get?.description).toBeUndefined();
    const imported = fromOpenApi(JSON.stringify(document(model)));
    expect(imported.report).toEqual([]);
    expect(
      imported.routes.map(({ method, limits, operation }) => [method, limits, operation?.description]),
    ).toEqual([
      ["ANY", { quota }, undefined],
      ["POST", { requestBodyBytesMax: 65_536, rateLimit, quota }, "Orders."],
      ["GET", undefined, undefined],
    ]);
  });

  it("is read by its fields: the sentences beside them are for people, and say nothing by themselves", () => {
    const model = api(
      route("ANY", "/any", { operation: { description: "All." } }),
      route("GET", "/live", {
        integration: { name: "Live", webSockets: true },
        limits: { requestBodyBytesMax: 9 },
      }),
      route("GET", "/f/{path*}"),
    );
    const text = JSON.stringify(document(model));
    const without = fromOpenApi(text.replaceAll(/,"x-latchkey-[a-z-]+":(?:\{[^}]*\}|[^,}]+)/g, ""));
    expect(new Set(without.routes.map(({ method, path }) => `${method} ${path}`))).toContain("PATCH /any");
    expect(without.routes.find(({ path }) => path === "/live")).not.toHaveProperty("limits");
    expect(without.routes.map(({ path }) => path)).toContain("/f/{path}");
    const descriptions = without.routes.map(({ operation }) => operation?.description);
    expect(descriptions).toContain("All. This route accepts any method.");
    const edited = fromOpenApi(text.replaceAll(/ ?This route accepts any method\./g, ""));
    expect(edited.routes).toContainEqual(expect.objectContaining({ method: "ANY", path: "/any" }));
  });

  it("reports fields of its own whose value nothing can be made of", () => {
    const parameter = { name: "p", in: "path", required: true, schema: {}, "x-latchkey-rest-segments": -1 };
    const get = {
      parameters: [{ ...parameter, "x-latchkey-name": "a b" }],
      responses: {},
      "x-latchkey-method": "get",
      "x-latchkey-web-sockets": "yes",
      "x-latchkey-limits": { quota: { limit: 0, windowSeconds: 1 } },
      "x-latchkey-rest-name": "",
    };
    const given = { openapi: "3.1.1", info: { title: "T", version: "1" }, paths: { "/{p}": { get } } };
    const { routes, report } = fromOpenApi(JSON.stringify(given));
    expect(routes).toMatchObject([{ method: "GET", path: "/{p}" }]);
    expect(report.map(({ pointer }) => pointer.split("/").at(-1)).sort()).toEqual([
      "x-latchkey-limits",
      "x-latchkey-method",
      "x-latchkey-name",
      "x-latchkey-rest-name",
      "x-latchkey-rest-segments",
      "x-latchkey-web-sockets",
    ]);
  });
});
