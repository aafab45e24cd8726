import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, it } from "vitest";
import { fromOpenApi } from "./from-openapi.js";
import { packImport, unpackImport } from "./import-copy.js";

it("carries a result from a thread as it was", async () => {
  const large = readFileSync(
    createRequire(import.meta.url).resolve("@blockfrost/openapi/openapi.yaml"),
    "utf8",
  );
  for (const document of [large, '{"openapi":"3.1.0","info":{},"paths":{"/a":{"get":{}}}}', "no document"]) {
    const result = fromOpenApi(document, { mapping: { default: "x" } });
    // As a copy of objects would be.
    expect(await unpackImport(structuredClone(packImport(result)))).toEqual(structuredClone(result));
  }
}, 60_000);
