/**
 * OpenAPI documents of other people, as npm packages ship them, import with a report: 3.0 and 3.1, JSON and
 * YAML, hand-written and generated, from 9 KB to 600 KB. What is taken over survives export and import.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { emit, fromOpenApi, type ImportResult, toOpenApi } from "@latchkey/openapi";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const modules = join(import.meta.dirname, "../../../node_modules");

const documents = [
  "@figma/rest-api-spec/openapi/openapi.yaml",
  "rclone-openapi/openapi.json",
  "@ideal-postcodes/openapi/dist/openapi.json",
  "@dcl/catalyst-api-specs/lib/api.yaml",
  "@blockfrost/openapi/openapi.yaml",
  "@readme/oas-examples/3.0/json/petstore.json",
  "@readme/oas-examples/3.0/json/star-trek.json",
  "@readme/oas-examples/3.0/json/schema-circular.json",
  "@readme/oas-examples/3.0/yaml/uspto.yaml",
  "@readme/oas-examples/3.1/yaml/train-travel.yaml",
  "@readme/oas-examples/3.1/json/readme.json",
  "@readme/oas-examples/3.1/json/schema-types.json",
] as const;

const methods = ["get", "put", "post", "delete", "options", "head", "patch"];

interface Source {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

function valueAt(document: unknown, pointer: string): unknown {
  let value = document;
  for (const token of pointer.split("/").slice(1)) {
    const key = token.replace(/~1/g, "/").replace(/~0/g, "~");
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}

describe.each(documents)("%s", (file) => {
  const text = readFileSync(join(modules, file), "utf8");
  const source = (file.endsWith("json") ? JSON.parse(text) : parse(text)) as Source;
  let result: ImportResult;

  it("imports, and every operation is a route or in the report", { timeout: 60_000 }, () => {
    result = fromOpenApi(text);
    expect(result.report.filter((item) => item.severity === "error")).toEqual([]);
    expect(result.ok).toBe(true);
    const pointers = new Set([
      ...result.routes.map((route) => route.pointer),
      ...result.report
        .filter((item) => item.code === "path.unsupported" || item.code === "route.duplicate")
        .map((item) => item.pointer),
    ]);
    const operations = Object.values(source.paths).flatMap((item) =>
      methods.filter((method) => method in item),
    );
    expect(pointers.size).toBe(operations.length);
    expect(result.routes.length).toBeGreaterThan(0);
  });

  it("reports with pointers that lead to something in the document, each once", () => {
    const keys = result.report.map((item) => `${item.code} ${item.pointer} ${item.message}`);
    expect(new Set(keys).size).toBe(keys.length);
    for (const { pointer, message } of result.report) {
      expect(valueAt(source, pointer), pointer).toBeDefined();
      expect(message).not.toBe("");
    }
  });

  it.each(["3.0", "3.1"] as const)(
    "exports as %s what imports again without loss",
    { timeout: 60_000 },
    (version) => {
      const first = emit(toOpenApi(result.model!, { version }), "json");
      const again = fromOpenApi(first);
      // The version of a document of ours is v1; this one kept its own.
      expect(again.report.filter((item) => item.pointer !== "/info/version")).toEqual([]);
      expect(emit(toOpenApi(again.model!, { version }), "json")).toBe(first);
    },
  );
});

it("converts Swagger 2.0", () => {
  const text = readFileSync(join(modules, "@readme/oas-examples/2.0/json/petstore.json"), "utf8");
  const result = fromOpenApi(text);
  expect(result.ok).toBe(true);
  expect(result.routes).toHaveLength(20);
  expect(result.report).toContainEqual(expect.objectContaining({ code: "document.converted" }));
});
