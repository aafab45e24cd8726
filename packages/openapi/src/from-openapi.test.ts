/** The head of an imported document, and how a mapping finds integrations. */
import { describe, expect, it } from "vitest";
import { fromOpenApi } from "./from-openapi.js";
import { codes, documentOf, ok } from "./import-document.cases.js";
import type { ImportOptions } from "./import-result.js";
import { toOpenApi } from "./to-openapi.js";

describe("contact, license and terms of service", () => {
  const info = {
    title: "T",
    termsOfService: "https://terms.example",
    contact: { name: "Support", url: "https://help.example", email: "help@shop.example" },
    license: { name: "MIT", identifier: "MIT" },
    version: "v1",
  };

  it("are kept and exported; 3.0 has no identifier of a license", () => {
    const { model, report } = fromOpenApi({ ...documentOf({ "/a": { get: ok } }), info });
    expect(report).toEqual([]);
    if (model === null) throw new Error("no model");
    expect(toOpenApi(model, { version: "3.1" }).info).toEqual(info);
    expect(toOpenApi(model, { version: "3.0" }).info).toEqual({ ...info, license: { name: "MIT" } });
  });

  it("are in the report where they are no texts, and what else stands there", () => {
    const odd = { ...info, contact: { name: 1, "x-team": "a" }, license: { url: "https://license.example" } };
    const result = fromOpenApi({ ...documentOf({ "/a": { get: ok } }), info: odd });
    expect(result.model?.info).toEqual({ termsOfService: info.termsOfService });
    expect(codes(result)).toEqual([
      "documentation no_counterpart /info/contact/name",
      "documentation extension.dropped /info/contact/x-team",
      "documentation no_counterpart /info/license/url",
    ]);
  });
});

describe("mapping", () => {
  const document = documentOf({
    "/a": {
      get: { operationId: "listA", tags: ["as"], summary: "A list", ...ok },
      post: { tags: ["as"], ...ok },
    },
    "/b/{id}": { get: { summary: "B", ...ok } },
    "/c": { get: ok },
  });
  const refs = (mapping: ImportOptions["mapping"]) =>
    fromOpenApi(document, mapping === undefined ? {} : { mapping }).routes.map(
      (route) => route.integrationRef,
    );

  it("goes by operation id, method and path, tag, summary, then the default", () => {
    expect(refs({ operations: { listA: "1", "GET /b/{id}": "2" }, tags: { as: "3" }, default: "4" })).toEqual(
      ["1", "3", "2", "4"],
    );
    expect(refs({ summaries: { B: "2" }, default: "4" })).toEqual(["4", "4", "2", "4"]);
    expect(refs(undefined)).toEqual([null, null, null, null]);
  });

  it("is an error where it names none", () => {
    const result = fromOpenApi(document, { mapping: { tags: { as: "3" } } });
    expect(result.ok).toBe(false);
    expect(codes(result).filter((code) => code.startsWith("error"))).toEqual([
      "error mapping.missing /paths/~1b~1{id}/get",
      "error mapping.missing /paths/~1c/get",
    ]);
  });

  it("keeps operation ids, respells those that cannot be stored, and makes those that are missing", () => {
    const ids = fromOpenApi(
      documentOf({
        "/a": {
          get: { operationId: "listAllThings", ...ok },
          post: { operationId: "List all Things", ...ok },
          put: { operationId: "listAllThings", ...ok },
        },
        "/b": { get: ok },
      }),
    ).routes.map((route) => route.operationId);
    expect(ids).toEqual(["listAllThings", "list-all-things", "post-a", "get-b"]);
  });
});
