/** The report of an import: complete, bounded, grouped. */
import { describe, expect, it } from "vitest";
import { fromOpenApi } from "./from-openapi.js";
import { codes, documentOf, ok } from "./import-document.cases.js";

describe("report", () => {
  it("names everything that an Api has no place for", () => {
    const result = fromOpenApi(
      documentOf(
        {
          "/a": {
            "x-owner": "me",
            trace: ok,
            get: {
              ...ok,
              deprecated: true,
              callbacks: { c: {} },
              security: [],
              parameters: [
                { name: "h", in: "header", schema: {} },
                { name: "d", in: "query", style: "deepObject", schema: { type: "object" } },
              ],
              requestBody: { content: { "application/json": {} } },
            },
          },
        },
        {
          servers: [{ url: "https://api.example.org" }],
          webhooks: { w: {} },
          components: { schemas: { Unused: { type: "string" } } },
        },
      ),
    );
    expect(result.ok).toBe(true);
    expect(codes(result).sort()).toEqual([
      "behavior method.unsupported /paths/~1a/trace",
      "behavior security.replaced /paths/~1a/get/security",
      "documentation extension.dropped /paths/~1a/x-owner",
      "documentation no_counterpart /paths/~1a/get/callbacks",
      "documentation no_counterpart /webhooks",
      "documentation servers.replaced /servers",
    ]);
  });

  it("has errors first, then what behaves in another way, then what the document loses", () => {
    const document = documentOf({
      "/a": { get: { ...ok, "x-lost": 1 }, trace: ok, put: { $ref: "other.json" } },
      "/b": { get: { ...ok, servers: [] }, trace: ok, put: { $ref: "other.json" } },
    });
    const severities = fromOpenApi(document).report.map(({ severity }) => severity);
    expect(severities.filter((severity, n) => severity !== severities[n - 1])).toEqual([
      "error",
      "behavior",
      "documentation",
    ]);
  });

  it("may have several notes at one pointer, each once", () => {
    const result = fromOpenApi(documentOf({ "/a/{x.y}/{z.w}": { get: ok } }));
    const pointer = "/paths/~1a~1{x.y}~1{z.w}/get";
    expect(result.report.filter((item) => item.pointer === pointer).map(({ message }) => message)).toEqual([
      'The path parameter "x.y" is named x_y.',
      'The path parameter "z.w" is named z_w.',
    ]);
  });

  it("is bounded, but never hides an error", () => {
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`x-${n}`, n]));
    const result = fromOpenApi({ ...documentOf({ "/a": { $ref: "x.json" } }), ...many }, { reportMax: 10 });
    expect(result.report[0]?.code).toBe("ref.remote");
    expect(result.report.at(-1)).toMatchObject({ code: "report.truncated" });
    expect(result.report.length).toBeLessThanOrEqual(12);
  });

  it("refuses more routes than an Api has", () => {
    const result = fromOpenApi(documentOf({ "/a": { get: ok, post: ok } }), { routesMax: 1 });
    expect(codes(result)).toContain("error routes.too_many /paths");
  });

  it("says how many operations there are, and reads no more of them than are imported", () => {
    const paths = Object.fromEntries(
      Array.from({ length: 50 }, (_, n) => [`/p${n}`, { get: ok, put: { ...ok, callbacks: {} } }]),
    );
    const { ok: isRead, report, routes } = fromOpenApi(documentOf(paths), { routesMax: 10 });
    expect([isRead, routes]).toEqual([false, []]);
    expect(report.find(({ code }) => code === "routes.too_many")?.message).toBe(
      "The document has 100 operations; at most 10 are imported as routes.",
    );
    expect(report.length).toBeLessThan(10);
  });
});
