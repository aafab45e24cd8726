/** Prism before a node finds nothing wrong with the gateway's responses, nor with requests that fit. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { readDocument } from "./documents.js";
import { checkedByPrism } from "./prism.js";

it("gives no response that the API's document does not describe", { timeout: 120_000 }, async () => {
  const dir = mkdtempSync(join(tmpdir(), "latchkey-prism-"));
  try {
    const seed = fc.readConfigureGlobal().seed ?? 0;
    const result = await checkedByPrism(readDocument("gen/fastapi-pydantic-2.json"), 60, seed, dir);
    expect(result.violations).toEqual([]);
    expect([...result.ofGateway.keys()].sort()).toEqual([
      "key.missing",
      "request.body_malformed",
      "request.media_type_unsupported",
      "request.schema_mismatch",
    ]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
