import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { CHECKS } from "./checks.js";

/** All that decides whether an API is refused when it is applied. */
const SOURCES = [
  "core/src/mixed-segment.ts",
  "core/src/request-path.ts",
  "core/src/route-pattern.ts",
  "core/src/spell-pattern.ts",
  "ingress/src/table/compiled-api.ts",
  "router/src/crowd.ts",
  "router/src/prefix-chains.ts",
  "proto/src/gen/latchkey/snapshot/v1/snapshot.ts",
  "snapshot/src/codec.ts",
];

// A node takes APIs unchecked that were checked by the same checks. A name that stayed when the checks changed would
// let in what they now refuse.
it("the name of the checks changes with their sources", () => {
  const hash = createHash("sha256");
  for (const source of SOURCES) hash.update(readFileSync(join(import.meta.dirname, "../../..", source)));
  expect(CHECKS, "write the expected one into checks.ts").toBe(hash.digest("hex").slice(0, 16));
});
